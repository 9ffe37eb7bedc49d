/**
 * The names of old log files, and which of them go.
 *
 * | name | meaning |
 * | --- | --- |
 * | `@stamp.s` | finished: rotated, and processed where there is a processor |
 * | `@stamp.u` | not processed yet; or a current that was left by a crash |
 * | `@stamp.t` | what a processor has written so far |
 *
 * @module
 */

import type { Time } from "../os/clock.ts";
import { TAI64N_LENGTH } from "../tai64n.ts";

/** `.s`, `.u` or `.t`. */
export type Suffix = "s" | "u" | "t";

/** The name of an old file. */
export function oldFile(stamp: string, suffix: Suffix): string {
  return `${stamp}.${suffix}`;
}

/** The stamp in the name of an old file. */
export function stampOf(name: string): string {
  return name.slice(0, TAI64N_LENGTH);
}

/** The next point in time, so that no two names are the same. */
export function nextNanosecond(time: Time): Time {
  return time.nanoseconds < 999_999_999
    ? { seconds: time.seconds, nanoseconds: time.nanoseconds + 1 }
    : { seconds: time.seconds + 1, nanoseconds: 0 };
}

/**
 * A stamp for a file that is to be rotated.
 *
 * @param last The stamp that was given last. Where the clock was set back it goes on from there, so that the order
 * of names stays that of the files.
 */
export function nextStamp(now: Time, last: Time | undefined): Time {
  if (last === undefined) return now;
  const later = now.seconds > last.seconds ||
    now.seconds === last.seconds && now.nanoseconds > last.nanoseconds;
  return later ? now : nextNanosecond(last);
}

/** What is in a log directory, as far as rotation goes. */
export interface OldFiles {
  /** Files that count, the oldest first. Anything named `@`, 25 more characters and no `t` or `u` does. */
  readonly finished: readonly string[];
  /** Files that no processor has finished with, the oldest first. */
  readonly unprocessed: readonly string[];
  /** What processors have left half done. */
  readonly partial: readonly string[];
}

/** Sorts the names of a log directory. */
export function oldFiles(names: readonly string[]): OldFiles {
  const old = names.filter((name) => name.startsWith("@") && name.length === TAI64N_LENGTH + 2)
    .toSorted();
  return {
    finished: old.filter((name) => !name.endsWith("t") && !name.endsWith("u")),
    unprocessed: old.filter((name) => name.endsWith(".u")),
    partial: old.filter((name) => name.endsWith("t")),
  };
}

/**
 * The file that goes at a rotation: the oldest, if there are already as many as are kept. Never more than one.
 *
 * @param rotated The one that was just rotated.
 * @param maxFiles How many are kept; 0 for all.
 */
export function toRemove(files: OldFiles, rotated: string, maxFiles: number): string | undefined {
  const others = files.finished.filter((name) => name !== rotated);
  return maxFiles > 0 && others.length >= maxFiles ? others[0] : undefined;
}

/**
 * The file that goes when the disk is full: the oldest, if there are more than the least to keep.
 *
 * @param limits As in the config file. A least number that is not below the number kept is not one.
 */
export function toSacrifice(
  files: OldFiles,
  limits: { readonly minFiles: number; readonly maxFiles: number },
): string | undefined {
  if (limits.minFiles === 0 || limits.minFiles >= limits.maxFiles) return undefined;
  return files.finished.length > limits.minFiles ? files.finished[0] : undefined;
}
