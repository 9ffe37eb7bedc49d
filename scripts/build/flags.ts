import { permissionFlags } from "./tools.ts";

/**
 * The arguments of `deno compile` for an executable, without its output and entry point.
 *
 * - `--no-code-cache`: the cache would lie under a predictable name in the temp directory, where any local user
 *   could leave bytecode for a tool that runs as root.
 * - `--no-check`: types are checked once for all, by `deno task check`.
 * - `--no-prompt`: a tool that lacks a permission fails; it never asks.
 */
export function compileArgs(name: string, target: string): string[] {
  return [
    "--quiet",
    "--no-check",
    "--no-code-cache",
    "--no-prompt",
    "--target",
    target,
    ...permissionFlags(name),
  ];
}
