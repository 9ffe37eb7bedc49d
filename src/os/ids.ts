/**
 * Who a process is: setgroups(2), setgid(2), setuid(2), getresuid(2), getgroups(2).
 *
 * @module
 */

import { bind, check } from "./_libc.ts";

const libc = {
  setgroups: bind("setgroups", ["usize", "buffer"], "i32"),
  setgid: bind("setgid", ["u32"], "i32"),
  setuid: bind("setuid", ["u32"], "i32"),
  getresuid: bind("getresuid", ["buffer", "buffer", "buffer"], "i32"),
  getresgid: bind("getresgid", ["buffer", "buffer", "buffer"], "i32"),
  getgroups: bind("getgroups", ["i32", "buffer"], "i32"),
  getuid: bind("getuid", [], "u32"),
  geteuid: bind("geteuid", [], "u32"),
  getgid: bind("getgid", [], "u32"),
  getegid: bind("getegid", [], "u32"),
};

/** All ids of a process that a file's permissions are checked against, or that it may go back to. */
export interface Identity {
  /** User ids: real, effective, and saved where the system tells it. */
  readonly uids: readonly number[];
  /** Group ids: real, effective, and saved where the system tells it. */
  readonly gids: readonly number[];
  /** Supplementary groups, in the system's order. */
  readonly groups: readonly number[];
}

/**
 * Replaces the supplementary groups.
 *
 * @throws {OsError} With `EPERM` without the privilege, with `EINVAL` for too many or for what is no group id.
 */
export function setGroups(gids: readonly number[]): void {
  check(libc.setgroups(BigInt(gids.length), Uint32Array.from(gids)), "setgroups");
}

/** Sets the group id, for good if privileged: real, effective and saved. */
export function setGroupId(gid: number): void {
  check(libc.setgid(gid), "setgid");
}

/** Sets the user id, for good if privileged: real, effective and saved. */
export function setUserId(uid: number): void {
  check(libc.setuid(uid), "setuid");
}

/** The ids that this process has. */
export function identity(): Identity {
  return { uids: userIds(), gids: groupIds(), groups: supplementaryGroups() };
}

function userIds(): number[] {
  if (Deno.build.os === "darwin") return [libc.getuid(), libc.geteuid()];
  return three((real, effective, saved) => libc.getresuid(real, effective, saved), "getresuid");
}

function groupIds(): number[] {
  if (Deno.build.os === "darwin") return [libc.getgid(), libc.getegid()];
  return three((real, effective, saved) => libc.getresgid(real, effective, saved), "getresgid");
}

type Id = Uint32Array<ArrayBuffer>;

function three(call: (real: Id, effective: Id, saved: Id) => number, syscall: string): number[] {
  const ids = [new Uint32Array(1), new Uint32Array(1), new Uint32Array(1)] as const;
  check(call(...ids), syscall);
  return ids.map((id) => id[0] ?? 0);
}

function supplementaryGroups(): number[] {
  const count = check(libc.getgroups(0, new Uint32Array(0)), "getgroups");
  const groups = new Uint32Array(count);
  return [...groups.subarray(0, check(libc.getgroups(count, groups), "getgroups"))];
}
