/**
 * The figures as parts of `docs/benchmarks.md`: a section for each suite, so that they may be measured one at a time.
 *
 * @module
 */

import type { Illustration, Row } from "../types.ts";
import type { Machine } from "./machine.ts";
import { describe } from "./machine.ts";
import { remarks, table } from "./outcome.ts";

/** What came of one suite. */
export interface Section {
  readonly suite: string;
  /** As it is typed. */
  readonly command: string;
  /** When this suite began. */
  readonly machine: Machine;
  readonly rows: readonly Row[];
  readonly illustrations: readonly Illustration[];
  /** Sentences. */
  readonly conclusions: readonly string[];
}

/** Folder of the plots, as the document names it. */
export const PLOTS = "benchmarks";

/**
 * Puts the figures of a suite in place of those in a document.
 *
 * @throws {Error} If the document has no place for them.
 */
export function replaceSection(document: string, section: Section): string {
  const beginning = `<!-- figures of ${section.suite}: written by deno task bench --docs -->`;
  const ending = `<!-- end of ${section.suite} -->`;
  const begin = document.indexOf(beginning);
  const end = document.indexOf(ending);
  if (begin < 0 || end < begin) throw new Error(`the document lacks ${beginning} or ${ending}`);
  return `${document.slice(0, begin)}${beginning}\n\n${sectionText(section)}\n${
    document.slice(end)
  }`;
}

/** A section: the command and the machine, plots and what they come to, the table, what is to be known about its rows. */
export function sectionText(
  { suite, command, machine, rows, illustrations, conclusions }: Section,
): string {
  return [
    `    ${command}\n`,
    `${describe(machine)}.\n`,
    ...conclusions.map((sentence) => `- ${sentence}\n`),
    ...illustrations.map(({ name, alt }) => `![${alt}](${PLOTS}/${suite}-${name}.svg)\n`),
    tableText(rows),
    notes(rows),
  ].join("\n");
}

function tableText(rows: readonly Row[]): string {
  const { headings, figures, body } = table(rows);
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  const rule = figures.map((right) => right ? "---:" : "---");
  return `${line(headings)}${line(rule)}${body.map(line).join("")}`;
}

function notes(rows: readonly Row[]): string {
  const lines = remarks(rows).map(({ note, about }) =>
    about === undefined ? `All: ${note}.\n` : `- _${about.join("; ")}_: ${note}.\n`
  );
  return lines.join("");
}
