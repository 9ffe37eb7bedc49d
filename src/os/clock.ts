/**
 * The clocks: clock_gettime(2).
 *
 * @module
 */

import { bind, check } from "./_libc.ts";
import { platform } from "./platform.ts";

const clockGettime = bind("clock_gettime", ["i32", "buffer"], "i32");

/** A point in time, or a span: whole seconds and nanoseconds below one more. */
export interface Time {
  /** Since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanoseconds: number;
}

const timespec = new BigInt64Array(2);

/** The wall clock. It may be set, so that it jumps both ways. */
export function wallClock(): Time {
  check(clockGettime(platform.clock.REALTIME, timespec), "clock_gettime");
  return { seconds: Number(timespec[0]), nanoseconds: Number(timespec[1]) };
}

/** Milliseconds on a clock that nobody sets. */
export function monotonicClock(): number {
  return performance.now();
}
