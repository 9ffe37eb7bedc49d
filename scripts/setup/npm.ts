import { lastLine } from "./error.ts";
import { cacheDir, statOrUndefined, withScratch } from "./files.ts";
import { insist, integrity } from "./integrity.ts";
import type { NpmPin } from "./pins.ts";
import { run } from "./run.ts";

/**
 * Fetches the tarball of a pinned package, installing nothing, and keeps it in the cache under its integrity.
 *
 * @param step The step of the set-up that wants it, for errors.
 * @returns The tarball's path.
 * @throws {SetupError} If npm fails or the tarball is not the pinned one, which is then thrown away.
 */
export async function npmTarball(step: string, pin: NpmPin): Promise<string> {
  const file = pin.integrity.replace("sha512-", "").replaceAll(/[^A-Za-z0-9]/g, "").slice(0, 32);
  const path = `${cacheDir()}/npm-${file}.tgz`;
  if (statOrUndefined(path)) {
    if (await integrity(await Deno.readFile(path)) === pin.integrity) return path;
    Deno.removeSync(path);
  }
  await withScratch(async (dir) => {
    const spec = `${pin.name}@${pin.version}`;
    const printed = await run(
      step,
      ["npm", "pack", "--silent", "--pack-destination", dir, spec],
      `check that npm reaches its registry (npm view ${spec}), then try again`,
      { cwd: dir },
    );
    const tarball = `${dir}/${lastLine(printed)}`;
    insist(step, `${spec} from npm`, await integrity(await Deno.readFile(tarball)), pin.integrity);
    Deno.renameSync(tarball, path);
  });
  return path;
}

/**
 * Unpacks some members of a tarball.
 *
 * @param members Paths inside the tarball; folders count with all below.
 * @throws {SetupError} If tar fails.
 */
export async function unpack(
  step: string,
  tarball: string,
  dir: string,
  members: readonly string[],
): Promise<void> {
  await run(
    step,
    ["tar", "-xzf", tarball, "-C", dir, "--no-same-owner", ...members],
    "check that tar is installed and the disk is not full",
  );
}
