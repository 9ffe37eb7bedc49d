/**
 * Asking pid 1 for the end of the system, through the files of runit(8).
 *
 * @module
 */

import { errorCode } from "../os/error.ts";
import { ARMED, type Place, PLACES } from "./paths.ts";

/** What comes after the shutdown. */
export type Ending = "halt" | "reboot";

/** What came of {@linkcode askFor}. */
export interface Asked {
  /** Whether it is asked for in one place at least. */
  readonly asked: boolean;
  /** Why it is not in the others. A place that does not exist is among them only if no other reason is. */
  readonly failures: readonly Error[];
}

/**
 * Asks for the end of the system, in all places where pid 1 may look. It looks once it gets the signal CONT.
 *
 * @param ending What is to come after the shutdown.
 * @param places Where to ask. @default {PLACES}
 */
export function askFor(ending: Ending, places: readonly Place[] = PLACES): Asked {
  const results = places.map((place) => askAt(place, ending));
  const failures = results.filter((result) => result !== undefined);
  const telling = failures.filter(({ cause }) => errorCode(cause) !== "ENOENT");
  const asked = failures.length < results.length;
  return { asked, failures: asked || telling.length > 0 ? telling : failures };
}

function askAt({ stopit, reboot }: Place, ending: Ending): Error | undefined {
  return arm(stopit) ?? (ending === "reboot" ? arm(reboot) : disarm(reboot));
}

function arm(path: string): Error | undefined {
  try {
    Deno.openSync(path, { write: true, create: true, truncate: true, mode: 0o644 }).close();
  } catch (cause) {
    return new Error(`unable to create ${path}`, { cause });
  }
  return changeMode(path, ARMED);
}

function disarm(path: string): Error | undefined {
  const failure = changeMode(path, 0);
  return errorCode(failure?.cause) === "ENOENT" ? undefined : failure;
}

function changeMode(path: string, mode: number): Error | undefined {
  try {
    Deno.chmodSync(path, mode);
    return undefined;
  } catch (cause) {
    return new Error(`unable to chmod ${path}`, { cause });
  }
}
