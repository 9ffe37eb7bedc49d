/**
 * The tools, and what each may do.
 *
 * @module
 */

import { ROOT, statOrUndefined } from "../setup/files.ts";

/** Reads and writes files anywhere: service directories lie wherever the administrator wants them. */
const FILES = ["--allow-read", "--allow-write"] as const;

/**
 * Permissions baked into each executable: what the tool needs and nothing more. None gets the network. Those with FFI take
 * the environment from libc, as bytes, and need no permission for it.
 * FFI is libc, which {@linkcode Deno.dlopen} finds by its bare name, so it cannot be narrowed to a path.
 */
export const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  "chpst": [...FILES, "--allow-ffi"],
  "runit": [...FILES, "--allow-ffi"],
  "runit-init": [...FILES, "--allow-ffi"],
  "runsv": [...FILES, "--allow-ffi"],
  "runsvchdir": [...FILES],
  "runsvdir": [...FILES, "--allow-ffi"],
  // run is for ./check; no FFI
  "sv": [...FILES, "--allow-env=SVDIR,SVWAIT", "--allow-run"],
  "svctl": [...FILES, "--allow-env", "--allow-run", "--allow-sys"],
  "svlogd": [...FILES, "--allow-ffi"],
  // flock(2) is Deno's own; no FFI
  "utmpset": [...FILES],
};

/** Other names that a tool goes by: the build links them to it. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  "chpst": ["envdir", "envuidgid", "pgrphack", "setlock", "setuidgid", "softlimit"],
};

/** The other names that a tool goes by. */
export function aliases(tool: string): readonly string[] {
  return ALIASES[tool] ?? [];
}

/** The name of the executable that holds all tools. */
export const MULTICALL = "multicall";

/** The source file that a tool is compiled from, relative to the project. */
export function entryPoint(tool: string): string {
  return `cmd/${tool}.ts`;
}

/** The tools that have an entry point, in alphabetical order. */
export function existingTools(): string[] {
  return Object.keys(PERMISSIONS).filter((tool) =>
    statOrUndefined(`${ROOT}/${entryPoint(tool)}`) !== undefined
  );
}

/**
 * The permission flags of an executable. Those of {@linkcode MULTICALL} are the union of its tools', where a permission
 * without bounds makes the bounded ones void.
 */
export function permissionFlags(name: string): readonly string[] {
  if (name !== MULTICALL) return PERMISSIONS[name] ?? [];
  const flags = new Set(existingTools().flatMap((tool) => PERMISSIONS[tool] ?? []));
  return [...flags].filter((flag) => {
    const unbounded = flag.replace(/=.*/, "");
    return flag === unbounded || !flags.has(unbounded);
  }).toSorted();
}
