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
import { figures, replaceFigures } from "./bench/support/markdown.ts";
import { cells, COLUMNS, outcome } from "./bench/support/outcome.ts";
import type { Bench, BenchOptions, Row } from "./bench/types.ts";
import { ROOT } from "./setup/files.ts";

const SUITES = `${ROOT}/scripts/bench`;
const DOCUMENT = `${ROOT}/docs/benchmarks.md`;

/** A machine with more to do than this gives figures that are worth little. */
const BUSY = 0.7;

/** What came of a run. */
interface Results {
  readonly machine: Machine;
  readonly rows: readonly Row[];
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

async function run(names: readonly string[], options: BenchOptions | undefined): Promise<Results> {
  const here = machine();
  console.log(describe(here));
  if (here.load > BUSY) console.log("The machine is busy: take the figures with caution.");
  const rows: Row[] = [];
  const failed: string[] = [];
  for (const name of names) {
    console.log(`\n${bold(name)}`);
    try {
      const { bench }: { bench: Bench } = await import(`${SUITES}/${name}.ts`);
      const own = await bench(options);
      rows.push(...own);
      print(own);
    } catch (error) {
      failed.push(name);
      console.error(`bench: ${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return { machine: here, rows, failed };
}

function print(rows: readonly Row[]): void {
  const body = rows.map((row) => {
    const texts = cells(row);
    const verdict = texts.pop() ?? "";
    return [...texts, outcome(row).met === false ? red(verdict) : green(verdict)];
  });
  new Table().header([...COLUMNS]).body(body).padding(2).render();
  for (const [note, own] of Map.groupBy(rows, ({ note }) => note)) {
    if (note === undefined) continue;
    const which = own.length === rows.length ? "all" : own.map(({ what }) => what).join("; ");
    console.log(`${which}: ${note}`);
  }
}

const command = new Command()
  .name("deno task bench")
  .description(
    `Measures ours and the reference runit side by side: ${suites().join(", ")}, or those named.`,
  )
  .arguments("[suites...:string]")
  .option("--rounds <count:integer>", "How often to measure, instead of what each suite does.")
  .option("--json <file:file>", "Write the figures, as JSON.")
  .option("--docs", "Put the figures into docs/benchmarks.md; needs all suites.")
  .action(async ({ rounds, json, docs }, ...named) => {
    setColorEnabled(getColorEnabled() && Deno.stdout.isTerminal());
    const all = suites();
    const unknown = named.find((name) => !all.includes(name));
    if (unknown !== undefined) return fail(`no suite ${unknown}; there are ${all.join(", ")}`);
    if (docs === true && named.length > 0) return fail("--docs needs all suites");
    if (rounds !== undefined && rounds < 1) return fail("--rounds must be at least 1");
    const options = rounds === undefined ? undefined : { rounds };
    const results = await run(named.length === 0 ? all : named, options);
    if (json !== undefined) {
      await Deno.writeTextFile(json, `${JSON.stringify(results, undefined, 2)}\n`);
    }
    if (results.failed.length > 0) return fail(`broken off: ${results.failed.join(", ")}`);
    if (docs === true) {
      const document = await Deno.readTextFile(DOCUMENT);
      const text = replaceFigures(document, figures(results.machine, results.rows));
      await Deno.writeTextFile(DOCUMENT, text);
      await format(DOCUMENT);
    }
  });

async function format(path: string): Promise<void> {
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path], cwd: ROOT }).output();
}

function fail(message: string): never {
  console.error(`bench: ${message}`);
  Deno.exit(1);
}

if (import.meta.main) await command.parse(Deno.args);
