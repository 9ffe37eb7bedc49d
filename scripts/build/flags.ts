/**
 * The flags that make the executables what they are. Why these: `docs/decisions/0001-toolchain.md`.
 *
 * @module
 */

import { permissionFlags } from "./tools.ts";

/** Arguments of `deno bundle`, without its output and entry point. What is imported dynamically gets a file of its own. */
export const BUNDLE_FLAGS: readonly string[] = [
  "bundle",
  "--quiet",
  "--no-check",
  "--code-splitting",
];

/** Tools that gain more from V8's helper threads than they lose by starting them. */
const MANY_THREADED: readonly string[] = ["svctl", "svlogd"];

/**
 * Arguments of `deno compile` for an executable, without its output and entry point.
 *
 * - `--no-code-cache`: the cache would lie under a predictable name in the temp directory, where any local user could
 *   leave bytecode for a tool that runs as root.
 * - `--no-check`: types are checked once for all, by `deno task check`.
 * - `--no-config`: the bundle needs none, and the executable would carry it, and read it at every start.
 * - `--no-prompt`: a tool that lacks a permission fails; it never asks.
 */
export function compileFlags(name: string, target: string): string[] {
  return [
    "compile",
    "--quiet",
    "--no-check",
    "--no-config",
    "--no-code-cache",
    "--no-prompt",
    "--target",
    target,
    ...v8Flags(name),
    ...permissionFlags(name),
  ];
}

/**
 * runsvdir may hold a thousand services. Its garbage is kept small rather than collected rarely; and freed memory goes
 * back to the system, which V8 leaves to a thread: with `--single-threaded` it would keep all that it ever had.
 */
function v8Flags(name: string): string[] {
  if (MANY_THREADED.includes(name)) return [];
  const flags = name === "runsvdir"
    ? ["--no-concurrent-recompilation", "--min-semi-space-size=1", "--max-semi-space-size=1"]
    : ["--single-threaded"];
  return [`--v8-flags=${flags.join(",")}`];
}
