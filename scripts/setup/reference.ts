/**
 * The reference runit: Debian's package, unpacked into the cache and never installed.
 *
 * @module
 */

import { cacheDir, placeDir, statOrUndefined, withScratch } from "./files.ts";
import { insist, sha256File } from "./integrity.ts";
import { SetupError } from "./error.ts";
import { REFERENCE_DEB } from "./pins.ts";
import { run } from "./run.ts";

const STEP = "reference";

/** The folder that holds `usr/bin/sv` and the rest: `$RUNIT_REFERENCE`, or a place in the cache. */
export function referenceDir(): string {
  return Deno.env.get("RUNIT_REFERENCE") ??
    `${cacheDir()}/runit-${REFERENCE_DEB.version}-${REFERENCE_DEB.sha256.slice(0, 16)}`;
}

/** Whether the reference is there. */
export function haveReference(): boolean {
  return statOrUndefined(`${referenceDir()}/usr/bin/sv`) !== undefined;
}

/**
 * Fetches and unpacks the reference, unless it is there.
 *
 * @throws {SetupError} If it cannot be had: no apt, another architecture or release of Debian.
 */
export async function setUpReference(): Promise<void> {
  if (haveReference()) return;
  const own = Deno.env.get("RUNIT_REFERENCE");
  if (own !== undefined) {
    const problem = `RUNIT_REFERENCE is ${own}, which holds no usr/bin/sv`;
    throw new SetupError(STEP, problem, "mend or unset it");
  }
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    throw new SetupError(STEP, "Debian's package is for Linux x86_64", "set RUNIT_REFERENCE");
  }
  await withScratch(async (dir) => {
    const { package: name, version, architecture } = REFERENCE_DEB;
    const deb = `${dir}/${name}_${version}_${architecture}.deb`;
    const download = async (): Promise<void> => {
      await run(
        STEP,
        ["apt-get", "download", "-q", `${name}:${architecture}=${version}`],
        "use Debian 12, or set RUNIT_REFERENCE to an unpacked runit 2.1.2",
        { cwd: dir },
      );
    };
    try {
      await download();
    } catch {
      await run(STEP, ["apt-get", "update", "-q"], "run apt-get update as root");
      await download();
    }
    insist(STEP, `${name} ${version}`, await sha256File(deb), REFERENCE_DEB.sha256);
    await placeDir(referenceDir(), async (target) => {
      await run(STEP, ["dpkg", "-x", deb, target], "check that the disk is not full");
    });
  });
}
