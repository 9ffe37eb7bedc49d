/**
 * What the figures come to: from how many services on one process is less than others, and plots.
 *
 * @module
 */

import { bars, lines, type Series } from "../support/plot.ts";
import { figure } from "../support/outcome.ts";
import type { Illustration, Row } from "../types.ts";
import { FIGURES } from "./measure.ts";
import { THROUGHPUT } from "./rows.ts";

/** How ours and the reference are called beside the others. */
const OURS = "ours, a single process";
const REFERENCE = "runit 2.1.2";

const COMPARED = ["proportional", "logging"] as const;

/** One line for each figure and each of the others that ours is to be compared with. */
export function conclude(rows: readonly Row[]): string[] {
  return COMPARED.flatMap((name) => {
    const { what } = FIGURES[name];
    const [ours, ...others] = seriesOf(rows, what);
    return ours === undefined || others.length === 0
      ? []
      : [`${what}, in a single process: ${others.map((one) => comparison(ours, one)).join("; ")}.`];
  });
}

/** Of ours and one other: from which number on ours is less. */
function comparison(ours: Series, other: Series): string {
  const from = crossing(ours.points, other.points);
  const [last, value] = other.points.at(-1) ?? [NaN, NaN];
  const own = ours.points.find(([at]) => at === last)?.[1] ?? NaN;
  const there = `(${figure(own / value)} × at ${last})`;
  if (from === undefined) return `nowhere below ${other.name} ${there}`;
  const about = from.exact ? "" : "about ";
  return `below ${other.name} from ${about}${from.at} services on ${there}`;
}

/** A number of things from which on the first line is below the second. */
export interface Crossing {
  readonly at: number;
  /** Whether it was measured there; else it is between two that were, on straight lines. */
  readonly exact: boolean;
}

type Points = Series["points"];

/** From where on the first line is below the second, of the points that both have; undefined if it is not at the last. */
export function crossing(first: Points, second: Points): Crossing | undefined {
  const both = first.flatMap(([at, value]) => {
    const other = second.find(([where]) => where === at);
    return other === undefined ? [] : [{ at, over: value - other[1] }];
  });
  const lastOver = both.findLastIndex(({ over }) => over >= 0);
  const [above, below] = [both[lastOver], both[lastOver + 1]];
  if (below === undefined) return undefined;
  if (above === undefined) return { at: below.at, exact: true };
  const share = above.over / (above.over - below.over);
  return { at: Math.ceil(above.at + share * (below.at - above.at)), exact: false };
}

/** The plots of the document. */
export function illustrate(rows: readonly Row[]): Illustration[] {
  const services = { label: "services, each with a logger", logarithmic: true };
  const memory = lines({
    title: "Memory of supervisors and loggers (PSS)",
    x: services,
    y: { label: "MiB", logarithmic: true },
    series: seriesOf(rows, FIGURES.proportional.what),
  });
  const time = lines({
    title: "Time until all services and their loggers run",
    x: services,
    y: { label: "ms", logarithmic: true },
    series: seriesOf(rows, FIGURES.logging.what),
  });
  const throughput = bars({
    title: "Log throughput while services flood",
    label: "MB/s",
    of: (at) => at === 1 ? "1 service" : `${at} services`,
    series: seriesOf(rows, THROUGHPUT),
  });
  return [
    { name: "memory", alt: "memory over the number of services", svg: memory },
    { name: "time", alt: "time until all run over the number of services", svg: time },
    {
      name: "throughput",
      alt: "log throughput of 1 and of 50 services that flood",
      svg: throughput,
    },
  ];
}

/** The lines of all makes of one figure, ours first; each make has the same colour in all plots. */
function seriesOf(rows: readonly Row[], what: string): Series[] {
  const makes = [...new Set(rows.flatMap((row) => Object.keys(valuesOf(row))))];
  return makes.map((name, colour) => ({
    name,
    colour,
    points: rows.flatMap((row): [number, number][] => {
      const value = valuesOf(row)[name];
      return row.point?.of === what && value !== undefined ? [[row.point.at, value]] : [];
    }),
  })).filter(({ points }) => points.length > 0);
}

/** The figures of a row by make. */
function valuesOf({ ours, reference, others }: Row): Record<string, number> {
  return {
    [OURS]: ours,
    ...(reference === undefined ? {} : { [REFERENCE]: reference }),
    ...others,
  };
}
