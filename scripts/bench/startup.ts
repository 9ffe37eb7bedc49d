/**
 * How long each tool takes from its start to its end when it has nothing to do: it is called without arguments, which is
 * wrong usage for all of them, or not process 1.
 *
 * @module
 */

import { built } from "../../tests/support/build.ts";
import { reference } from "../../tests/support/reference.ts";
import { existingTools } from "../build/tools.ts";
import { BUDGETS } from "./support/budgets.ts";
import { compileHello } from "./support/floor.ts";
import { inTurns } from "./support/median.ts";
import type { BenchOptions, Row } from "./types.ts";

const SUITE = "startup";

/** Has no budget: what it shows to people costs what it costs. */
const NOT_STRICT = ["svctl"];

/** Measures the start of every tool that exists, over a hello world compiled the same way. */
export async function bench({ rounds }: BenchOptions = { rounds: 30 }): Promise<Row[]> {
  const dir = await Deno.makeTempDir({ prefix: "runit-deno-bench-" });
  try {
    const hello = await compileHello(dir);
    const tools = existingTools();
    const measures: Record<string, (() => Promise<number>) | undefined> = {};
    measures["floor"] = startToEnd(hello);
    for (const tool of tools) {
      const theirs = reference(tool);
      measures[`ours ${tool}`] = startToEnd(await built(tool));
      measures[`reference ${tool}`] = theirs === undefined ? undefined : startToEnd(theirs);
    }
    const medians = await inTurns(rounds, measures);
    return tools.map((tool) => row(tool, medians, rounds));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function row(
  tool: string,
  medians: Readonly<Partial<Record<string, number>>>,
  rounds: number,
): Row {
  const reference = medians[`reference ${tool}`];
  return {
    suite: SUITE,
    what: tool,
    unit: "ms",
    ours: medians[`ours ${tool}`] ?? NaN,
    ...(reference === undefined ? {} : { reference }),
    floor: medians["floor"] ?? NaN,
    ...(NOT_STRICT.includes(tool) ? {} : { budget: BUDGETS.start }),
    note: `no arguments; the floor is a compiled hello world; median of ${rounds}, all in turns`,
  };
}

/** Returns what measures the milliseconds from start to end of a program. */
function startToEnd(path: string): () => Promise<number> {
  const command = new Deno.Command(path, { stdin: "null", stdout: "null", stderr: "null" });
  return async () => {
    const since = performance.now();
    await command.spawn().status;
    return performance.now() - since;
  };
}
