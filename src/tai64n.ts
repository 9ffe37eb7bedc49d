/**
 * TAI64N labels: an `@` and 24 hexadecimal digits, of which 16 are seconds, counted from 2^62 at 1970 TAI, and 8 are
 * nanoseconds. As daemontools and runit write them, ten seconds are added to Unix time, and leap seconds are not looked at.
 *
 * @see https://cr.yp.to/libtai/tai64.html
 * @module
 */

import type { Time } from "./os/clock.ts";

/** Length of a label in bytes, with its `@`. */
export const TAI64N_LENGTH = 25;

const TAI_OFFSET = 10;
const WORD = 2 ** 32;

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

/** The label of a point in time. */
export function tai64n(time: Time): string {
  const seconds = time.seconds + TAI_OFFSET;
  return `@${hex(0x40000000 + Math.floor(seconds / WORD))}${hex(seconds % WORD)}${
    hex(time.nanoseconds)
  }`;
}

/**
 * Reads a label.
 *
 * @returns The time, or `undefined` for what is not a label.
 */
export function parseTai64n(label: string): Time | undefined {
  if (!/^@[0-9a-f]{24}$/.test(label)) return undefined;
  const high = parseInt(label.slice(1, 9), 16) - 0x40000000;
  const nanoseconds = parseInt(label.slice(17), 16);
  if (nanoseconds > 999_999_999) return undefined;
  return { seconds: high * WORD + parseInt(label.slice(9, 17), 16) - TAI_OFFSET, nanoseconds };
}
