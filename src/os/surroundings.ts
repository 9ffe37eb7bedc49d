/**
 * What a process lives in: chdir(2), chroot(2), setsid(2), nice(2).
 *
 * @module
 */

import { bind, check, clearErrno, cString, errno } from "./_libc.ts";
import { OsError } from "./error.ts";

const libc = {
  chdir: bind("chdir", ["buffer"], "i32"),
  chroot: bind("chroot", ["buffer"], "i32"),
  setsid: bind("setsid", [], "i32"),
  nice: bind("nice", ["i32"], "i32"),
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
