/**
 * Pages of this program's own file that lie in its memory: madvise(2), proc_pid_smaps(5).
 *
 * @module
 */

import { bind } from "./_libc.ts";
import { close, open, read } from "./descriptor.ts";
import { errorCode } from "./error.ts";
import { readLink } from "./file.ts";

const madvise = bind("madvise", ["pointer", "usize", "i32"], "i32");
const DONTNEED = 4;

/** One mapping, as smaps tells it. */
export interface Mapping {
  readonly start: bigint;
  readonly end: bigint;
  /** Such as `r-xp`. */
  readonly permissions: string;
  readonly path: string;
  /** Whether it holds anything that is not in the file, such as relocated addresses. */
  readonly changed: boolean;
}

/** Reads the content of an smaps file. */
export function parseMappings(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  const pattern =
    /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ *(.*)$([\s\S]*?)(?=^[0-9a-f]+-[0-9a-f]+ |$(?![\s\S]))/gm;
  for (const [, start, end, permissions = "", path = "", fields = ""] of text.matchAll(pattern)) {
    const anonymous = /^Anonymous: +(\d+) kB$/m.exec(fields)?.[1];
    mappings.push({
      start: BigInt(`0x${start}`),
      end: BigInt(`0x${end}`),
      permissions,
      path,
      // Where it is not told, it is taken to be.
      changed: anonymous !== "0",
    });
  }
  return mappings;
}

/**
 * Gives back the pages of this program's file that only its start needed. Those that are used again come back from the
 * system's cache one by one, or from the disk. Where the system does not tell what lies where, nothing is done.
 *
 * Only mappings that cannot be written to and are as they are in the file: nothing of them can be lost.
 */
export function releaseProgramPages(): void {
  if (Deno.build.os !== "linux") return;
  try {
    const program = readLink("/proc/self/exe");
    for (const { start, end, permissions, path, changed } of parseMappings(readSmaps())) {
      if (path !== program || permissions.includes("w") || changed) continue;
      madvise(Deno.UnsafePointer.create(start), end - start, DONTNEED);
    }
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}

function readSmaps(): string {
  const fd = open("/proc/self/smaps");
  try {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(16 * 1024);
    let text = "";
    for (;;) {
      const count = read(fd, buffer) ?? 0;
      if (count === 0) return text;
      text += decoder.decode(buffer.subarray(0, count), { stream: true });
    }
  } finally {
    close(fd);
  }
}
