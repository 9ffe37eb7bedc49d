/**
 * How fast svlogd is, beside the reference, s6-log and multilog; and how soon a single line is there.
 *
 * @module
 */

import { built } from "../../tests/support/build.ts";
import { reference } from "../../tests/support/reference.ts";
import { BUDGETS } from "./support/budgets.ts";
import { type Cost, type LogRun, runLogger } from "./support/log_run.ts";
import { median } from "./support/median.ts";
import { type Peer, peer } from "./support/peers.ts";
import type { BenchOptions, Budget, Row } from "./types.ts";

const SUITE = "svlogd";
const LINES = 2_000_000;
const ROTATION = 10 * 1024 * 1024;
const KEPT = 5;

/** What is asked of a logger. */
interface Job {
  readonly what: string;
  readonly pipe: boolean;
  readonly directories: number;
  /** Options of svlogd. */
  readonly stamp?: "-t" | "-tt";
  readonly filter?: boolean;
  readonly budget?: Budget;
}

const JOBS: readonly Job[] = [
  {
    what: "file, no stamps",
    pipe: false,
    directories: 1,
    budget: { of: "reference", atLeast: 10 },
  },
  { what: "file, -t", pipe: false, directories: 1, stamp: "-t" },
  { what: "file, -tt", pipe: false, directories: 1, stamp: "-tt", budget: BUDGETS.logFile },
  { what: "file, -tt, filtered", pipe: false, directories: 1, stamp: "-tt", filter: true },
  { what: "file, -tt, three directories", pipe: false, directories: 3, stamp: "-tt" },
  { what: "pipe, no stamps", pipe: true, directories: 1 },
  { what: "pipe, -tt", pipe: true, directories: 1, stamp: "-tt", budget: BUDGETS.logPipe },
];

/** The loggers by name; those that cannot be had are left out. */
interface Loggers {
  readonly ours: string;
  readonly theirs: string | undefined;
  readonly s6: Peer | undefined;
  readonly multilog: Peer | undefined;
}

/** Measures throughput, processor time and peak memory of each job, and the latency of a line. */
export async function bench({ rounds }: BenchOptions = { rounds: 3 }): Promise<Row[]> {
  // In memory, so that it is the logger that is measured, and not the disk.
  const memory = "/dev/shm";
  const place = await exists(memory) ? { dir: memory } : {};
  const dir = await Deno.makeTempDir({ prefix: "runit-deno-bench-", ...place });
  try {
    const loggers: Loggers = {
      ours: await built("svlogd"),
      theirs: reference("svlogd"),
      s6: await peer("s6-log"),
      multilog: await peer("multilog"),
    };
    const input = `${dir}/lines`;
    const megabytes = writeLines(input) / 1e6;
    const rows: Row[] = [];
    for (const job of JOBS) {
      rows.push(...await throughput(job, loggers, { dir, input, megabytes, rounds }));
    }
    rows.push(...await latency(loggers, dir));
    return rows;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

/** Lines like those of a web server. Returns their size in bytes. */
function writeLines(path: string): number {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  let size = 0;
  for (let i = 0; i < LINES;) {
    let block = "";
    for (const end = Math.min(LINES, i + 10_000); i < end; i++) {
      const level = i % 100 === 0 ? "ERROR" : "info";
      const address = `10.${i % 256}.${(i >> 3) % 256}.${(i >> 5) % 256}`;
      block += `${level}: request ${i} from ${address} took ${i % 977} ms: /index/${
        i % 91
      }.html 200 OK\n`;
    }
    const bytes = encoder.encode(block);
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
    size += bytes.length;
  }
  return size;
}

interface Surroundings {
  readonly dir: string;
  readonly input: string;
  readonly megabytes: number;
  readonly rounds: number;
}

async function throughput(
  job: Job,
  loggers: Loggers,
  { dir, input, megabytes, rounds }: Surroundings,
): Promise<Row[]> {
  const runs = new Map<string, Omit<LogRun, "cwd" | "input" | "pipe">>();
  runs.set("ours", { command: svlogd(loggers.ours, job) });
  if (loggers.theirs !== undefined) runs.set("reference", { command: svlogd(loggers.theirs, job) });
  if (loggers.s6 !== undefined) {
    runs.set("s6-log", { command: s6Log(loggers.s6.path, job), env: loggers.s6.env });
  }
  // It has no stamps that people can read.
  if (loggers.multilog !== undefined && job.stamp !== "-tt") {
    runs.set("multilog", { command: multilog(loggers.multilog.path, job) });
  }
  runs.set("floor", { command: ["sh", "-c", "exec cat >copy"] });
  const costs = new Map<string, Cost[]>([...runs.keys()].map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of runs) {
      const cwd = `${dir}/run`;
      prepare(cwd, job);
      costs.get(name)?.push(await runLogger({ ...run, cwd, input, pipe: job.pipe }));
      await Deno.remove(cwd, { recursive: true });
    }
  }
  const of = (name: string, pick: (cost: Cost) => number): number | undefined => {
    const list = costs.get(name) ?? [];
    return list.length === 0 ? undefined : median(list.map(pick));
  };
  const peers = (pick: (cost: Cost) => number, digits: number): string =>
    ["s6-log", "multilog"].flatMap((name) => {
      const figure = of(name, pick);
      return figure === undefined ? [] : `${name} ${figure.toFixed(digits)}`;
    }).join(", ");
  const rate = ({ elapsed }: Cost): number => megabytes / elapsed;
  const make = (
    kind: string,
    unit: string,
    pick: (cost: Cost) => number,
    digits: number,
    budget?: Budget,
  ): Row => {
    const theirs = of("reference", pick);
    const floor = of("floor", pick);
    return {
      suite: SUITE,
      what: `${job.what}: ${kind}`,
      unit,
      ours: of("ours", pick) ?? NaN,
      ...(theirs === undefined ? {} : { reference: theirs }),
      ...(floor === undefined || unit === "MiB" ? {} : { floor }),
      ...(budget === undefined ? {} : { budget }),
      note: [
        `${LINES} lines, ${megabytes.toFixed(0)} MB, median of ${rounds}`,
        peers(pick, digits),
      ].filter((part) => part !== "").join("; "),
    };
  };
  return [
    make("throughput", "MB/s", rate, 0, job.budget),
    make("processor time", "s", ({ cpu }) => cpu, 2),
    make("peak memory", "MiB", ({ peak }) => peak, 1),
  ];
}

function names({ directories }: Job): string[] {
  return Array.from({ length: directories }, (_, i) => `./log${i}`);
}

/** Makes the log directories. What is not svlogd's makes its own, and ignores the config. */
function prepare(cwd: string, job: Job): void {
  const filter = job.filter ? "-*\n+*ERROR*\n" : "";
  for (const name of names(job)) {
    Deno.mkdirSync(`${cwd}/${name}`, { recursive: true });
    Deno.writeTextFileSync(`${cwd}/${name}/config`, `s${ROTATION}\nn${KEPT}\n${filter}`);
  }
}

function svlogd(path: string, job: Job): string[] {
  return [path, ...(job.stamp === undefined ? [] : [job.stamp]), ...names(job)];
}

function s6Log(path: string, job: Job): string[] {
  const stamp = job.stamp === undefined ? [] : job.stamp === "-t" ? ["t"] : ["T"];
  const filter = job.filter ? ["-", "+ERROR"] : [];
  return [path, ...filter, `n${KEPT}`, `s${ROTATION}`, ...stamp, ...names(job)];
}

function multilog(path: string, job: Job): string[] {
  const stamp = job.stamp === undefined ? [] : ["t"];
  const filter = job.filter ? ["-*", "+*ERROR*"] : [];
  return [path, ...stamp, ...filter, `n${KEPT}`, `s${ROTATION}`, ...names(job)];
}

const LATENCY_LINES = 400;

/** How long it takes from the write of a line until it is in current. */
async function latency({ ours, theirs }: Loggers, dir: string): Promise<Row[]> {
  const own = await latencies(ours, dir);
  const other = theirs === undefined ? undefined : await latencies(theirs, dir);
  const at = (list: readonly number[], share: number): number =>
    list.toSorted((a, b) => a - b)[Math.floor(list.length * share)] ?? NaN;
  return ([["median", 0.5], ["99th percentile", 0.99]] as const).map(([what, share]) => ({
    suite: SUITE,
    what: `a single line until it is in current: ${what}`,
    unit: "ms",
    ours: at(own, share),
    ...(other === undefined ? {} : { reference: at(other, share) }),
    note: `-tt, ${LATENCY_LINES} lines, one every 5 ms`,
  }));
}

async function latencies(command: string, dir: string): Promise<number[]> {
  const log = `${dir}/latency`;
  await Deno.mkdir(log);
  const child = new Deno.Command(command, { args: ["-tt", log], stdin: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  const bytes = new TextEncoder().encode("a line that comes alone\n");
  const found: number[] = [];
  const size = (): number => {
    try {
      return Deno.statSync(`${log}/current`).size;
    } catch {
      return -1;
    }
  };
  try {
    while (size() < 0) await new Promise((resolve) => setTimeout(resolve, 10));
    for (let i = 0; i < LATENCY_LINES; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const before = size();
      const since = performance.now();
      await writer.write(bytes);
      while (size() === before);
      found.push(performance.now() - since);
    }
  } finally {
    await writer.close();
    await child.status;
    await Deno.remove(log, { recursive: true });
  }
  return found;
}
