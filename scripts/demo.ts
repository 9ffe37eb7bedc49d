/**
 * `deno task demo`: supervises a real daemon for about ten seconds, and says what happens.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import { build } from "./build/build.ts";
import { freePort } from "./demo/http.ts";
import * as report from "./demo/report.ts";
import { scenario } from "./demo/scenario.ts";
import { Supervision } from "./demo/supervision.ts";
import { ROOT, statOrUndefined } from "./setup/files.ts";

/** The signals that break the demo off, and what a shell makes of each: 128 and its number. */
const INTERRUPTS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

type Interrupt = keyof typeof INTERRUPTS;

/** Options of the command line. */
interface DemoOptions {
  readonly bin?: string | undefined;
  readonly keep: boolean;
}

async function main({ bin, keep }: DemoOptions): Promise<number> {
  const aborting = new AbortController();
  try {
    const tools = bin === undefined ? await builtTools() : await Deno.realPath(bin);
    insistOnTools(tools);
    for (const interrupt of Object.keys(INTERRUPTS) as Interrupt[]) {
      Deno.addSignalListener(interrupt, () => aborting.abort(interrupt));
    }
    report.remark(`tools: ${tools}`);
    const since = performance.now();
    await demonstrate(tools, keep, aborting.signal);
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    console.log(`\nAll of it happened, in ${seconds} s.`);
    return 0;
  } catch (error) {
    if (aborting.signal.aborted) {
      report.failure(`stopped by ${aborting.signal.reason}, cleaned up`);
      return INTERRUPTS[aborting.signal.reason as Interrupt];
    }
    report.failure(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

/** Runs the steps, and cleans up. */
async function demonstrate(bin: string, keep: boolean, signal: AbortSignal): Promise<void> {
  await using supervision = await Supervision.make({ bin, keep, signal });
  await scenario(supervision, freePort());
}

/** Throws if a tool is missing: another runit's, further down the search path, must not do its work. */
function insistOnTools(dir: string): void {
  for (const tool of ["chpst", "runsv", "runsvdir", "sv", "svlogd"]) {
    if (!statOrUndefined(`${dir}/${tool}`)?.isFile) throw new Error(`${dir} lacks ${tool}`);
  }
}

/** Compiles what is stale. Returns the folder of the tools. */
async function builtTools(): Promise<string> {
  report.remark("compiling what has changed …");
  await build();
  return `${ROOT}/dist/bin`;
}

const command = new Command()
  .name("deno task demo")
  .description("Supervises a real daemon for about ten seconds, and says what happens.")
  .option("--bin <dir:file>", "Take the tools from this folder, such as that of another runit.")
  .option("--keep", "Leave the directory of the services in place.")
  .action(async ({ bin, keep }) => {
    Deno.exit(await main({ bin, keep: keep === true }));
  });

if (import.meta.main) await command.parse(Deno.args);
