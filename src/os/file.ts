/**
 * Names in directories: mkdir(2), mkfifo(3), rename(2), unlink(2), stat(2), access(2), readlink(2).
 *
 * Every call takes the directory that a relative path starts from as an open descriptor, so that one process may
 * look after many directories, and each of them may be renamed meanwhile.
 *
 * @module
 */

import { bind, check, cString, retry } from "./_libc.ts";
import type { Time } from "./clock.ts";
import { CWD } from "./descriptor.ts";

const libc = {
  mkdirat: bind("mkdirat", ["i32", "buffer", "u32"], "i32"),
  mkfifo: bind("mkfifo", ["buffer", "u32"], "i32"),
  mkfifoat: bind("mkfifoat", ["i32", "buffer", "u32"], "i32"),
  renameat: bind("renameat", ["i32", "buffer", "i32", "buffer"], "i32"),
  unlinkat: bind("unlinkat", ["i32", "buffer", "i32"], "i32"),
  readlinkat: bind("readlinkat", ["i32", "buffer", "buffer", "usize"], "i32"),
  statx: bind("statx", ["i32", "buffer", "i32", "u32", "buffer"], "i32"),
  fstatat: bind(
    // The 64-bit layout has a name of its own on Intel Macs only.
    Deno.build.arch === "x86_64" ? "fstatat$INODE64" : "fstatat",
    ["i32", "buffer", "buffer", "i32"],
    "i32",
  ),
};

/** What calls fill in here. Each answer is read before the next call. */
const answer = new Uint8Array(4096);
const answerView = new DataView(answer.buffer);
const decoder = new TextDecoder();

/** What kind of thing a name stands for. */
export type FileType = "file" | "directory" | "fifo" | "symlink" | "other";

/** What stat(2) tells of a file. */
export interface FileStatus {
  type: FileType;
  /** Permission bits, `0o7777` at most. */
  mode: number;
  uid: number;
  gid: number;
  /** In bytes. */
  size: number;
  inode: bigint;
  device: bigint;
  /** When its content was last changed; of a directory, the names in it. */
  modified: Time;
}

const TYPES: Readonly<Record<number, FileType>> = {
  0o100000: "file",
  0o040000: "directory",
  0o010000: "fifo",
  0o120000: "symlink",
};

/** Makes a directory; the mode is less the umask. */
export function makeDirectory(path: string, mode: number, dir: number = CWD): void {
  check(libc.mkdirat(dir, cString(path), mode), "mkdir");
}

/** Makes a FIFO; the mode is less the umask. */
export function makeFifo(path: string, mode: number, dir: number = CWD): void {
  const name = cString(path);
  // macOS has mkfifoat(2) only since version 13.
  const result = dir === CWD ? libc.mkfifo(name, mode) : libc.mkfifoat(dir, name, mode);
  check(result, "mkfifo");
}

/** Renames within one directory; what had the new name is replaced in the same instant. */
export function rename(from: string, to: string, dir: number = CWD): void {
  check(libc.renameat(dir, cString(from), dir, cString(to)), "rename");
}

/** Removes a name that is not a directory. */
export function unlink(path: string, dir: number = CWD): void {
  check(libc.unlinkat(dir, cString(path), 0), "unlink");
}

/** What a symbolic link holds. */
export function readLink(path: string, dir: number = CWD): string {
  const size = BigInt(answer.length);
  const length = check(libc.readlinkat(dir, cString(path), answer, size), "readlink");
  return decoder.decode(answer.subarray(0, length));
}

/**
 * Looks a name up.
 *
 * @param options `follow`: whether a symbolic link stands for what it points at. @default {true}
 * @throws {OsError} As stat(2) fails.
 */
export function stat(
  path: string | Uint8Array,
  dir: number = CWD,
  options: { follow?: boolean } = {},
): FileStatus {
  const follow = options.follow ?? true;
  const name = cString(path);
  const view = answerView;
  if (Deno.build.os === "linux") {
    // statx(2) has one layout on all machines, stat(2) one on each. 0x100 is AT_SYMLINK_NOFOLLOW, 0x7ff the basic fields.
    retry("stat", () => libc.statx(dir, name, follow ? 0 : 0x100, 0x7ff, answer));
    const device = BigInt(view.getUint32(136, true)) << 32n | BigInt(view.getUint32(140, true));
    return fileStatus(view.getUint16(28, true), {
      uid: view.getUint32(20, true),
      gid: view.getUint32(24, true),
      size: Number(view.getBigUint64(40, true)),
      inode: view.getBigUint64(32, true),
      device,
      modified: timeAt(view, 112),
    });
  }
  retry("stat", () => libc.fstatat(dir, name, answer, follow ? 0 : 0x20));
  return fileStatus(view.getUint16(4, true), {
    uid: view.getUint32(16, true),
    gid: view.getUint32(20, true),
    size: Number(view.getBigInt64(96, true)),
    inode: view.getBigUint64(8, true),
    device: BigInt(view.getUint32(0, true)),
    modified: timeAt(view, 48),
  });
}

/** A time as both layouts hold it: 64 bits of seconds, then nanoseconds. */
function timeAt(view: DataView, offset: number): Time {
  const seconds = Number(view.getBigInt64(offset, true));
  return { seconds, nanoseconds: view.getUint32(offset + 8, true) };
}

function fileStatus(
  mode: number,
  rest: Omit<FileStatus, "type" | "mode">,
): FileStatus {
  return { type: TYPES[mode & 0o170000] ?? "other", mode: mode & 0o7777, ...rest };
}
