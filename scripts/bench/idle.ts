/**
 * What supervision costs while nothing happens: runsvdir, over some services, each with its runsv and svlogd.
 *
 * @module
 */

import { join } from "@std/path/join";
import { built } from "../../tests/support/build.ts";
import { reference } from "../../tests/support/reference.ts";
import { processesIn, signalIfAlive } from "../demo/processes.ts";
import { BUDGETS } from "./support/budgets.ts";
import { median } from "./support/median.ts";
import { type Activity, activity, hasProc } from "./support/usage.ts";
import type { Row } from "./types.ts";

const SUITE = "idle";

const SERVICES = 4;

/** How long they have to come to rest, in seconds: runit looks at new directories for a while. */
const SETTLE_S = 8;

/** How long is watched, in seconds. */
const WATCH_S = 20;

const TOOLS = ["runsvdir", "runsv", "svlogd"] as const;

type Tool = typeof TOOLS[number];

/** What the processes of one tool do in a second, in the middle. */
type Rates = Readonly<Record<Tool, Activity>>;

/** Measures wake-ups and time on a processor of idle supervisors. Nothing is taken in turns: both idle at once. */
export async function bench(): Promise<Row[]> {
  if (!hasProc()) return [];
  const bin = join(await built("runsvdir"), "..");
  for (const tool of TOOLS) await built(tool);
  const referencePath = reference("runsvdir");
  await using ours = await Tree.make(bin);
  await using theirs = referencePath === undefined
    ? undefined
    : await Tree.make(join(referencePath, ".."));
  await pause(SETTLE_S);
  const [our, their] = await Promise.all([ours.rates(), theirs ? theirs.rates() : undefined]);
  const note = `all threads, over ${WATCH_S} s; of runsv and svlogd the median of ${SERVICES}; ` +
    "runsvdir hears of what happens in the directories above its own, here that for temporary files";
  const row = (tool: Tool, what: string, unit: string, field: keyof Activity): Row => ({
    suite: SUITE,
    what: `${tool}: ${what}`,
    unit,
    ours: our[tool][field],
    ...(their === undefined ? {} : { reference: their[tool][field] }),
    // Once a minute runsvdir looks for what no event tells.
    ...(tool === "runsvdir" ? {} : { budget: BUDGETS.idle }),
    note,
  });
  return TOOLS.flatMap((tool) => [
    row(tool, "wake-ups", "/s", "switches"),
    row(tool, "time on a processor", "ms/s", "cpu"),
  ]);
}

/** A runsvdir and all below it, gone at the end of the `await using` block. */
class Tree implements AsyncDisposable {
  readonly #dir: string;
  readonly #runsvdir: Deno.ChildProcess;

  private constructor(dir: string, runsvdir: Deno.ChildProcess) {
    this.#dir = dir;
    this.#runsvdir = runsvdir;
  }

  /** @param bin The folder of the tools. */
  static async make(bin: string): Promise<Tree> {
    const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "runit-deno-bench-" }));
    for (let i = 0; i < SERVICES; i++) {
      const log = join(dir, `service-${i}`, "log");
      await Deno.mkdir(join(log, "main"), { recursive: true });
      await script(join(log, "..", "run"), "exec sleep 86400");
      await script(join(log, "run"), "exec svlogd -tt ./main");
    }
    const runsvdir = new Deno.Command(join(bin, "runsvdir"), {
      args: [dir],
      env: { PATH: `${bin}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}` },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return new Tree(dir, runsvdir);
  }

  /** What its processes do in a second, from now on for a while. */
  async rates(): Promise<Rates> {
    const members = await this.#members();
    const before = members.map(({ pid }) => activity(pid));
    await pause(WATCH_S);
    const rates = members.map(({ tool, pid }, i) => {
      const now = activity(pid);
      const { switches, cpu } = before[i] ?? now;
      return {
        tool,
        switches: (now.switches - switches) / WATCH_S,
        cpu: (now.cpu - cpu) / WATCH_S,
      };
    });
    const middle = (tool: Tool): Activity => {
      const own = rates.filter((rate) => rate.tool === tool);
      return {
        switches: median(own.map(({ switches }) => switches)),
        cpu: median(own.map(({ cpu }) => cpu)),
      };
    };
    return { runsvdir: middle("runsvdir"), runsv: middle("runsv"), svlogd: middle("svlogd") };
  }

  async #members(): Promise<{ tool: Tool; pid: number }[]> {
    const found: { tool: Tool; pid: number }[] = [
      { tool: "runsvdir", pid: this.#runsvdir.pid },
    ];
    for (const pid of await processesIn(this.#dir)) {
      const name = Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
      if (name === "runsv" || name === "svlogd") found.push({ tool: name, pid });
    }
    for (const tool of ["runsv", "svlogd"]) {
      const count = found.filter((one) => one.tool === tool).length;
      if (count !== SERVICES) throw new Error(`${count} of ${SERVICES} ${tool} run`);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#runsvdir.kill("SIGHUP");
    await this.#runsvdir.status;
    for (let tries = 0; (await processesIn(this.#dir)).length > 0; tries++) {
      if (tries > 50) {
        for (const pid of await processesIn(this.#dir)) signalIfAlive(pid, "SIGKILL");
      }
      await pause(0.1);
    }
    await Deno.remove(this.#dir, { recursive: true });
  }
}

async function script(path: string, command: string): Promise<void> {
  await Deno.writeTextFile(path, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
