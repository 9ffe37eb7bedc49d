/**
 * Compiles what is stale.
 *
 * @module
 */

import type { Base } from "../setup/base.ts";
import { findBase } from "../setup/base.ts";
import { locked, removeIfPresent, ROOT, statOrUndefined } from "../setup/files.ts";
import { sha256File } from "../setup/integrity.ts";
import { compileArgs } from "./flags.ts";
import { inParallel } from "./parallel.ts";
import type { BuildRecord } from "./record.ts";
import { moduleFiles, readRecord, sourceFile, sourcesChanged, writeRecord } from "./record.ts";
import type { Target } from "./target.ts";
import { hostTarget } from "./target.ts";
import { entryPoint, existingTools, MULTICALL } from "./tools.ts";

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

/** The folder that {@linkcode build} fills. */
export function outputDir(options: BuildOptions = {}): string {
  const folder = `${options.target ?? hostTarget()}${
    options.multicall === true ? "-multicall" : ""
  }`;
  return `${options.out ?? `${ROOT}/dist`}/${folder}`;
}

/**
 * Brings executables up to date. Several builds may run at once: they take turns at what is stale.
 *
 * @returns One entry for each executable.
 * @throws {SetupError} If no base can be had.
 * @throws {Error} If a tool does not exist or does not compile.
 */
export async function build(options: BuildOptions = {}): Promise<Built[]> {
  const names = executables(options);
  const dir = outputDir(options);
  const found = options.release === true ? [] : await Promise.all(
    names.map((name) => upToDate(name, dir, options)),
  );
  const current = found.filter((one) => one !== undefined);
  if (current.length === names.length && current.length > 0) return current;
  return await locked(`${dir}/.build/lock`, async () => {
    const base = await findBase(options.target ?? hostTarget());
    if (options.release === true) insistOnOfficial(base);
    const made = await inParallel(
      navigator.hardwareConcurrency,
      names,
      async (name) =>
        (await upToDate(name, dir, options, base)) ?? (await compile(name, dir, options, base)),
    );
    placeLinks(dir, options);
    return made;
  });
}

/** @throws {Error} If the base is anything but Deno's own download. */
function insistOnOfficial(base: Base): void {
  if (base.kind === "official") return;
  throw new Error(
    `a release needs Deno's own denort, and this one is ${base.kind}: build where Deno can download it`,
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

function recordPath(name: string, dir: string): string {
  return `${dir}/.build/${name}.json`;
}

/** The executable if it needs no work; without a base given, the one of the record is taken to be still the best. */
async function upToDate(
  name: string,
  dir: string,
  options: BuildOptions,
  base?: Base,
): Promise<Built | undefined> {
  const path = `${dir}/${name}`;
  const record = readRecord(recordPath(name, dir));
  if (record === undefined || statOrUndefined(path)?.size !== record.size) return undefined;
  if (base !== undefined && record.base !== base.identity) return undefined;
  if (base === undefined && wantsOtherBase(record)) return undefined;
  if (record.args.join("\n") !== args(name, options).join("\n")) return undefined;
  if (await sourcesChanged(record.sources)) return undefined;
  return { name, path, record, fresh: false };
}

function wantsOtherBase(record: BuildRecord): boolean {
  return Boolean(Deno.env.get("DENORT_BIN")) !== (record.baseKind === "DENORT_BIN");
}

function args(name: string, options: BuildOptions): string[] {
  return compileArgs(name, options.target ?? hostTarget());
}

async function compile(
  name: string,
  dir: string,
  options: BuildOptions,
  base: Base,
): Promise<Built> {
  const path = `${dir}/${name}`;
  const temporary = `${dir}/.build/${name}.${Deno.pid}`;
  const entry = entryPoint(name);
  // Hashed before compiling: a file changed meanwhile makes the executable stale, not wrongly fresh.
  const files = await moduleFiles(entry);
  const sources = await Promise.all(files.map(sourceFile));
  const compileWith = args(name, options);
  try {
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["compile", ...compileWith, "--output", temporary, entry],
      cwd: ROOT,
      stdin: "null",
      // An empty DENORT_BIN would be taken for a path.
      ...(base.path === undefined ? {} : { env: { DENORT_BIN: base.path } }),
    }).output();
    if (!success) {
      throw new Error(`deno compile ${entry}: ${new TextDecoder().decode(stderr).trim()}`);
    }
    const record: BuildRecord = {
      args: compileWith,
      base: base.identity,
      baseKind: base.kind,
      sources,
      size: Deno.statSync(temporary).size,
      sha256: await sha256File(temporary),
    };
    removeIfPresent(recordPath(name, dir));
    Deno.renameSync(temporary, path);
    writeRecord(recordPath(name, dir), record);
    return { name, path, record, fresh: true };
  } finally {
    removeIfPresent(temporary);
  }
}

/** Points `dist/bin` at the host's executables, and the names of the tools at the multicall executable. */
function placeLinks(dir: string, options: BuildOptions): void {
  if (options.multicall === true) {
    for (const tool of existingTools()) placeLink(`${dir}/${tool}`, MULTICALL);
  } else if ((options.target ?? hostTarget()) === hostTarget()) {
    placeLink(`${dir}/../bin`, dir.slice(dir.lastIndexOf("/") + 1));
  }
}

function placeLink(path: string, target: string): void {
  const temporary = `${path}.${Deno.pid}`;
  Deno.symlinkSync(target, temporary);
  Deno.renameSync(temporary, path);
}
