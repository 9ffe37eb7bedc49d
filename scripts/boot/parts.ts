/**
 * What the machine is made of beside our executables: Debian's kernel and busybox, unpacked into the cache and never
 * installed, and the emulator, which must be installed.
 *
 * @module
 */

import { SetupError } from "../setup/error.ts";
import { cacheDir, placeDir, statOrUndefined, withScratch } from "../setup/files.ts";
import { run } from "../setup/run.ts";

const STEP = "boot";

/** The metapackage of the kernel for virtual machines: it depends on the present one. */
const KERNEL = "linux-image-cloud-amd64";
const BUSYBOX = "busybox-static";

/** The emulator, and where it comes from. */
export const EMULATOR = "qemu-system-x86_64";

/** Paths of the parts. */
export interface Parts {
  /** The kernel's image. */
  readonly kernel: string;
  /** A busybox that needs no library. */
  readonly busybox: string;
}

/**
 * Fetches what is not there yet.
 *
 * @throws {SetupError} If something cannot be had; it says what, and what to do.
 */
export async function fetchParts(): Promise<Parts> {
  await run(
    STEP,
    [EMULATOR, "--version"],
    "apt-get install --no-install-recommends qemu-system-x86",
  );
  const dir = `${cacheDir()}/boot`;
  if (statOrUndefined(dir) === undefined) await withScratch((scratch) => unpack(scratch, dir));
  const kernel = [...Deno.readDirSync(`${dir}/boot`)].find(({ name }) =>
    name.startsWith("vmlinuz")
  );
  if (kernel === undefined) throw new SetupError(STEP, `${dir} has no kernel`, "remove it");
  return { kernel: `${dir}/boot/${kernel.name}`, busybox: `${dir}/bin/busybox` };
}

async function unpack(scratch: string, dir: string): Promise<void> {
  await run(STEP, ["apt-get", "update", "-q"], "run apt-get update as root");
  const depends = await run(STEP, ["apt-cache", "depends", KERNEL], "use Debian on x86_64");
  const image = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (image === undefined) throw new SetupError(STEP, `${KERNEL} names no kernel`, "use Debian");
  await run(STEP, ["apt-get", "download", "-q", image, BUSYBOX], "look for the network", {
    cwd: scratch,
  });
  await placeDir(dir, async (target) => {
    for (const { name } of Deno.readDirSync(scratch)) {
      if (!name.endsWith(".deb")) continue;
      await run(
        STEP,
        ["dpkg", "-x", `${scratch}/${name}`, target],
        "look whether the disk is full",
      );
    }
  });
}
