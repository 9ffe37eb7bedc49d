/**
 * Other supervisors and loggers to measure beside runit's: Debian's packages, unpacked into the cache and never installed.
 *
 * @module
 */

import { SetupError } from "../../setup/error.ts";
import { cacheDir, locked, placeDir, statOrUndefined, withScratch } from "../../setup/files.ts";
import { insist, sha256File } from "../../setup/integrity.ts";
import { run } from "../../setup/run.ts";

const STEP = "peers";

/** A package of Debian 12 for amd64: name, version, sha256 of its file, and architecture. */
type Package = readonly [name: string, version: string, sha256: string, architecture?: "all"];

/** Packages that are unpacked into one folder. */
interface Bundle {
  /** Of the folder in the cache. */
  readonly name: string;
  readonly packages: readonly Package[];
}

const SKARNET_AND_DJB: Bundle = {
  name: "peers-s6-2.11.3.2-daemontools-0.76",
  packages: [
    ["s6", "2.11.3.2-1", "80f48e657e09bd0d7f4a3440957dd3171084e005a90ced037d8426a2e5cf0f8f"],
    [
      "libs6-2.11",
      "2.11.3.2-1",
      "ff9d295f153348b3f2190b00358e019d1d2ca1d23d2270afaaec9ba94d88e67f",
    ],
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
  ],
};

const SUPERVISOR: Bundle = {
  name: "peers-supervisor-4.2.5",
  packages: [
    [
      "supervisor",
      "4.2.5-1",
      "3a9332c4197c2747b9b5c624efe30fc68941e60c700645910ea9f932503a55ab",
      "all",
    ],
    [
      "python3-pkg-resources",
      "66.1.1-1+deb12u2",
      "25dfb378939ccdf27e7382adf44c168f86e22f9f1a8e6e3a2ec526431ed5e30f",
      "all",
    ],
  ],
};

const PYTHON: Bundle = {
  name: "peers-python-3.11.2-6+deb12u9",
  packages: [
    [
      "python3.11-minimal",
      "3.11.2-6+deb12u9",
      "b5f855ab922dfcd5d1a3223b2118c3dae13ffc7751b0cd5dc24740386323a33a",
    ],
    [
      "libpython3.11-minimal",
      "3.11.2-6+deb12u9",
      "69f41cfa3f4ba17284e538f843069d7529c53c207d2ae17a5b02785944870e33",
    ],
    [
      "libpython3.11-stdlib",
      "3.11.2-6+deb12u9",
      "10f13e000ee757f5f2d2d3569f9e30546214a0c850acd78695feae373bfa3e53",
    ],
    [
      "libexpat1",
      "2.5.0-1+deb12u5",
      "cae5ded666d8573dd33060bc66fbac21eea8b101a6b56e2af8bd590fcfa65d79",
    ],
  ],
};

/** A peer, ready to run. */
export interface Peer {
  /** Its executable, and what comes before its own arguments: a script for an interpreter. */
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A tool of s6 or daemontools.
 *
 * @param tool Such as `s6-log` or `multilog`.
 * @returns Undefined where it cannot be had: the benchmark says so, and goes on without it.
 */
export async function peer(tool: string): Promise<Peer | undefined> {
  const dir = await unpacked(SKARNET_AND_DJB);
  if (dir === undefined) return undefined;
  return {
    path: `${dir}/usr/bin/${tool}`,
    args: [],
    env: { LD_LIBRARY_PATH: `${dir}/usr/lib/x86_64-linux-gnu` },
  };
}

/**
 * A tool of supervisor: with Debian's Python unpacked beside it, or with the machine's where that cannot be had any more.
 *
 * @param tool `supervisord` or `supervisorctl`.
 * @returns Undefined where it cannot be had, or does not run: the benchmark says so, and goes on without it.
 */
export async function supervisor(tool: "supervisord" | "supervisorctl"): Promise<Peer | undefined> {
  const dir = await unpacked(SUPERVISOR);
  if (dir === undefined) return undefined;
  const args = [`${dir}/usr/bin/${tool}`];
  const env = { PYTHONPATH: `${dir}/usr/lib/python3/dist-packages` };
  const own = await unpacked(PYTHON);
  const candidates: Peer[] = [{ path: "/usr/bin/python3", args, env }];
  if (own !== undefined) {
    candidates.unshift({
      path: `${own}/usr/bin/python3.11`,
      // Without the machine's packages.
      args: ["-S", ...args],
      env: {
        ...env,
        PYTHONHOME: `${own}/usr`,
        LD_LIBRARY_PATH: `${own}/lib/x86_64-linux-gnu:${own}/usr/lib/x86_64-linux-gnu`,
      },
    });
  }
  const found = candidates.find(runs);
  if (found === undefined) console.error("bench: peers: no Python runs supervisor: it is left out");
  return found;
}

function runs({ path, args, env }: Peer): boolean {
  try {
    return new Deno.Command(path, {
      args: [...args, "--help"],
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch {
    return false;
  }
}

/** Bundles that were tried in vain: said once. */
const missing = new Set<Bundle>();

/** The folder of a bundle, fetched if it is not there; undefined where it cannot be had. */
async function unpacked(bundle: Bundle): Promise<string | undefined> {
  const dir = `${cacheDir()}/${bundle.name}`;
  if (statOrUndefined(dir) !== undefined) return dir;
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return undefined;
  if (missing.has(bundle)) return undefined;
  try {
    await locked(`${cacheDir()}/setup.lock`, () => unpack(dir, bundle));
    return dir;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`bench: ${error.message}`);
    missing.add(bundle);
    return undefined;
  }
}

async function unpack(dir: string, { packages }: Bundle): Promise<void> {
  await withScratch(async (scratch) => {
    await placeDir(dir, async (target) => {
      for (const [name, version, sha256, architecture = "amd64"] of packages) {
        const remedy = "run apt-get update, on Debian 12";
        await run(
          STEP,
          ["apt-get", "download", "-q", `${name}:${architecture}=${version}`],
          remedy,
          {
            cwd: scratch,
          },
        );
        const deb = `${scratch}/${name}_${version.replace(":", "%3a")}_${architecture}.deb`;
        insist(STEP, `${name} ${version}`, await sha256File(deb), sha256);
        await run(STEP, ["dpkg", "-x", deb, target], "check that the disk is not full");
      }
    });
  });
}
