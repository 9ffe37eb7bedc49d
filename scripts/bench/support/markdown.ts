/**
 * The figures as a part of `docs/benchmarks.md`.
 *
 * @module
 */

import type { Row } from "../types.ts";
import type { Machine } from "./machine.ts";
import { describe } from "./machine.ts";
import { cells, COLUMNS } from "./outcome.ts";

/** What the figures stand between in the document. */
const BEGIN = "<!-- figures: written by deno task bench --docs -->";
const END = "<!-- end of figures -->";

/**
 * Puts figures in place of those in a document.
 *
 * @throws {Error} If the document has no place for them.
 */
export function replaceFigures(document: string, figures: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the document lacks ${BEGIN} or ${END}`);
  return `${document.slice(0, begin)}${BEGIN}\n\n${figures}\n${document.slice(end)}`;
}

/** The figures of all suites: a table for each, what is to be known about its rows below it. */
export function figures(machine: Machine, rows: readonly Row[]): string {
  const parts = [`${describe(machine)}.\n`];
  for (const [suite, own] of Map.groupBy(rows, ({ suite }) => suite)) {
    parts.push(`### ${suite}\n`, table(own), notes(own));
  }
  return parts.join("\n");
}

function table(rows: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  const rule = COLUMNS.map((_, i) => i >= 2 && i <= 6 ? "---:" : "---");
  const body = rows.map((row) => line(cells(row).map((cell) => cell.replaceAll("|", "\\|"))));
  return `${line(COLUMNS)}${line(rule)}${body.join("")}`;
}

function notes(rows: readonly Row[]): string {
  const byNote = Map.groupBy(rows, ({ note }) => note);
  const lines: string[] = [];
  for (const [note, own] of byNote) {
    if (note === undefined) continue;
    const all = own.length === rows.length;
    lines.push(
      all ? `All: ${note}.\n` : `- _${own.map(({ what }) => what).join("; ")}_: ${note}.\n`,
    );
  }
  return lines.join("");
}
