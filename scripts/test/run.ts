/**
 * Runs one stage and counts what came of it.
 *
 * @module
 */

import { build } from "../build/build.ts";
import { existingTools } from "../build/tools.ts";
import { removeIfPresent } from "../setup/files.ts";
import type { Counts } from "./counts.ts";
import { countReport, NONE, sum } from "./counts.ts";
import { deno } from "./deno.ts";
import type { FileStage } from "./stages.ts";
import { FILE_STAGES } from "./stages.ts";

const PASSED: Counts = { ...NONE, passed: 1 };
const FAILED: Counts = { ...NONE, failed: 1 };

const CHECK_LIMIT_S = 300;

/** Prints the heading of a stage. */
function heading(title: string): void {
  console.log(`\n== ${title}`);
}

function report(what: string, since: number, ok: boolean): Counts {
  console.log(`${what} ... ${ok ? "ok" : "FAILED"} (${Math.round(performance.now() - since)} ms)`);
  return ok ? PASSED : FAILED;
}

/** Formatting, lint and types; each counts as a test, and prints what it has to say only if it fails. */
export async function runCheck(): Promise<Counts> {
  heading("check");
  const commands = { format: ["fmt", "--check"], lint: ["lint"], types: ["check", "--quiet"] };
  const counts: Counts[] = [];
  for (const [what, args] of Object.entries(commands)) {
    const since = performance.now();
    const { success, output } = await deno(args, {
      limit: CHECK_LIMIT_S,
      capture: true,
    });
    if (!success) console.log(output);
    counts.push(report(what, since, success));
  }
  return sum(counts);
}

/** Compiles what is stale; each executable counts as a test. */
export async function runBuild(): Promise<Counts> {
  heading("build");
  const counts: Counts[] = [];
  for (const multicall of [false, true]) {
    const since = performance.now();
    if (existingTools().length === 0) continue;
    try {
      for (const { name } of await build({ multicall })) counts.push(report(name, since, true));
    } catch (error) {
      console.log(error instanceof Error ? error.message : error);
      counts.push(report(multicall ? "multicall" : "tools", since, false));
    }
  }
  return sum(counts);
}

/** Options for {@linkcode runFiles}. */
export interface RunFilesOptions {
  /** Only tests whose name contains this, or matches it if it is written as `/…/`. */
  readonly filter?: string;
}

/** Runs test files. When a run breaks off without a report, its files are run again one at a time, to tell which it was. */
export async function runFiles(
  stage: FileStage,
  files: readonly string[],
  options: RunFilesOptions = {},
): Promise<Counts> {
  const { title, limit } = FILE_STAGES[stage];
  heading(title);
  if (files.length === 0) {
    console.log("no files");
    return NONE;
  }
  const deadline = performance.now() + limit * 1000;
  const together = await runTogether(stage, files, deadline, options);
  if (together !== undefined) return together;
  if (files.length === 1 || performance.now() > deadline) return FAILED;
  console.log("\nthe run broke off; each file by itself:");
  const counts: Counts[] = [];
  for (const file of files) {
    counts.push(await runTogether(stage, [file], deadline, options) ?? FAILED);
  }
  return sum(counts);
}

/** Runs files in one `deno test`. Returns undefined if it left no report. */
async function runTogether(
  stage: FileStage,
  files: readonly string[],
  deadline: number,
  options: RunFilesOptions,
): Promise<Counts | undefined> {
  const { title, limit } = FILE_STAGES[stage];
  const junit = Deno.makeTempFileSync({ prefix: "runit-deno-", suffix: ".xml" });
  try {
    const { success, timedOut } = await deno([
      "test",
      "--quiet",
      "--allow-all",
      "--no-check",
      `--junit-path=${junit}`,
      "--parallel",
      ...(options.filter === undefined ? [] : [`--filter=${options.filter}`]),
      ...files,
    ], { limit: Math.max(1, (deadline - performance.now()) / 1000) });
    if (timedOut) console.log(`stopped: ${title} took over ${limit} s`);
    const report = Deno.readTextFileSync(junit);
    return report === "" ? undefined : countReport(report, success);
  } finally {
    removeIfPresent(junit);
  }
}
