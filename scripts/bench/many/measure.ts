/**
 * What a number of quiet services costs under one make.
 *
 * @module
 */

import { again, median } from "../support/median.ts";
import { activity, kernelMemory, memory } from "../support/usage.ts";
import { type Make, pause } from "./make.ts";
import { Tree } from "./tree.ts";

/** How long a service has to run so that it is started again at once, in milliseconds, with a margin. */
export const LONG = 1_100;

/** Milliseconds of latencies in all after which it is enough: some makes take a second for each. */
export const PATIENCE = 5_000;

/** What is measured, in the order of the tables. */
export const FIGURES = {
  running: { what: "until all services run", unit: "ms" },
  logging: { what: "until all run, loggers too", unit: "ms" },
  processes: { what: "processes", unit: "" },
  proportional: { what: "memory: PSS", unit: "MiB" },
  private: { what: "memory: private", unit: "MiB" },
  kernel: { what: "memory: page tables and kernel stacks", unit: "MiB" },
  switches: { what: "idle: wake-ups", unit: "1/s" },
  cpu: { what: "idle: CPU time", unit: "ms/s" },
  restart: { what: "restart after kill -9", unit: "ms" },
  status: { what: "state of all, asked for once", unit: "ms" },
} as const;

/** One of {@linkcode FIGURES}. */
export type FigureName = keyof typeof FIGURES;

/** What a number of services came to under one make. */
export type Figures = Readonly<Record<FigureName, number>>;

/** How much is measured. */
export interface Extent {
  /** How many starts. */
  readonly rounds: number;
  /** How many restarts of services. */
  readonly restarts: number;
  /** How often the state of all is asked for. */
  readonly statuses: number;
  /** For how long idle processes are watched, in milliseconds. */
  readonly watch: number;
  /** Whether to wait until all has come to rest. */
  readonly settle: boolean;
}

/**
 * Measures some makes with the same number of services.
 *
 * @param parent The folder for the trees; undefined for that of temporary files.
 * @returns The figures of each, in their order.
 */
export async function measure(
  makes: readonly Make[],
  count: number,
  extent: Extent,
  parent: string | undefined,
): Promise<Figures[]> {
  const starts = makes.map((): Pick<Figures, "running" | "logging">[] => []);
  const rest: Omit<Figures, "running" | "logging">[] = [];
  for (let round = 0; round < extent.rounds; round++) {
    // In turns, so that a busy moment of the machine befalls all.
    for (const [i, make] of makes.entries()) {
      await using tree = new Tree({ make, parent, quiet: count });
      starts[i]?.push(await tree.start());
      if (round === extent.rounds - 1) rest.push(await costs(tree, make, count, extent));
    }
  }
  return rest.map((costs, i) => ({
    running: median(starts[i]?.map(({ running }) => running) ?? []),
    logging: median(starts[i]?.map(({ logging }) => logging) ?? []),
    ...costs,
  }));
}

async function costs(
  tree: Tree,
  make: Make,
  count: number,
  { restarts, statuses, watch, settle }: Extent,
): Promise<Omit<Figures, "running" | "logging">> {
  await pause(settle ? make.settle : LONG);
  const pids = tree.overhead();
  const before = pids.map(activity);
  await pause(watch);
  const after = pids.map(activity);
  const memories = pids.map(memory);
  const perSecond = (name: "switches" | "cpu"): number =>
    (sum(after, name) - sum(before, name)) / (watch / 1000);
  const kernel = pids.reduce((total, pid) => total + kernelMemory(pid), 0);
  const took = await again(restarts, PATIENCE, async (i) => {
    if (i > 0 && i % count === 0) await pause(LONG);
    return await tree.restart(i % count);
  });
  const asked: number[] = [];
  for (let i = 0; i < statuses; i++) asked.push(await tree.status());
  return {
    processes: pids.length,
    proportional: sum(memories, "proportional"),
    private: sum(memories, "private"),
    kernel,
    switches: perSecond("switches"),
    cpu: perSecond("cpu"),
    restart: median(took),
    status: median(asked),
  };
}

function sum<K extends string>(list: readonly Readonly<Record<K, number>>[], name: K): number {
  return list.reduce((total, one) => total + one[name], 0);
}
