/**
 * Which denort to compile with: the one the user names, Deno's own download, or a recovered one.
 *
 * @module
 */

import { PROJECT_CACHE, readTextOrUndefined, statOrUndefined, writeAtomic } from "./files.ts";
import { SetupError } from "./error.ts";
import { haveRecoveredDenort, recoverDenort } from "./denort.ts";
import { sha256File } from "./integrity.ts";
import { officialDenortZip } from "./deno_dir.ts";
import { DENO_VERSION, OFFICIAL_DENORT_ZIP } from "./pins.ts";

const STEP = "denort";

/** A denort to compile with. */
export interface Base {
  /** Where it comes from. */
  readonly kind: "official" | "recovered" | "DENORT_BIN";
  /** What tells it from another: a sha256, or the version that Deno downloads. */
  readonly identity: string;
  /** The value of `DENORT_BIN` for `deno compile`; undefined leaves it to Deno's download. */
  readonly path: string | undefined;
}

/** The target that this machine runs. */
export const HOST: string = Deno.build.target;

/** Whether a base for the host can be used at once, or Deno's download is known to answer. */
export function haveBase(): boolean {
  return Boolean(Deno.env.get("DENORT_BIN")) || haveRecoveredDenort() ||
    statOrUndefined(officialDenortZip(HOST)) !== undefined;
}

/**
 * Sees to it that the host can compile.
 *
 * @throws {SetupError} If no base can be had.
 */
export async function setUpBase(): Promise<void> {
  await findBase(HOST);
}

/**
 * Finds the base for a target: `DENORT_BIN`, what Deno has downloaded, what it can download, or a recovered one.
 *
 * @throws {SetupError} If none can be had.
 */
export async function findBase(target: string): Promise<Base> {
  const own = Deno.env.get("DENORT_BIN");
  if (own) {
    if (!statOrUndefined(own)?.isFile) {
      throw new SetupError(STEP, `DENORT_BIN is ${own}, which is no file`, "mend or unset it");
    }
    return { kind: "DENORT_BIN", identity: await sha256File(own), path: own };
  }
  const zip = officialDenortZip(target);
  if (statOrUndefined(zip)) {
    const identity = await sha256File(zip);
    const pinned = OFFICIAL_DENORT_ZIP[target];
    if (pinned !== undefined && identity !== pinned) {
      throw new SetupError(STEP, `${zip} is not the release that is pinned`, "remove it");
    }
    return { kind: "official", identity, path: undefined };
  }
  if (await downloadAnswers(target)) {
    return { kind: "official", identity: `${DENO_VERSION} ${target}`, path: undefined };
  }
  const path = await recoverDenort(target);
  return { kind: "recovered", identity: await sha256File(path), path };
}

/** Whether the place that Deno downloads denort from answers; a no is believed for an hour. */
async function downloadAnswers(target: string): Promise<boolean> {
  const noted = `${PROJECT_CACHE}/denort-out-of-reach`;
  const since = Date.parse(readTextOrUndefined(noted)?.trim() ?? "");
  if (Date.now() - since < 3_600_000) return false;
  const url = `https://dl.deno.land/release/v${DENO_VERSION}/denort-${target}.zip`;
  try {
    const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(3_000) });
    if (response.ok) return true;
  } catch {
    // No such host, no route, no answer in time: all the same to us.
  }
  Deno.mkdirSync(PROJECT_CACHE, { recursive: true });
  writeAtomic(noted, `${new Date().toISOString()}\n`);
  return false;
}
