/**
 * The processes of the system, from proc(5), and who takes in those whose parent has ended. Linux only.
 *
 * @module
 */

import { bind, check } from "./_libc.ts";
import { close, open, read } from "./descriptor.ts";
import { listNames } from "./directory.ts";
import { errorCode } from "./error.ts";

const libc = {
  prctl: bind("prctl", ["i32", "usize", "usize", "usize", "usize"], "i32"),
};

/** A process as the kernel lists it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Whether it has ended, and only its parent has not looked. */
  readonly ended: boolean;
}

/**
 * All processes that this one can see.
 *
 * @throws {OsError} Where there is no `/proc`.
 */
export function processTable(): ProcessEntry[] {
  const proc = open("/proc", { directory: true });
  try {
    const entries: ProcessEntry[] = [];
    for (const name of listNames(proc)) {
      const pid = Number(decoder.decode(name));
      if (!Number.isInteger(pid)) continue;
      const entry = processEntry(proc, pid);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  } finally {
    close(proc);
  }
}

const decoder = new TextDecoder();

function processEntry(proc: number, pid: number): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = decoder.decode(readSmall(`${pid}/stat`, proc));
  } catch (error) {
    // It has ended meanwhile.
    if (errorCode(error) !== undefined) return undefined;
    throw error;
  }
  // The second field is the name in parentheses, and may hold anything.
  const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid, parent: Number(parent), ended: state === "Z" || state === "X" };
}

/**
 * Reads a small file with one read(2).
 *
 * @throws {OsError} As open(2) and read(2) fail.
 */
export function readSmall(path: string, dir?: number): Uint8Array<ArrayBuffer> {
  const fd = open(path, { nonblocking: true, ...(dir === undefined ? {} : { dir }) });
  try {
    const buffer = new Uint8Array(4096);
    return buffer.subarray(0, read(fd, buffer) ?? 0);
  } finally {
    close(fd);
  }
}

/**
 * Makes this process the one that orphans below it are given to, as they otherwise are to process 1:
 * `PR_SET_CHILD_SUBREAPER` of prctl(2).
 *
 * @throws {OsError} With `ENOSYS` where the system has no such thing.
 */
export function adoptOrphans(): void {
  check(libc.prctl(36, 1n, 0n, 0n, 0n), "prctl");
}
