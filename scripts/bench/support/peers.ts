/**
 * Other loggers to measure beside runit's: Debian's packages, unpacked into the cache and never installed.
 *
 * @module
 */

import { SetupError } from "../../setup/error.ts";
import { cacheDir, locked, placeDir, statOrUndefined, withScratch } from "../../setup/files.ts";
import { insist, sha256File } from "../../setup/integrity.ts";
import { run } from "../../setup/run.ts";

const STEP = "peers";

/** A package of Debian 12 for amd64: name, version, and sha256 of its file. */
const PACKAGES: readonly (readonly [name: string, version: string, sha256: string])[] = [
  ["s6", "2.11.3.2-1", "80f48e657e09bd0d7f4a3440957dd3171084e005a90ced037d8426a2e5cf0f8f"],
  ["libs6-2.11", "2.11.3.2-1", "ff9d295f153348b3f2190b00358e019d1d2ca1d23d2270afaaec9ba94d88e67f"],
  [
    "libskarnet2.13",
    "2.13.1.1-1",
    "30d292d91933d8bb4413ca2ca3bd4b6ffbf82854e1de7483b69c91a18dfe90b1",
  ],
  [
    "libexecline2.9",
    "2.9.3.0-1",
    "c47b9704a2079b09a5f0b51b254329f110997fc1256054b7b95bc12e95c8d7b8",
  ],
  [
    "daemontools",
    "1:0.76-8.1",
    "8ae52d3632da06d39abd1f7911e8c5a58a5d7dcac752c831b9d185a2fa442132",
  ],
];

/** A peer, ready to run. */
export interface Peer {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

function peersDir(): string {
  return `${cacheDir()}/peers-s6-2.11.3.2-daemontools-0.76`;
}

/**
 * A logger of another package.
 *
 * @param tool `s6-log` or `multilog`.
 * @returns Undefined where it cannot be had: the benchmark goes on without it.
 */
export async function peer(tool: "s6-log" | "multilog"): Promise<Peer | undefined> {
  const path = `${peersDir()}/usr/bin/${tool}`;
  if (statOrUndefined(path) === undefined) {
    if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return undefined;
    try {
      await locked(`${cacheDir()}/setup.lock`, unpack);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      console.error(`bench: ${error.message}`);
      return undefined;
    }
  }
  return { path, env: { LD_LIBRARY_PATH: `${peersDir()}/usr/lib/x86_64-linux-gnu` } };
}

async function unpack(): Promise<void> {
  await withScratch(async (dir) => {
    await placeDir(peersDir(), async (target) => {
      for (const [name, version, sha256] of PACKAGES) {
        const remedy = "run apt-get update, on Debian 12";
        await run(STEP, ["apt-get", "download", "-q", `${name}:amd64=${version}`], remedy, {
          cwd: dir,
        });
        const deb = `${dir}/${name}_${version.replace(":", "%3a")}_amd64.deb`;
        insist(STEP, `${name} ${version}`, await sha256File(deb), sha256);
        await run(STEP, ["dpkg", "-x", deb, target], "check that the disk is not full");
      }
    });
  });
}
