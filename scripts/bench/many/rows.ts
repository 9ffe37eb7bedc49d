/**
 * The figures of all makes as rows of a table.
 *
 * @module
 */

import { BUDGETS } from "../support/budgets.ts";
import type { Budget, Row } from "../types.ts";
import type { FloodFigures, Latencies } from "./flood.ts";
import { type FigureName, FIGURES, type Figures } from "./measure.ts";

/** Name of the suite. */
export const SUITE = "single_process";

/** What was measured of each make: ours, the reference, and others by name. */
export interface OfMakes<T> {
  readonly ours: T;
  readonly reference?: T;
  readonly others: Readonly<Record<string, T>>;
}

/** The number of services that the budgets of memory and time are for. */
const BUDGETED_COUNT = 500;

const BUDGET: Partial<Record<FigureName, Budget>> = {
  switches: BUDGETS.idle,
  cpu: BUDGETS.idle,
  restart: BUDGETS.restartAfterKill,
};

const BUDGET_OF_COUNT: Partial<Record<FigureName, Budget>> = {
  logging: BUDGETS.manyTime,
  proportional: BUDGETS.manyMemory,
};

/**
 * Rows of quiet services: each figure with its numbers of services one after the other.
 *
 * @param measured What was measured, by number of services.
 * @param notes What is to be known about a figure.
 * @param floors The least that a figure can be, by number of services.
 */
export function quietRows(
  measured: ReadonlyMap<number, OfMakes<Figures>>,
  notes: Readonly<Partial<Record<FigureName, string>>>,
  floors: ReadonlyMap<number, Partial<Figures>> = new Map(),
): Row[] {
  const names = Object.keys(FIGURES) as FigureName[];
  return names.flatMap((name) =>
    [...measured].map(([count, figures]) => {
      const { what, unit } = FIGURES[name];
      const budget = BUDGET[name] ??
        (count === BUDGETED_COUNT ? BUDGET_OF_COUNT[name] : undefined);
      const note = notes[name];
      const floor = floors.get(count)?.[name];
      return {
        ...cells(figures, (own) => own[name]),
        what: `${what}, ${count} ${count === 1 ? "service" : "services"}`,
        unit,
        ...(floor === undefined ? {} : { floor }),
        ...(budget === undefined ? {} : { budget }),
        ...(note === undefined ? {} : { note }),
        point: { of: what, at: count },
      };
    })
  );
}

/** The point that rows of throughput have in common: at the number of services that flood. */
export const THROUGHPUT = "log throughput";

const LATENCIES: readonly (readonly [keyof Latencies, string])[] = [
  ["restart", "restart after kill -9"],
  ["restartWorst", "restart after kill -9, the longest"],
  ["down", "down by d, until the status says so"],
  ["downWorst", "down by d, until the status says so, the longest"],
];

/**
 * Rows of services that flood their logs. The floor of a latency is ours without the flood: what is over it is how long the
 * flood delays.
 *
 * @param flooding How many flood at last.
 * @param times How many restarts, and how many commands, were measured.
 */
export function floodRows(
  figures: OfMakes<FloodFigures>,
  flooding: number,
  times: number,
): Row[] {
  const throughput = (["one", "many"] as const).map((name): Row => {
    const at = name === "one" ? 1 : flooding;
    return {
      ...cells(figures, (own) => own[name]),
      what: `${THROUGHPUT}, ${at} ${at === 1 ? "service floods" : "services flood"}`,
      unit: "MB/s",
      note:
        "what the loggers take of what services write, in all: `yes` with a line of 54 bytes; " +
        "logs are rotated at 1 MB; time stamps by all but supervisord, which has none",
      point: { of: THROUGHPUT, at },
    };
  });
  const [one = [], two = []] = [false, true].map((flooded) =>
    LATENCIES.map(([name, what]): Row => ({
      ...cells(figures, (own) => (flooded ? own.flooded : own.quiet)[name]),
      what: `${what}, ${flooded ? `while ${flooding} flood` : "none floods"}`,
      unit: "ms",
      ...(flooded ? { floor: figures.ours.quiet[name], budget: BUDGETS.floodDelay } : {}),
      note: `of ${times}, of services that do not flood; the floor is ours while none does`,
    }))
  );
  return [...throughput, ...one, ...two];
}

function cells<T>(
  { ours, reference, others }: OfMakes<T>,
  pick: (figures: T) => number,
): Pick<Row, "suite" | "ours" | "reference" | "others"> {
  return {
    suite: SUITE,
    ours: pick(ours),
    ...(reference === undefined ? {} : { reference: pick(reference) }),
    others: Object.fromEntries(
      Object.entries(others).map(([name, figures]) => [name, pick(figures)]),
    ),
  };
}
