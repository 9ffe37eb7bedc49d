/**
 * What a process lives in: chdir(2), chroot(2), setsid(2), nice(2), and names in the current directory as bytes.
 *
 * @module
 */

import { bind, check, clearErrno, cString, errno } from "./_libc.ts";
import { OsError } from "./error.ts";
import { platform } from "./platform.ts";
import { cStringBytes } from "./process.ts";

// On Intel Macs, what handles 64-bit inodes has a name of its own.
const inode64 = Deno.build.os === "darwin" && Deno.build.arch === "x86_64" ? "$INODE64" : "";

const libc = {
  chdir: bind("chdir", ["buffer"], "i32"),
  chroot: bind("chroot", ["buffer"], "i32"),
  setsid: bind("setsid", [], "i32"),
  nice: bind("nice", ["i32"], "i32"),
  opendir: bind(`opendir${inode64}`, ["buffer"], "pointer"),
  readdir: bind(`readdir${inode64}`, ["pointer"], "pointer"),
  closedir: bind("closedir", ["pointer"], "i32"),
};

/**
 * Changes the current directory.
 *
 * @throws {OsError} As chdir(2) fails.
 */
export function changeDirectoryTo(path: string): void {
  check(libc.chdir(cString(path)), "chdir");
}

/**
 * Makes the current directory the root.
 *
 * @throws {OsError} With `EPERM` without the privilege.
 */
export function changeRootHere(): void {
  check(libc.chroot(cString(".")), "chroot");
}

/**
 * Starts a session, and a process group in it.
 *
 * @throws {OsError} With `EPERM` where the process leads a group already.
 */
export function startSession(): void {
  check(libc.setsid(), "setsid");
}

/**
 * Adds to the nice value; the system keeps it within -20 and 19.
 *
 * @throws {OsError} With `EPERM` for less niceness without the privilege.
 */
export function addNice(increment: number): void {
  clearErrno();
  // -1 may be the new value.
  if (libc.nice(increment) !== -1) return;
  const number = errno();
  if (number !== 0) throw new OsError(number, "nice");
}

/** The names in the current directory, as bytes and in its own order; with `.` and `..`. */
export class CurrentDirectory implements Disposable {
  readonly #dir: Deno.PointerObject;

  /** @throws {OsError} As opendir(3) fails. */
  constructor() {
    const dir = libc.opendir(cString("."));
    if (dir === null) throw new OsError(errno(), "opendir");
    this.#dir = dir;
  }

  /**
   * Reads the next name.
   *
   * @returns Its bytes, or `undefined` at the end.
   * @throws {OsError} As readdir(3) fails.
   */
  next(): Uint8Array<ArrayBuffer> | undefined {
    clearErrno();
    const entry = libc.readdir(this.#dir);
    if (entry !== null) return cStringBytes(offset(entry, platform.direntName));
    const number = errno();
    if (number !== 0) throw new OsError(number, "readdir");
    return undefined;
  }

  [Symbol.dispose](): void {
    libc.closedir(this.#dir);
  }
}

function offset(pointer: Deno.PointerObject, bytes: number): Deno.PointerObject {
  return Deno.UnsafePointer.offset(pointer, bytes) ?? pointer;
}
