/**
 * Users and groups by name: getpwnam(3), getgrnam(3), and so from wherever the system has them.
 *
 * @module
 */

import { bind, clearErrno, cString, errno } from "./_libc.ts";
import { OsError } from "./error.ts";

const libc = {
  getpwnam: bind("getpwnam", ["buffer"], "pointer"),
  getgrnam: bind("getgrnam", ["buffer"], "pointer"),
};

/**
 * Where the ids lie in `struct passwd` and `struct group`, on Linux as on macOS: behind the two pointers to the name
 * and to the password.
 */
const IDS_OFFSET = 16;

/** A user of the system. */
export interface User {
  readonly uid: number;
  /** The user's primary group. */
  readonly gid: number;
}

/**
 * Looks a user up.
 *
 * @returns The ids, or `undefined` for a name that no user has.
 * @throws {OsError} Where the lookup failed, and so nobody knows.
 */
export function userByName(name: string): User | undefined {
  clearErrno();
  const view = found(libc.getpwnam(cString(name)), "getpwnam");
  if (view === undefined) return undefined;
  return { uid: view.getUint32(IDS_OFFSET), gid: view.getUint32(IDS_OFFSET + 4) };
}

/**
 * Looks a group up.
 *
 * @returns Its id, or `undefined` for a name that no group has.
 * @throws {OsError} Where the lookup failed, and so nobody knows.
 */
export function groupByName(name: string): number | undefined {
  clearErrno();
  return found(libc.getgrnam(cString(name)), "getgrnam")?.getUint32(IDS_OFFSET);
}

function found(entry: Deno.PointerValue, syscall: string): Deno.UnsafePointerView | undefined {
  if (entry !== null) return new Deno.UnsafePointerView(entry);
  const number = errno();
  if (number !== 0) throw new OsError(number, syscall);
  return undefined;
}
