/**
 * How the C library's allocator behaves: mallopt(3).
 *
 * @module
 */

import { bind } from "./_libc.ts";
import { errorCode } from "./error.ts";

const mallopt = bind("mallopt", ["i32", "i32"], "i32");
const TRIM_THRESHOLD = -1;
const MMAP_THRESHOLD = -3;
const ARENA_MAX = -8;

/** Bytes from which on an allocation is a mapping of its own, given back as soon as it is freed. */
const LARGE = 64 * 1024;

/**
 * Has freed memory given back to the system rather than kept for later: for a process that lives long, with threads that
 * come and go. By default each thread keeps an arena, and what is large becomes larger with use. Nothing is done where
 * the C library knows of no such thing.
 */
export function giveMemoryBack(): void {
  if (Deno.build.os !== "linux") return;
  try {
    mallopt(ARENA_MAX, 1);
    mallopt(MMAP_THRESHOLD, LARGE);
    mallopt(TRIM_THRESHOLD, 2 * LARGE);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}
