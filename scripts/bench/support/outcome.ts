/**
 * Reads a row: the ratio, what it is over the floor, and whether the budget is met.
 *
 * @module
 */

import type { Budget, Row } from "../types.ts";

/** What follows from the figures of a row. */
export interface Outcome {
  /** Ours divided by the reference. */
  readonly ratio: number | undefined;
  /** Ours less the floor, in the row's unit. */
  readonly overFloor: number | undefined;
  /** Undefined where there is no budget, or nothing to compare with. */
  readonly met: boolean | undefined;
}

/** What follows from the figures of a row. */
export function outcome(row: Row): Outcome {
  const { ours, reference, floor, budget } = row;
  const ratio = reference === undefined || reference === 0 ? undefined : ours / reference;
  const overFloor = floor === undefined ? undefined : ours - floor;
  if (budget === undefined) return { ratio, overFloor, met: undefined };
  const measured = { reference: ratio, floor: overFloor, value: ours }[budget.of];
  return { ratio, overFloor, met: measured === undefined ? undefined : within(measured, budget) };
}

function within(measured: number, { atMost, atLeast }: Budget): boolean {
  return (atMost === undefined || measured <= atMost) &&
    (atLeast === undefined || measured >= atLeast);
}

/** A budget in words. */
export function budgetText({ of, atMost, atLeast }: Budget, unit: string): string {
  const limits = [
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
  ].join(", ");
  return {
    reference: `${limits} ×`,
    floor: `${limits} ${unit} over`,
    value: `${limits} ${unit}`,
  }[of];
}

/** A figure with three digits that mean something, and no exponent. */
export function figure(value: number | undefined): string {
  if (value === undefined) return "";
  if (!Number.isFinite(value)) return "?";
  const magnitude = Math.abs(value);
  return value.toFixed(magnitude >= 99.95 || magnitude === 0 ? 0 : magnitude >= 9.995 ? 1 : 2);
}

/** A column of a table. */
interface Column {
  readonly heading: string;
  /** Whether it holds figures. */
  readonly figures: boolean;
  readonly cell: (row: Row) => string;
}

/** The figures of a suite, as people read them. */
export interface TableText {
  readonly headings: readonly string[];
  /** Of each column, whether it holds figures. */
  readonly figures: readonly boolean[];
  readonly body: readonly (readonly string[])[];
}

const WHAT: readonly Column[] = [
  { heading: "what", figures: false, cell: ({ what }) => what },
  { heading: "unit", figures: false, cell: ({ unit }) => unit },
  { heading: "ours", figures: true, cell: ({ ours, unit }) => amount(ours, unit) },
  { heading: "runit 2.1.2", figures: true, cell: ({ reference, unit }) => amount(reference, unit) },
  { heading: "ratio", figures: true, cell: (row) => measured(outcome(row).ratio, " ×") },
];

const FLOOR: readonly Column[] = [
  { heading: "floor", figures: true, cell: ({ floor }) => figure(floor) },
  { heading: "over it", figures: true, cell: (row) => measured(outcome(row).overFloor, "") },
];

const BUDGET: readonly Column[] = [
  {
    heading: "budget",
    figures: false,
    cell: ({ budget, unit }) => budget === undefined ? "" : budgetText(budget, unit),
  },
  {
    heading: "",
    figures: false,
    cell: (row) => ({ true: "met", false: "NOT met", undefined: "" })[`${outcome(row).met}`],
  },
];

function measured(value: number | undefined, unit: string): string {
  return value === undefined ? "" : `${figure(value)}${unit}`;
}

/** A figure; without a unit it is a number of things, which has no fractions. */
function amount(value: number | undefined, unit: string): string {
  return unit === "" && value !== undefined ? String(Math.round(value)) : figure(value);
}

/** The table of a suite: a column for each of the others that there are, and none for floors or budgets where there are none. */
export function table(rows: readonly Row[]): TableText {
  const names = new Set(rows.flatMap(({ others }) => Object.keys(others ?? {})));
  const others = [...names].map((name): Column => ({
    heading: name,
    figures: true,
    cell: ({ others, unit }) => amount(others?.[name], unit),
  }));
  const some = (columns: readonly Column[]): readonly Column[] =>
    rows.some((row) => columns.some(({ cell }) => cell(row) !== "")) ? columns : [];
  const columns = [...WHAT, ...others, ...some(FLOOR), ...some(BUDGET)];
  return {
    headings: columns.map(({ heading }) => heading),
    figures: columns.map(({ figures }) => figures),
    body: rows.map((row) => columns.map(({ cell }) => cell(row))),
  };
}

/** A note, and which rows it is about; of all rows, if there is no list. */
export interface Remark {
  readonly note: string;
  readonly about: readonly string[] | undefined;
}

/** What is to be known about rows. Rows that are points of one line are named once. */
export function remarks(rows: readonly Row[]): Remark[] {
  return [...Map.groupBy(rows, ({ note }) => note)].flatMap(([note, own]) => {
    if (note === undefined) return [];
    const about = [...new Set(own.map(({ what, point }) => point?.of ?? what))];
    return [{ note, about: own.length === rows.length ? undefined : about }];
  });
}
