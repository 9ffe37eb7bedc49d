/**
 * `deno task test`: checks, builds and tests, a stage after the other, and closes with a line of counts.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import type { Counts } from "./test/counts.ts";
import { closingLine, exitCode, sum } from "./test/counts.ts";
import { runBuild, runCheck, runFiles } from "./test/run.ts";
import type { Stage } from "./test/stages.ts";
import { filesOf, select, STAGES, testFiles } from "./test/stages.ts";

const command = new Command()
  .name("deno task test")
  .description(
    `Runs ${
      STAGES.join(", ")
    }, or the stages and the test files that are named; a part of a path is enough.`,
  )
  .arguments("[stages-or-files...:string]")
  .option("--filter <name:string>", "Only tests whose name contains this.")
  .action(async ({ filter }, ...args) => {
    const { stages, filters } = select(args);
    const files = testFiles();
    const options = filter === undefined ? {} : { filter };
    const runStage = async (stage: Stage): Promise<Counts> => {
      if (stage === "check") return await runCheck();
      if (stage === "build") return await runBuild();
      return await runFiles(stage, filesOf(stage, files, filters), options);
    };
    const counts: Counts[] = [];
    for (const stage of stages) counts.push(await runStage(stage));
    const total = sum(counts);
    console.log(`\n${closingLine(total)}`);
    Deno.exit(exitCode(total));
  });

if (import.meta.main) await command.parse(Deno.args);
