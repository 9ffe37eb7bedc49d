/**
 * Which denort to compile with: the one the user names, the one Deno publishes, or a recovered one.
 *
 * @module
 */

import { statOrUndefined } from "./files.ts";
import { SetupError } from "./error.ts";
import { haveRecoveredDenort, recoverDenort } from "./denort.ts";
import { sha256File } from "./integrity.ts";
import { officialDenort, officialZip } from "./official.ts";

const STEP = "denort";

/** A denort to compile with. */
export interface Base {
  /** Where it comes from. */
  readonly kind: "official" | "recovered" | "DENORT_BIN";
  /** What tells it from another: the sha256 of it or its archive. */
  readonly identity: string;
  /** The value of `DENORT_BIN` for `deno compile`; undefined leaves it to the archive that Deno has. */
  readonly path: string | undefined;
}

/** The target that this machine runs. */
export const HOST: string = Deno.build.target;

/** Whether there is a base for the host. */
export function haveBase(): boolean {
  return Boolean(Deno.env.get("DENORT_BIN")) || haveRecoveredDenort() ||
    statOrUndefined(officialZip(HOST)) !== undefined;
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
 * Finds the base for a target: `DENORT_BIN`, what Deno has downloaded or could download, or a recovered one.
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
  const official = await officialDenort(target);
  if (official !== undefined) return { kind: "official", identity: official, path: undefined };
  const { path, sha256 } = await recoverDenort(target);
  return { kind: "recovered", identity: sha256, path };
}
