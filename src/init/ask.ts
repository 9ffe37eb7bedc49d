/**
 * Asking pid 1 for the end of the system, through the files of runit(8).
 *
 * @module
 */

import { close, open } from "../os/descriptor.ts";
import { errorCode } from "../os/error.ts";
import { ARMED, type Place, PLACES } from "./paths.ts";

/** What comes after the shutdown. */
export type Ending = "halt" | "reboot";

/** What came of {@linkcode askFor}. */
export interface Asked {
  /** Whether it is asked for in one place at least. */
  readonly asked: boolean;
  /** Why it is not in the others; those that do not exist are passed over, if any does. */
  readonly failures: readonly Error[];
}

/**
 * Asks for the end of the system, in all places where pid 1 may look. It looks once it gets the signal CONT.
 *
 * @param ending What is to come after the shutdown.
 * @param places Where to ask. @default {PLACES}
 */
export function askFor(ending: Ending, places: readonly Place[] = PLACES): Asked {
  const existing = places.filter(exists);
  const results = (existing.length > 0 ? existing : places).map((place) => askAt(place, ending));
  const failures = results.filter((result) => result !== undefined);
  return { asked: failures.length < results.length, failures };
}

/** Whether there is a directory for its files. */
function exists({ stopit }: Place): boolean {
  try {
    return Deno.statSync(stopit.slice(0, stopit.lastIndexOf("/"))).isDirectory;
  } catch {
    return false;
  }
}

function askAt({ stopit, reboot }: Place, ending: Ending): Error | undefined {
  return arm(stopit) ?? (ending === "reboot" ? arm(reboot) : disarm(reboot));
}

function arm(path: string): Error | undefined {
  try {
    // Deno.openSync does not make what a symbolic link points at, and some have links here, into a tmpfs.
    close(open(path, { access: "write", create: true, truncate: true, nonblocking: true }));
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
