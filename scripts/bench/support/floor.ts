import { compile } from "../../build/compile.ts";
import { hostTarget } from "../../build/target.ts";
import { findBase } from "../../setup/base.ts";

/**
 * Compiles a hello world as the tools are compiled.
 *
 * @param dir A folder for it.
 * @returns The path of the executable.
 */
export async function compileHello(dir: string): Promise<string> {
  const target = hostTarget();
  const base = await findBase(target);
  const entry = "scripts/bench/support/hello.ts";
  return await compile({ name: "hello", entry, target, base, dir });
}
