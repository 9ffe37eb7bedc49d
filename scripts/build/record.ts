/**
 * What an executable was made from, written beside it, to tell whether it is stale.
 *
 * @module
 */

import { readTextOrUndefined, ROOT, statOrUndefined, writeAtomic } from "../setup/files.ts";
import { sha256File } from "../setup/integrity.ts";

/** One source file as it was when the executable was made. */
export interface SourceFile {
  /** Absolute path. */
  readonly path: string;
  readonly size: number;
  /** Modification time in milliseconds since 1970. */
  readonly mtime: number;
  readonly sha256: string;
}

/** What an executable was made from, and what came out. */
export interface BuildRecord {
  /** The flags it was bundled and compiled with. */
  readonly flags: string;
  /** Identity of the base; see `scripts/setup/base.ts`. */
  readonly base: string;
  /** Where the base came from. */
  readonly baseKind: string;
  /** All local modules of the graph, and the configuration. */
  readonly sources: readonly SourceFile[];
  /** Size of the executable in bytes. */
  readonly size: number;
  /** sha256 of the executable. */
  readonly sha256: string;
}

/** Reads a record; undefined if there is none or it is not legible, which makes the executable stale. */
export function readRecord(path: string): BuildRecord | undefined {
  const text = readTextOrUndefined(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as BuildRecord;
  } catch {
    return undefined;
  }
}

/** Writes a record. */
export function writeRecord(path: string, record: BuildRecord): void {
  writeAtomic(path, `${JSON.stringify(record)}\n`);
}

/**
 * Whether any source differs from what it was. A file of the same size and time is taken to be the same; one that
 * was only touched is compared by its hash. If no file of the graph has changed, neither has the graph.
 */
export async function sourcesChanged(sources: readonly SourceFile[]): Promise<boolean> {
  for (const source of sources) {
    const now = statOrUndefined(source.path);
    if (now === undefined) return true;
    if (now.size !== source.size) return true;
    if (now.mtime?.getTime() === source.mtime) continue;
    if (await sha256File(source.path) !== source.sha256) return true;
  }
  return false;
}

/** The record of one file as it is now. */
export async function sourceFile(path: string): Promise<SourceFile> {
  const { size, mtime } = Deno.statSync(path);
  return { path, size, mtime: mtime?.getTime() ?? 0, sha256: await sha256File(path) };
}

/** The part of `deno info --json` that is read here. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly local?: string;
    readonly specifier: string;
    readonly error?: string;
  }[];
}

/**
 * All local files that the program `entry` is made of, with `deno.json`.
 *
 * @param entry Path relative to the project.
 * @throws {Error} If a module is missing or cannot be parsed.
 */
export async function moduleFiles(entry: string): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`deno info ${entry}: ${decoder.decode(stderr).trim()}`);
  const graph = JSON.parse(decoder.decode(stdout)) as ModuleGraph;
  const broken = graph.modules.find((module) => module.error !== undefined);
  if (broken !== undefined) throw new Error(`${entry}: ${broken.error}`);
  const files = graph.modules.flatMap((module) => module.local ?? []);
  return [`${ROOT}/deno.json`, ...new Set(files)];
}
