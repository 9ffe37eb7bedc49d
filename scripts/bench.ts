/**
 * `deno task bench`: measures ours and the reference runit side by side.
 *
 * @module
 */

import { Command } from "@cliffy/command";
import { Table } from "@cliffy/table";
import { bold, getColorEnabled, green, red, setColorEnabled } from "@std/fmt/colors";
import type { Machine } from "./bench/support/machine.ts";
import { describe, machine } from "./bench/support/machine.ts";
import type { Section } from "./bench/support/markdown.ts";
import { PLOTS, replaceSection } from "./bench/support/markdown.ts";
import { outcome, remarks, table } from "./bench/support/outcome.ts";
import type { BenchOptions, Row, Suite } from "./bench/types.ts";
import { ROOT } from "./setup/files.ts";

const SUITES = `${ROOT}/scripts/bench`;
const DOCUMENT = `${ROOT}/docs/benchmarks.md`;

/** A machine with more to do than this gives figures that are worth little. */
const BUSY = 0.7;

/** What came of a run. */
interface Results {
  readonly machine: Machine;
  readonly rows: readonly Row[];
  /** The rows again by suite, each with the machine as it was when that began. */
  readonly sections: readonly Section[];
  /** Suites that broke off. */
  readonly failed: readonly string[];
}

/** The suites that there are, in alphabetical order. */
function suites(): string[] {
  return [...Deno.readDirSync(SUITES)]
    .filter(({ name }) => name.endsWith(".ts") && name !== "types.ts")
    .map(({ name }) => name.replace(/\.ts$/, ""))
    .toSorted();
}

async function run(
  names: readonly string[],
  options: BenchOptions | undefined,
  words: readonly string[],
): Promise<Results> {
  const here = machine();
  console.log(describe(here));
  if (here.load > BUSY) console.log("The machine is busy: take the figures with caution.");
  const sections: Section[] = [];
  const failed: string[] = [];
  for (const suite of names) {
    console.log(`\n${bold(suite)}`);
    const then = machine();
    try {
      const { bench, illustrate, conclude }: Suite = await import(`${SUITES}/${suite}.ts`);
      const rows = await bench(options);
      const illustrations = illustrate?.(rows) ?? [];
      const conclusions = conclude?.(rows) ?? [];
      const command = `npx -y deno@${Deno.version.deno} task bench ${[suite, ...words].join(" ")}`;
      sections.push({ suite, command, machine: then, rows, illustrations, conclusions });
      print(rows);
      for (const sentence of conclusions) console.log(sentence);
    } catch (error) {
      failed.push(suite);
      console.error(`bench: ${suite}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { machine: here, rows: sections.flatMap(({ rows }) => rows), sections, failed };
}

function print(rows: readonly Row[]): void {
  const { headings, body } = table(rows);
  const coloured = body.map((texts, i) => {
    const row = rows[i];
    const met = row === undefined ? undefined : outcome(row).met;
    const verdict = texts.at(-1) ?? "";
    return met === undefined
      ? [...texts]
      : [...texts.slice(0, -1), met ? green(verdict) : red(verdict)];
  });
  new Table().header([...headings]).body(coloured).padding(2).render();
  for (const { note, about } of remarks(rows)) {
    console.log(`${about === undefined ? "all" : about.join("; ")}: ${note}`);
  }
}

const command = new Command()
  .name("deno task bench")
  .description(
    `Measures ours and the reference runit side by side: ${suites().join(", ")}, or those named.`,
  )
  .arguments("[suites...:string]")
  .option("--rounds <count:integer>", "How often to measure, instead of what each suite does.")
  .option("--quick", "Only show that suites work: one round, and less of what takes long.")
  .option("--json <file:file>", "Write the figures, as JSON.")
  .option(
    "--docs",
    "Put the figures into docs/benchmarks.md, in place of those of the same suites.",
  )
  .action(async ({ rounds, quick, json, docs }, ...named) => {
    setColorEnabled(getColorEnabled() && Deno.stdout.isTerminal());
    const all = suites();
    const unknown = named.find((name) => !all.includes(name));
    if (unknown !== undefined) return fail(`no suite ${unknown}; there are ${all.join(", ")}`);
    if (docs === true && quick === true) return fail("--quick is not for --docs");
    if (rounds !== undefined && rounds < 1) return fail("--rounds must be at least 1");
    const options = rounds === undefined && quick !== true
      ? undefined
      : { rounds: rounds ?? 1, quick: quick === true };
    const words = rounds === undefined ? [] : ["--rounds", String(rounds)];
    const results = await run(named.length === 0 ? all : named, options, words);
    if (json !== undefined) {
      // Plots are made of the rows.
      const { machine, rows, failed } = results;
      await Deno.writeTextFile(
        json,
        `${JSON.stringify({ machine, rows, failed }, undefined, 2)}\n`,
      );
    }
    // What was measured is kept, whatever became of other suites.
    if (docs === true) await document(results.sections);
    if (results.failed.length > 0) return fail(`broken off: ${results.failed.join(", ")}`);
  });

async function document(sections: readonly Section[]): Promise<void> {
  let text = await Deno.readTextFile(DOCUMENT);
  const written = [DOCUMENT];
  for (const section of sections) {
    text = replaceSection(text, section);
    for (const { name, svg } of section.illustrations) {
      const folder = `${ROOT}/docs/${PLOTS}`;
      await Deno.mkdir(folder, { recursive: true });
      const path = `${folder}/${section.suite}-${name}.svg`;
      await Deno.writeTextFile(path, svg);
      written.push(path);
    }
  }
  await Deno.writeTextFile(DOCUMENT, text);
  await format(written);
}

async function format(paths: readonly string[]): Promise<void> {
  const args = ["fmt", "--quiet", ...paths];
  await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
}

function fail(message: string): never {
  console.error(`bench: ${message}`);
  Deno.exit(1);
}

if (import.meta.main) await command.parse(Deno.args);
