/**
 * esbuild, which `deno bundle` runs. Deno would fetch it itself, but unpinned, and not where npm's certificates are
 * not Deno's.
 *
 * @module
 */

import { denoDir } from "./deno_dir.ts";
import { statOrUndefined, withScratch, writeAtomic } from "./files.ts";
import { npmTarball, unpack } from "./npm.ts";
import { ESBUILD, ESBUILD_VERSION } from "./pins.ts";

const STEP = "bundler";
const MEMBER = "package/bin/esbuild";

/** The platform's name as esbuild has it. */
function platform(): string {
  return `${Deno.build.os}-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}`;
}

/** Where Deno looks for it before it fetches one. */
function bundlerPath(): string {
  return `${denoDir()}/dl/esbuild-${ESBUILD_VERSION}/esbuild-${platform()}`;
}

/** Whether it is there, or this is a platform for which it is left to Deno. */
export function haveBundler(): boolean {
  return ESBUILD[platform()] === undefined || statOrUndefined(bundlerPath()) !== undefined;
}

/**
 * Puts esbuild where Deno looks for it, unless it is there.
 *
 * @throws {SetupError} If npm does not have it, or it is not the pinned one.
 */
export async function setUpBundler(): Promise<void> {
  const integrity = ESBUILD[platform()];
  if (integrity === undefined || haveBundler()) return;
  const pin = { name: `@esbuild/${platform()}`, version: ESBUILD_VERSION, integrity };
  await withScratch(async (dir) => {
    await unpack(STEP, await npmTarball(STEP, pin), dir, [MEMBER]);
    const path = bundlerPath();
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    writeAtomic(path, Deno.readFileSync(`${dir}/${MEMBER}`), 0o755);
  });
}
