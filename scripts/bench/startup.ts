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
    const programs = new Map([["floor", hello]]);
    for (const tool of tools) {
      programs.set(`ours ${tool}`, await built(tool));
      const theirs = reference(tool);
      if (theirs !== undefined) programs.set(`reference ${tool}`, theirs);
    }
    const elapsed = await inTurns(rounds, mapped(programs, elapsedTime));
    const processor = await inTurns(rounds, mapped(programs, processorTime));
    return [
      ...tools.map((tool) => row(tool, "elapsed", elapsed, rounds)),
      ...tools.map((tool) => row(tool, "processor time", processor, rounds)),
    ];
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

type Medians = Readonly<Partial<Record<string, number>>>;

function row(tool: string, kind: string, medians: Medians, rounds: number): Row {
  const reference = medians[`reference ${tool}`];
  return {
    suite: SUITE,
    what: `${tool}, ${kind}`,
    unit: "ms",
    ours: medians[`ours ${tool}`] ?? NaN,
    ...(reference === undefined ? {} : { reference }),
    floor: medians["floor"] ?? NaN,
    ...(NOT_STRICT.includes(tool) ? {} : { budget: BUDGETS.start }),
    note: `no arguments; the floor is a compiled hello world; median of ${rounds}, all in turns`,
  };
}

function mapped(
  programs: ReadonlyMap<string, string>,
  measure: (path: string) => () => Promise<number>,
): Record<string, () => Promise<number>> {
  return Object.fromEntries([...programs].map(([key, path]) => [key, measure(path)]));
}

/** Returns what measures the milliseconds from start to end of a program. */
function elapsedTime(path: string): () => Promise<number> {
  const command = new Deno.Command(path, { stdin: "null", stdout: "null", stderr: "null" });
  return async () => {
    const since = performance.now();
    await command.spawn().status;
    return performance.now() - since;
  };
}

/**
 * Returns what measures the milliseconds that a program has spent on a processor, system calls included: the steadier
 * figure where others use the machine. The shell asks the kernel for it.
 */
function processorTime(path: string): () => Promise<number> {
  const line = `TIMEFORMAT='%3U %3S'; time "$0" </dev/null >/dev/null 2>&1`;
  const command = new Deno.Command("bash", { args: ["-c", line, path], stdin: "null" });
  return async () => {
    const { stderr } = await command.output();
    const [user = NaN, system = NaN] = new TextDecoder().decode(stderr).split(" ").map(Number);
    return (user + system) * 1000;
  };
}
