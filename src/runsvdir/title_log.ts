/** Bytes at the beginning of the log that stay, such as `log: `. */
const KEPT = 5;

/** The fewest bytes that a log may have. */
export const LOG_MINIMUM = 7;

/** Milliseconds between the dots that push old messages out; the first comes at the start. */
export const DOT_INTERVAL: number = 15 * 60 * 1000;

/**
 * A line of text of fixed length that what is written moves through from right to left, as readproctitle of
 * daemontools has it. The first five bytes stay.
 *
 * @param log The bytes of the line; changed in place.
 * @param written What comes in at the right, as it is, control characters and all.
 */
export function shiftIn(log: Uint8Array, written: Uint8Array): void {
  const moving = log.subarray(KEPT);
  const fitting = written.subarray(Math.max(0, written.length - moving.length));
  moving.copyWithin(0, fitting.length);
  moving.set(fitting, moving.length - fitting.length);
}
