/**
 * What chpst says to a command line that it does not understand.
 *
 * @module
 */

import type { Step } from "../cli/getopt.ts";

/** What follows the name in the usage of chpst, and of any name that is none of its personalities. */
const CHPST =
  "[-vVP012] [-u user[:group]] [-U user[:group]] [-b argv0] [-e dir] [-/ root] [-n nice] [-l|-L lock] " +
  "[-m n] [-d n] [-o n] [-p n] [-f n] [-c n] [-t n] prog";

/** The same for its personalities. */
const OTHERS: ReadonlyMap<string, string> = new Map([
  ["envdir", "dir child"],
  ["envuidgid", "account child"],
  ["pgrphack", "child"],
  ["setlock", "[ -nNxX ] file program [ arg ... ]"],
  ["setuidgid", "account child"],
  [
    "softlimit",
    "[-a allbytes] [-c corebytes] [-d databytes] [-f filebytes] [-l lockbytes] [-m membytes] [-o openfiles] " +
    "[-p processes] [-r residentbytes] [-s stackbytes] [-t cpusecs] child",
  ],
]);

/** Thrown for a command line that is not understood. The message is all that is to be said. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** How to use it, under the name of a personality: a line, and an empty one. */
export function usage(personality: string): UsageError {
  return new UsageError(usageText(personality, OTHERS.get(personality) ?? CHPST));
}

/** How to use chpst, whatever the name: the reference says it to a bad number also under `softlimit`. */
export function chpstUsage(personality: string): UsageError {
  return new UsageError(usageText(personality, CHPST));
}

/**
 * What is wrong with an option, then how to use it.
 *
 * @param name The name that it was called by, with a `d` before it or not.
 * @param step Which option.
 */
export function optionUsage(
  personality: string,
  name: string,
  step: Exclude<Step, { kind: "option" | "operands" }>,
): UsageError {
  const what = step.kind === "illegal" ? "illegal option" : "option requires an argument";
  return new UsageError(`${name}: ${what} -- ${step.letter}\n${usage(personality).message}`);
}

/** An identification, then how to use it. */
export function versionUsage(personality: string, identification: string): UsageError {
  return new UsageError(`${identification}\n${usage(personality).message}`);
}

function usageText(name: string, synopsis: string): string {
  return `usage: ${name} ${synopsis}\n\n`;
}
