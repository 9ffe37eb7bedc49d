/**
 * `deno task build`: compiles the tools into executables.
 *
 * @module
 */

import { Command, EnumType } from "@cliffy/command";
import { Table } from "@cliffy/table";
import { build, outputDir } from "./build/build.ts";
import type { BuildOptions, Built } from "./build/build.ts";
import { existingTools } from "./build/tools.ts";
import { TARGETS } from "./build/target.ts";

function printTable(built: readonly Built[]): void {
  new Table()
    .header(["tool", "", "MB", "base", "sha256"])
    .body(built.map(({ name, fresh, record }) => [
      name,
      fresh ? "built" : "up to date",
      (record.size / 1e6).toFixed(1),
      record.baseKind,
      record.sha256,
    ]))
    .padding(2)
    .render();
}

const command = new Command()
  .name("deno task build")
  .description("Compiles the tools into executables, each where its sources have changed.")
  .arguments("[tools...:string]")
  .type("target", new EnumType(TARGETS))
  .option("--multicall", "One executable for all tools, and a link for each.")
  .option("--target <target:target>", "What to build for, this machine if not given.")
  .option("--release", "Refuse any base but Deno's own download.")
  .option("--out <dir:file>", "Where to put the folder of the target.", { default: "dist" })
  .action(async ({ multicall, target, release, out }, ...tools) => {
    const options: BuildOptions = {
      tools,
      multicall: multicall === true,
      release: release === true,
      out: await absolute(out),
      ...(target === undefined ? {} : { target }),
    };
    if (existingTools().length === 0) {
      console.log("nothing to build: cmd/ holds no tool");
      return;
    }
    try {
      printTable(await build(options));
      console.log(`in ${outputDir(options)}`);
    } catch (error) {
      console.error(`build: ${error instanceof Error ? error.message : error}`);
      Deno.exit(1);
    }
  });

/** The path of `dir`, which is made if it is missing. */
async function absolute(dir: string): Promise<string> {
  await Deno.mkdir(dir, { recursive: true });
  return await Deno.realPath(dir);
}

if (import.meta.main) await command.parse(Deno.args);
