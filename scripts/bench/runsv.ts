/**
 * How quickly runsv starts and restarts a service, and what memory it takes.
 *
 * @module
 */

import { built } from "../../tests/support/build.ts";
import { reference } from "../../tests/support/reference.ts";
import { BenchService } from "./support/bench_service.ts";
import { BUDGETS } from "./support/budgets.ts";
import { inTurns, median } from "./support/median.ts";
import { hasProc, memory } from "./support/usage.ts";
import type { BenchOptions, Row } from "./types.ts";

const SUITE = "runsv";

/** How many supervisors of each kind are there at once: some, so that a median can be taken of them. */
const SERVICES = 8;

/** How long a service has to run so that it is restarted at once, in milliseconds, with a margin. */
const LONG = 1_200;

type Kind = "ours" | "reference";

/** Supervisors, each with a service that runs. */
class Supervisors implements AsyncDisposable {
  readonly members: { readonly kind: Kind; readonly service: BenchService; pid: number }[] = [];

  /** Adds a supervisor, and waits until its service runs. */
  async add(kind: Kind, runsv: string): Promise<void> {
    const service = new BenchService(runsv);
    const member = { kind, service, pid: 0 };
    this.members.push(member);
    member.pid = await service.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map(({ service }) => service[Symbol.asyncDispose]()));
  }
}

/** Measures runsv: start, restart, memory. */
export async function bench({ rounds }: BenchOptions = { rounds: 10 }): Promise<Row[]> {
  const paths = { ours: await built("runsv"), reference: reference("runsv") };
  const rows = [await startRow(paths, rounds)];
  await using supervisors = new Supervisors();
  for (let i = 0; i < SERVICES; i++) {
    for (const kind of ["ours", "reference"] as const) {
      const path = paths[kind];
      if (path !== undefined) await supervisors.add(kind, path);
    }
  }
  rows.push(await restartRow(supervisors, rounds));
  if (hasProc()) rows.push(...memoryRows(supervisors));
  return rows;
}

async function startRow(
  paths: Readonly<Record<Kind, string | undefined>>,
  rounds: number,
): Promise<Row> {
  const start = (path: string | undefined): (() => Promise<number>) | undefined =>
    path === undefined ? undefined : async () => {
      await using service = new BenchService(path);
      const since = performance.now();
      await service.start();
      return performance.now() - since;
    };
  const medians = await inTurns(rounds, {
    ours: start(paths.ours),
    reference: start(paths.reference),
  });
  return {
    suite: SUITE,
    what: "from its start until ./run runs",
    unit: "ms",
    ...withOurs(medians),
    note: `median of ${rounds}`,
  };
}

/** Kills each service in turn, after it has run long, and waits for its next start. */
async function restartRow({ members }: Supervisors, rounds: number): Promise<Row> {
  const times: Record<Kind, number[]> = { ours: [], reference: [] };
  for (let round = 0; round < rounds; round++) {
    await pause(LONG);
    for (const one of members) {
      const since = performance.now();
      Deno.kill(one.pid, "SIGKILL");
      one.pid = await one.service.nextStart();
      times[one.kind].push(performance.now() - since);
    }
  }
  return {
    suite: SUITE,
    what: "restart after kill -9 of a service that ran long",
    unit: "ms",
    ...medians(times),
    budget: BUDGETS.restartAfterKill,
    note: `until a line of its ./run, a shell script, arrives; median of ${times.ours.length}`,
  };
}

function memoryRows({ members }: Supervisors): Row[] {
  const found = members.map(({ kind, service }) => ({ kind, ...memory(service.pid) }));
  const note = `median of ${SERVICES} processes that run at once`;
  const row = (what: string, field: "resident" | "private" | "proportional"): Row => {
    const figures: Record<Kind, number[]> = { ours: [], reference: [] };
    for (const one of found) figures[one.kind].push(one[field]);
    return { suite: SUITE, what, unit: "MiB", ...medians(figures), note };
  };
  return [
    row("memory: resident", "resident"),
    row("memory: private", "private"),
    row("memory: PSS", "proportional"),
  ];
}

function medians(figures: Readonly<Record<Kind, readonly number[]>>): {
  ours: number;
  reference?: number;
} {
  const ours = median(figures.ours);
  return figures.reference.length === 0 ? { ours } : { ours, reference: median(figures.reference) };
}

function withOurs(medians: { ours?: number; reference?: number }): {
  ours: number;
  reference?: number;
} {
  return { ...medians, ours: medians.ours ?? NaN };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
