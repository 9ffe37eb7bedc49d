/**
 * How quickly sv reports and restarts: start-up is in the suite `startup`.
 *
 * @module
 */

import { built } from "../../tests/support/build.ts";
import { reference } from "../../tests/support/reference.ts";
import { FakeService } from "../../tests/sv/support/fake_service.ts";
import { BenchService } from "./support/bench_service.ts";
import { BUDGETS } from "./support/budgets.ts";
import { inTurns } from "./support/median.ts";
import type { BenchOptions, Budget, Row } from "./types.ts";

const SUITE = "sv";

/** Services in one call. */
const MANY = 500;

/** How long a service has to run so that it is restarted at once, in milliseconds, with a margin. */
const LONG = 1_200;

/** Measures sv: status of one service and of many, restart with waiting. */
export async function bench({ rounds }: BenchOptions = { rounds: 20 }): Promise<Row[]> {
  const paths = { ours: await built("sv"), reference: reference("sv") };
  return [
    ...await statusRows(paths, rounds),
    await restartRow(paths, Math.max(3, Math.ceil(rounds / 2))),
  ];
}

interface Paths {
  readonly ours: string;
  readonly reference: string | undefined;
}

async function statusRows(paths: Paths, rounds: number): Promise<Row[]> {
  const dir = await Deno.makeTempDir({ prefix: "runit-deno-bench-" });
  const services: FakeService[] = [];
  try {
    // The test holds the FIFOs, so that no supervisor takes part in what is measured.
    for (let i = 0; i < MANY; i++) {
      services.push(new FakeService(`${dir}/service-${i}`, { log: {} }));
    }
    const names = services.map(({ dir }) => dir);
    return [
      row(
        "status of a service with its log",
        "ms",
        await measure(paths, rounds, names.slice(0, 1)),
        {
          note: `median of ${rounds}; nearly all of it is the start`,
        },
      ),
      row(`status of ${MANY} services with their logs`, "ms", await measure(paths, rounds, names), {
        note: `median of ${rounds}; one call`,
      }),
    ];
  } finally {
    for (const service of services) service[Symbol.dispose]();
    await Deno.remove(dir, { recursive: true });
  }
}

type Medians = Partial<Record<keyof Paths, number>>;

async function measure(paths: Paths, rounds: number, names: string[]): Promise<Medians> {
  const call = (sv: string | undefined): (() => Promise<number>) | undefined =>
    sv === undefined ? undefined : () => timed(sv, ["status", ...names]);
  return await inTurns(rounds, { ours: call(paths.ours), reference: call(paths.reference) });
}

async function restartRow(paths: Paths, rounds: number): Promise<Row> {
  const runsv = reference("runsv");
  await using service = new BenchService(runsv ?? await built("runsv"));
  await service.start();
  const call = (sv: string | undefined): (() => Promise<number>) | undefined =>
    sv === undefined ? undefined : async () => {
      await new Promise((resolve) => setTimeout(resolve, LONG));
      const time = await timed(sv, ["-w5", "restart", service.path]);
      await service.nextStart();
      return time;
    };
  const medians = await inTurns(rounds, {
    ours: call(paths.ours),
    reference: call(paths.reference),
  });
  return row("-w5 restart", "ms", medians, {
    budget: BUDGETS.svRestart,
    note: `median of ${rounds}; runsv is ${
      runsv === undefined ? "ours" : "the reference"
    } for both`,
  });
}

function row(
  what: string,
  unit: string,
  medians: Medians,
  more: { readonly budget?: Budget; readonly note: string },
): Row {
  const { ours = NaN, reference } = medians;
  return {
    suite: SUITE,
    what,
    unit,
    ours,
    ...(reference === undefined ? {} : { reference }),
    ...more,
  };
}

/** Milliseconds from start to end of a program. */
async function timed(path: string, args: readonly string[]): Promise<number> {
  const since = performance.now();
  const { success } = await new Deno.Command(path, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn().status;
  if (!success) throw new Error(`${path} ${args[0]} failed`);
  return performance.now() - since;
}
