/**
 * Compiles what is stale.
 *
 * @module
 */

import { basename } from "@std/path/basename";
import { join } from "@std/path/join";
import type { Base } from "../setup/base.ts";
import { findBase } from "../setup/base.ts";
import { SetupError } from "../setup/error.ts";
import { locked, removeIfPresent, ROOT, statOrUndefined } from "../setup/files.ts";
import { sha256File } from "../setup/integrity.ts";
import { compile } from "./compile.ts";
import { BUNDLE_FLAGS, compileFlags } from "./flags.ts";
import { inParallel } from "./parallel.ts";
import type { BuildRecord } from "./record.ts";
import { moduleFiles, readRecord, sourceFile, sourcesChanged, writeRecord } from "./record.ts";
import type { Target } from "./target.ts";
import { hostTarget } from "./target.ts";
import { aliases, entryPoint, existingTools, MULTICALL } from "./tools.ts";

/** What to build. */
export interface BuildOptions {
  /** Tools by name; all that exist if empty. */
  readonly tools?: readonly string[];
  /** One executable for all tools, and a link for each. */
  readonly multicall?: boolean;
  /** What to build for; this machine if not given. */
  readonly target?: Target;
  /** Refuse any base but Deno's own download. */
  readonly release?: boolean;
  /** Where to put it; `dist` in the project if not given. */
  readonly out?: string;
}

/** One executable, made or found up to date. */
export interface Built {
  /** Name of the tool, or `multicall`. */
  readonly name: string;
  /** Absolute path of the executable. */
  readonly path: string;
  /** What it was made from. */
  readonly record: BuildRecord;
  /** Whether it was compiled just now. */
  readonly fresh: boolean;
}

/** A build with everything decided. */
interface Plan {
  readonly target: Target;
  readonly dir: string;
  readonly multicall: boolean;
  readonly release: boolean;
  readonly names: readonly string[];
}

/** The folder that {@linkcode build} fills. */
export function outputDir(options: BuildOptions = {}): string {
  const suffix = options.multicall === true ? "-multicall" : "";
  return join(options.out ?? join(ROOT, "dist"), `${options.target ?? hostTarget()}${suffix}`);
}

/**
 * Brings executables up to date. Several builds may run at once: they take turns at what is stale.
 *
 * @returns One entry for each executable.
 * @throws {SetupError} If no base can be had, or a release would need another than the official one.
 * @throws {Error} If a tool does not exist or does not compile.
 */
export async function build(options: BuildOptions = {}): Promise<Built[]> {
  const plan: Plan = {
    target: options.target ?? hostTarget(),
    dir: outputDir(options),
    multicall: options.multicall === true,
    release: options.release === true,
    names: executables(options),
  };
  const current = await allUpToDate(plan);
  if (current !== undefined) return current;
  return await locked(join(plan.dir, ".build", "lock"), async () => {
    removeLeftovers(plan);
    const base = await findBase(plan.target);
    if (plan.release) insistOnOfficial(base);
    const cores = navigator.hardwareConcurrency;
    const all = await inParallel(
      cores,
      plan.names,
      async (name) => await upToDate(name, plan, base) ?? await make(name, plan, base),
    );
    placeLinks(plan);
    return all;
  });
}

function insistOnOfficial(base: Base): void {
  if (base.kind === "official") return;
  const kind = base.kind === "recovered" ? "a recovered one" : "the one in DENORT_BIN";
  throw new SetupError(
    "release",
    `the base would be ${kind}, which nobody vouches for`,
    "build where Deno can download its own",
  );
}

function executables(options: BuildOptions): readonly string[] {
  const existing = existingTools();
  const tools = options.tools ?? [];
  const unknown = tools.find((tool) => !existing.includes(tool));
  if (unknown !== undefined) {
    throw new Error(`no tool ${unknown}; the tools are ${existing.join(", ")}`);
  }
  if (options.multicall === true) return [MULTICALL];
  return tools.length === 0 ? existing : tools;
}

function recordPath(name: string, plan: Plan): string {
  return join(plan.dir, ".build", `${name}.json`);
}

/** The quick way, without a look at the base: all executables if none needs work. */
async function allUpToDate(plan: Plan): Promise<Built[] | undefined> {
  if (plan.release || Deno.env.get("DENORT_BIN")) return undefined;
  const found = await Promise.all(plan.names.map((name) => upToDate(name, plan)));
  const current = found.filter((one) => one !== undefined);
  if (current.length < plan.names.length) return undefined;
  if (current.some(({ record }) => record.baseKind === "DENORT_BIN")) return undefined;
  placeLinks(plan);
  return current;
}

/** Removes what a killed build has left. With the lock held, no other build is at work here. */
function removeLeftovers(plan: Plan): void {
  const work = join(plan.dir, ".build");
  for (const entry of Deno.readDirSync(work)) {
    if (entry.isDirectory) removeIfPresent(join(work, entry.name));
  }
}

/** The executable if it needs no work. Without a base, the one it was made from is taken to be still the right one. */
async function upToDate(name: string, plan: Plan, base?: Base): Promise<Built | undefined> {
  const path = join(plan.dir, name);
  const record = readRecord(recordPath(name, plan));
  if (record === undefined || statOrUndefined(path)?.size !== record.size) return undefined;
  if (base !== undefined && record.base !== base.identity) return undefined;
  if (record.flags !== flags(name, plan)) return undefined;
  return await sourcesChanged(record.sources) ? undefined : { name, path, record, fresh: false };
}

function flags(name: string, plan: Plan): string {
  return [...BUNDLE_FLAGS, ...compileFlags(name, plan.target)].join(" ");
}

async function make(name: string, plan: Plan, base: Base): Promise<Built> {
  const path = join(plan.dir, name);
  const dir = join(plan.dir, ".build", `${name}.${Deno.pid}`);
  const entry = entryPoint(name);
  // Read before compiling: a file that changes meanwhile makes the executable stale, not wrongly fresh.
  const sources = await Promise.all((await moduleFiles(entry)).map(sourceFile));
  removeIfPresent(dir);
  Deno.mkdirSync(dir);
  try {
    const executable = await compile({ name, entry, target: plan.target, base, dir });
    const record: BuildRecord = {
      flags: flags(name, plan),
      base: base.identity,
      baseKind: base.kind,
      sources,
      size: Deno.statSync(executable).size,
      sha256: await sha256File(executable),
    };
    removeIfPresent(recordPath(name, plan));
    Deno.renameSync(executable, path);
    writeRecord(recordPath(name, plan), record);
    return { name, path, record, fresh: true };
  } finally {
    removeIfPresent(dir);
  }
}

/**
 * Points `dist/bin` at the host's executables, the other names of tools at those, and all names at the multicall
 * executable.
 */
function placeLinks(plan: Plan): void {
  const tools = plan.multicall ? existingTools() : plan.names;
  for (const name of tools) {
    if (plan.multicall) placeLink(join(plan.dir, name), MULTICALL);
    for (const alias of aliases(name)) {
      placeLink(join(plan.dir, alias), plan.multicall ? MULTICALL : name);
    }
  }
  if (!plan.multicall && plan.target === Deno.build.target) {
    placeLink(join(plan.dir, "..", "bin"), basename(plan.dir));
  }
}

function placeLink(path: string, target: string): void {
  try {
    if (Deno.readLinkSync(path) === target) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const temporary = `${path}.${Deno.pid}`;
  Deno.symlinkSync(target, temporary);
  Deno.renameSync(temporary, path);
}
