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

/** The cells of a row, as {@linkcode COLUMNS} names them. */
export function cells(row: Row): string[] {
  const { ratio, overFloor, met } = outcome(row);
  const verdict = met === undefined ? "" : met ? "met" : "NOT met";
  return [
    row.what,
    row.unit,
    figure(row.ours),
    figure(row.reference),
    ratio === undefined ? "" : `${figure(ratio)} ×`,
    figure(row.floor),
    overFloor === undefined ? "" : figure(overFloor),
    row.budget === undefined ? "" : budgetText(row.budget, row.unit),
    verdict,
  ];
}

/** The headings of {@linkcode cells}. */
export const COLUMNS = [
  "what",
  "unit",
  "ours",
  "runit 2.1.2",
  "ratio",
  "floor",
  "over it",
  "budget",
  "",
] as const;
