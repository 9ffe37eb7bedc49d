/**
 * How quickly runsvdir has services up, sees new ones and misses removed ones, and what it takes meanwhile.
 *
 * @module
 */

import { built } from "../../tests/support/build.ts";
import { reference } from "../../tests/support/reference.ts";
import { BenchDirectory } from "./support/bench_directory.ts";
import { BUDGETS } from "./support/budgets.ts";
import { inTurns, median } from "./support/median.ts";
import { activity, hasProc, memory } from "./support/usage.ts";
import type { BenchOptions, Row } from "./types.ts";

const SUITE = "runsvdir";

/** How many services are to be had up. */
const COUNTS = [1, 100, 500];

/** How many of our runsv there are at most: each is a process of its own, with 13 MiB of its own. */
const OURS_AT_MOST = 100;

/** For how long a directory is watched doing nothing, in milliseconds. */
const IDLE = 20_000;

/** How long it is left alone before. */
const SETTLE = 3_000;

type Kind = "ours" | "reference";

/** The programs of one make. */
interface Tools {
  readonly runsvdir: string;
  readonly runsv: string;
}

/** Measures runsvdir: start, pick-up, removal, idling, memory. */
export async function bench({ rounds }: BenchOptions = { rounds: 5 }): Promise<Row[]> {
  const runsvdir = await built("runsvdir");
  const runsv = await built("runsv");
  const theirs = { runsvdir: reference("runsvdir"), runsv: reference("runsv") };
  const tools: Partial<Record<Kind, Tools>> = { ours: { runsvdir, runsv } };
  if (theirs.runsvdir !== undefined && theirs.runsv !== undefined) {
    tools.reference = { runsvdir: theirs.runsvdir, runsv: theirs.runsv };
  }
  const rows: Row[] = [];
  for (const services of COUNTS) {
    if (services <= OURS_AT_MOST) {
      rows.push(await upRow("until", tools, services, rounds));
    }
    if (theirs.runsv !== undefined) {
      const same = Object.fromEntries(
        Object.entries(tools).map(([kind, own]) => [kind, { ...own, runsv: theirs.runsv ?? "" }]),
      );
      rows.push(await upRow("with the C runsv under both, until", same, services, rounds));
    }
  }
  rows.push(...await changeRows(tools, rounds));
  if (hasProc()) rows.push(...await idleRows(tools));
  return rows;
}

async function upRow(
  what: string,
  tools: Partial<Record<Kind, Tools>>,
  services: number,
  rounds: number,
): Promise<Row> {
  const measure = (own: Tools | undefined): (() => Promise<number>) | undefined =>
    own === undefined ? undefined : async () => {
      await using directory = new BenchDirectory({ ...own, services });
      const since = performance.now();
      await directory.start();
      return performance.now() - since;
    };
  const times = Math.max(1, Math.min(rounds, Math.ceil(500 / services)));
  const medians = await inTurns(times, {
    ours: measure(tools.ours),
    reference: measure(tools.reference),
  });
  return {
    suite: SUITE,
    what: `${what} ${services} ${services === 1 ? "service runs" : "services run"}`,
    unit: "ms",
    ...medians,
    ours: medians.ours ?? NaN,
    note: `median of ${times}; without loggers`,
  };
}

/** The time until a service that is moved in runs, and until one that is moved out has ended. */
async function changeRows(
  tools: Partial<Record<Kind, Tools>>,
  rounds: number,
): Promise<Row[]> {
  const figures: Record<"pickUp" | "removal", Partial<Record<Kind, number>>> = {
    pickUp: {},
    removal: {},
  };
  for (const kind of ["ours", "reference"] as const) {
    const own = tools[kind];
    if (own === undefined) continue;
    await using directory = new BenchDirectory({ ...own, services: 1 });
    await directory.start();
    const pickUps: number[] = [];
    const removals: number[] = [];
    for (let round = 0; round < rounds; round++) {
      // At no fixed point of the seconds that the reference sleeps for.
      await pause(200 + Math.random() * 1000);
      const { name, took } = await directory.add();
      pickUps.push(took);
      await pause(200 + Math.random() * 1000);
      removals.push(await directory.remove(name));
    }
    figures.pickUp[kind] = median(pickUps);
    figures.removal[kind] = median(removals);
  }
  const { pickUp, removal } = figures;
  const note = `median of ${rounds}; another service is up`;
  return [
    {
      suite: SUITE,
      what: "a new service directory: until its ./run runs",
      unit: "ms",
      ...pickUp,
      ours: pickUp.ours ?? NaN,
      budget: BUDGETS.pickUp,
      note,
    },
    {
      suite: SUITE,
      what: "a removed service directory: until its ./run is dead and ./finish runs",
      unit: "ms",
      ...removal,
      ours: removal.ours ?? NaN,
      budget: BUDGETS.pickUp,
      note,
    },
  ];
}

/** What runsvdir itself takes while ten services run and nothing happens. */
async function idleRows(tools: Partial<Record<Kind, Tools>>): Promise<Row[]> {
  const names = ["switches", "cpu", "private", "proportional"] as const;
  const figures: Partial<Record<Kind, Record<typeof names[number], number>>> = {};
  for (const kind of ["ours", "reference"] as const) {
    const own = tools[kind];
    if (own === undefined) continue;
    await using directory = new BenchDirectory({ ...own, services: 10 });
    await directory.start();
    await pause(SETTLE);
    const before = activity(directory.pid);
    await pause(IDLE);
    const after = activity(directory.pid);
    const seconds = IDLE / 1000;
    figures[kind] = {
      switches: (after.switches - before.switches) / seconds,
      cpu: (after.cpu - before.cpu) / seconds,
      private: memory(directory.pid).private,
      proportional: memory(directory.pid).proportional,
    };
  }
  const row = (what: string, unit: string, name: typeof names[number]): Row => ({
    suite: SUITE,
    what,
    unit,
    ours: figures.ours?.[name] ?? NaN,
    ...(figures.reference === undefined ? {} : { reference: figures.reference[name] }),
    note: "runsvdir itself, with ten services",
  });
  return [
    { ...row("idle: wake-ups", "1/s", "switches"), budget: BUDGETS.idle },
    { ...row("idle: CPU time", "ms/s", "cpu"), budget: BUDGETS.idle },
    row("memory: private", "MiB", "private"),
    row("memory: PSS", "MiB", "proportional"),
  ];
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
