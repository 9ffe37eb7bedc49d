/**
 * What chpst costs: its start, and what it adds to a run script that ends in `exec chpst`.
 *
 * @module
 */

import { join } from "@std/path/join";
import { built } from "../../tests/support/build.ts";
import { reference } from "../../tests/support/reference.ts";
import { compile } from "../build/compile.ts";
import { hostTarget } from "../build/target.ts";
import { findBase } from "../setup/base.ts";
import type { BenchOptions, Row } from "./types.ts";

const SUITE = "chpst";

/** A command, and how long it took each time, in milliseconds. */
interface Timed {
  readonly command: readonly [string, ...string[]];
  readonly times: number[];
}

/**
 * Measures chpst. The commands take turns, so that a busy moment of the machine is everybody's.
 *
 * @returns The start over that of a compiled hello world, and the time added to run scripts.
 */
export async function bench({ rounds }: BenchOptions = { rounds: 40 }): Promise<Row[]> {
  const dir = await Deno.makeTempDir({ prefix: "runit-deno-bench-" });
  try {
    const ours = await built("chpst");
    const theirs = reference("chpst");
    const hello = await helloWorld(dir);
    Deno.mkdirSync(join(dir, "env"));
    Deno.writeTextFileSync(join(dir, "env", "A"), "1\n");
    const script = (chpst: string, options: string) =>
      time("/bin/sh", "-c", `cd ${dir} && exec ${chpst} ${options} true`);
    const asRoot = Deno.uid() === 0 ? "-u nobody:adm -U nobody " : "";
    const options = `-P -e env ${asRoot}-o 100 -c 0 -L lock`;
    // A lock that any user may take.
    Deno.writeTextFileSync(join(dir, "lock"), "");
    Deno.chmodSync(join(dir, "lock"), 0o666);
    Deno.chmodSync(dir, 0o755);
    const floor = time(hello);
    const bare = time("/bin/sh", "-c", `cd ${dir} && exec true`);
    const plain = [script(ours, ""), theirs && script(theirs, "")] as const;
    const full = [script(ours, options), theirs && script(theirs, options)] as const;
    const start = time(ours, "/bin/true");
    const all = [floor, bare, start, ...plain, ...full].filter((one) => typeof one === "object");
    for (let round = 0; round < rounds; round++) all.forEach(once);
    const note = `median of ${rounds}`;
    const added = (what: string, [mine, other]: typeof plain): Row => ({
      suite: SUITE,
      what,
      unit: "ms",
      ours: median(mine) - median(bare),
      ...(typeof other === "object" ? { reference: median(other) - median(bare) } : {}),
      note,
    });
    return [
      {
        suite: SUITE,
        what: "chpst true, from start to end",
        unit: "ms",
        ours: median(start),
        floor: median(floor),
        budget: { of: "floor", atMost: 10 },
        note: `${note}; the floor is a compiled hello world`,
      },
      added("added to a run script by exec chpst", plain),
      added(`added by exec chpst ${options}`, full),
    ];
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function helloWorld(dir: string): Promise<string> {
  const entry = join(dir, "hello.ts");
  Deno.writeTextFileSync(entry, "Deno.exit(0);\n");
  const target = hostTarget();
  return await compile({ name: "hello", entry, target, base: await findBase(target), dir });
}

function time(...command: [string, ...string[]]): Timed {
  return { command, times: [] };
}

function once({ command: [path, ...args], times }: Timed): void {
  const command = new Deno.Command(path, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  });
  const since = performance.now();
  const { success } = command.outputSync();
  times.push(performance.now() - since);
  if (!success) throw new Error(`${[path, ...args].join(" ")} failed`);
}

function median({ times }: Timed): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;
}
