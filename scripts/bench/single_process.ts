/**
 * What many services with loggers cost, and how quickly they come: all in one process of ours, and a runsv and a svlogd each
 * with the reference.
 *
 * @module
 */

import { decodeStatus } from "../../src/service/status.ts";
import { built } from "../../tests/support/build.ts";
import { reference } from "../../tests/support/reference.ts";
import { descendants } from "../../tests/support/service.ts";
import { BUDGETS } from "./support/budgets.ts";
import { median } from "./support/median.ts";
import { activity, memory } from "./support/usage.ts";
import type { BenchOptions, Row } from "./types.ts";

const SUITE = "single_process";

const COUNTS = [1, 20, 100, 500, 1000];

/** Milliseconds after which a process has settled, threads that were idle for ten seconds gone, and those for which it is then watched. */
const SETTLE = 14_000;
const WATCH = 5_000;

/** How long a service has to run so that it is restarted at once, in milliseconds, with a margin. */
const LONG = 1_200;

const FLOODING = 50;

/** How many restarts are measured. */
const RESTARTS = 20;

const STAYS = "#!/bin/sh\nexec sleep 1000000\n";
const FLOODS = "#!/bin/sh\nexec yes 'a line of a service that floods its log at full speed'\n";
const LOGS = "#!/bin/sh\nexec 2>&1\nexec svlogd -tt ./main\n";

type Kind = "ours" | "reference";

/** What a number of services came to. */
interface Figures {
  /** Milliseconds until all run, loggers too. */
  readonly up: number;
  /** Of supervisors and loggers; MiB. */
  readonly processes: number;
  readonly proportional: number;
  readonly private: number;
  /** Of the same, a second. */
  readonly switches: number;
  readonly cpu: number;
  /** Milliseconds. */
  readonly restart: number;
}

/** Services in a temporary directory, and what supervises them. */
class Services implements AsyncDisposable {
  readonly #dir = Deno.makeTempDirSync({ prefix: "runit-deno-bench-" });
  readonly #paths: string[] = [];
  #child: Deno.ChildProcess | undefined;

  constructor(count: number, flooding: number) {
    for (let i = 0; i < count + flooding; i++) {
      const path = `${this.#dir}/services/s${i}`;
      this.#paths.push(path);
      Deno.mkdirSync(`${path}/log/main`, { recursive: true });
      Deno.writeTextFileSync(`${path}/run`, i < count ? STAYS : FLOODS, { mode: 0o755 });
      Deno.writeTextFileSync(`${path}/log/run`, LOGS, { mode: 0o755 });
    }
  }

  get #pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts, and waits until all run. Returns the milliseconds that it took. */
  async start(kind: Kind, runsvdir: string): Promise<number> {
    const tools = runsvdir.slice(0, runsvdir.lastIndexOf("/"));
    const since = performance.now();
    this.#child = new Deno.Command(runsvdir, {
      args: [...(kind === "ours" ? ["--single-process"] : []), `${this.#dir}/services`],
      env: { PATH: `${tools}:${Deno.env.get("PATH")}` },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    let waiting = this.#paths.flatMap((path) => [path, `${path}/log`]);
    while (waiting.length > 0) {
      waiting = waiting.filter((path) => status(path)?.state !== "run");
      await pause(5);
    }
    return performance.now() - since;
  }

  /** What supervises and logs, without the services themselves. */
  get overhead(): number[] {
    const services = new Set(this.#paths.map((path) => status(path)?.pid ?? 0));
    return [this.#pid, ...descendants(this.#pid).filter((pid) => !services.has(pid))];
  }

  /** Kills one service; the milliseconds until another process has its place. */
  async restart(index: number): Promise<number> {
    const path = this.#paths[index] ?? "";
    const pid = status(path)?.pid ?? 0;
    const since = performance.now();
    Deno.kill(pid, "SIGKILL");
    for (;;) {
      const now = status(path);
      if (now?.state === "run" && now.pid !== 0 && now.pid !== pid) {
        return performance.now() - since;
      }
      await pause(0);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const family = descendants(this.#pid);
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
    for (const pid of family) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended with its supervisor.
      }
    }
    await pause(300);
    await Deno.remove(this.#dir, { recursive: true });
  }
}

/** Measures services by the hundred. */
export async function bench({ rounds }: BenchOptions = { rounds: RESTARTS }): Promise<Row[]> {
  const paths = { ours: await built("runsvdir"), reference: reference("runsvdir") };
  const rows: Row[] = [];
  for (const count of COUNTS) {
    const ours = await measure("ours", paths.ours, count, rounds);
    const theirs = paths.reference === undefined
      ? undefined
      : await measure("reference", paths.reference, count, rounds);
    rows.push(...rowsOf(count, ours, theirs));
  }
  const ours = await flood("ours", paths.ours, rounds);
  const theirs = paths.reference === undefined
    ? undefined
    : await flood("reference", paths.reference, rounds);
  rows.push({
    suite: SUITE,
    what: `restart while ${FLOODING} services flood their logs`,
    unit: "ms",
    ours,
    ...(theirs === undefined ? {} : { reference: theirs }),
    note: `median of ${rounds}; the machine has fewer cores than that`,
  });
  return rows;
}

async function measure(
  kind: Kind,
  runsvdir: string,
  count: number,
  rounds: number,
): Promise<Figures> {
  await using services = new Services(count, 0);
  const up = await services.start(kind, runsvdir);
  await pause(SETTLE);
  const pids = services.overhead;
  const before = pids.map(activity);
  await pause(WATCH);
  const after = pids.map(activity);
  const sum = (name: "switches" | "cpu"): number =>
    after.reduce((total, one, i) => total + one[name] - (before[i]?.[name] ?? 0), 0) /
    (WATCH / 1000);
  const memories = pids.map(memory);
  const restarts: number[] = [];
  for (let i = 0; i < rounds; i++) {
    if (i > 0 && i % count === 0) await pause(LONG);
    restarts.push(await services.restart(i % count));
  }
  return {
    up,
    processes: pids.length,
    proportional: memories.reduce((total, one) => total + one.proportional, 0),
    private: memories.reduce((total, one) => total + one.private, 0),
    switches: sum("switches"),
    cpu: sum("cpu"),
    restart: median(restarts),
  };
}

function rowsOf(count: number, ours: Figures, theirs: Figures | undefined): Row[] {
  const row = (what: string, unit: string, name: keyof Figures): Row => ({
    suite: SUITE,
    what: `${count} services: ${what}`,
    unit,
    ours: ours[name],
    ...(theirs === undefined ? {} : { reference: theirs[name] }),
    note: "with a logger each; supervisors and loggers together, without the services",
  });
  const budgeted = count === 500;
  return [
    { ...row("until all run", "ms", "up"), ...(budgeted && { budget: BUDGETS.manyTime }) },
    row("processes", "", "processes"),
    {
      ...row("memory: PSS", "MiB", "proportional"),
      ...(budgeted && { budget: BUDGETS.manyMemory }),
    },
    row("memory: private", "MiB", "private"),
    { ...row("idle: wake-ups", "1/s", "switches"), budget: BUDGETS.idle },
    { ...row("idle: CPU time", "ms/s", "cpu"), budget: BUDGETS.idle },
    { ...row("restart after kill -9", "ms", "restart"), budget: BUDGETS.restartAfterKill },
  ];
}

async function flood(kind: Kind, runsvdir: string, rounds: number): Promise<number> {
  await using services = new Services(rounds, FLOODING);
  await services.start(kind, runsvdir);
  await pause(LONG);
  const restarts: number[] = [];
  for (let i = 0; i < rounds; i++) restarts.push(await services.restart(i));
  return median(restarts);
}

function status(path: string): ReturnType<typeof decodeStatus> {
  try {
    return decodeStatus(Deno.readFileSync(`${path}/supervise/status`));
  } catch {
    return undefined;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
