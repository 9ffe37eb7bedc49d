/**
 * From an entry point to an executable.
 *
 * @module
 */

import { join } from "@std/path/join";
import type { Base } from "../setup/base.ts";
import { ROOT } from "../setup/files.ts";
import { BUNDLE_FLAGS, compileFlags } from "./flags.ts";

/** What to compile. */
export interface CompileOptions {
  /** Name of the executable. */
  readonly name: string;
  /** Its source, relative to the project. */
  readonly entry: string;
  /** What it is for. */
  readonly target: string;
  /** What it is appended to. */
  readonly base: Base;
  /** An empty folder to work in. */
  readonly dir: string;
}

/**
 * Bundles a program and makes an executable of the bundle. The same sources, flags and base give the same bytes.
 *
 * @returns The path of the executable, inside `dir`.
 * @throws {Error} If Deno fails, with what it said.
 */
export async function compile(options: CompileOptions): Promise<string> {
  const { name, entry, target, base, dir } = options;
  const bundle = join(dir, "bundle");
  await deno(entry, [...BUNDLE_FLAGS, "--outdir", bundle, entry]);
  // The executable records the times of its files.
  for (const file of Deno.readDirSync(bundle)) Deno.utimeSync(join(bundle, file.name), 0, 0);
  const executable = join(dir, name);
  await deno(
    entry,
    [...compileFlags(name, target), "--output", executable, join(bundle, `${name}.js`)],
    base.path,
  );
  return executable;
}

async function deno(
  entry: string,
  args: readonly string[],
  denort?: string,
): Promise<void> {
  const { DENORT_BIN: _, ...env } = Deno.env.toObject();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    clearEnv: true,
    env: {
      ...env,
      NO_COLOR: "1",
      RUST_BACKTRACE: "0",
      ...(denort === undefined ? {} : { DENORT_BIN: denort }),
    },
    stdin: "null",
    stdout: "null",
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new Error(`deno ${args[0]} ${entry}: ${said}`);
}
