/**
 * From what was written after `-u` or `-U` to ids, and from ids to who the process is.
 *
 * @module
 */

import { attempt, Failure } from "./failure.ts";
import { idNumber } from "./numbers.ts";
import type { ChpstOs } from "./os.ts";
import type { Account } from "./plan.ts";

/** A user, and its groups, of which the first is the primary one. */
export interface Ids {
  readonly uid: number;
  readonly gids: readonly [number, ...number[]];
}

/** How many groups there may be. Of names, the rest is not even looked at; of numbers, one more is a mistake. */
const GROUPS_MAX = 60;

/**
 * Finds out ids.
 *
 * @throws {Failure} For a user or group that there is not, and where that cannot be found out.
 */
export function resolve(account: Account, os: ChpstOs): Ids {
  const { text, syntax } = account;
  if (syntax === "user") return ofUser(text, os);
  return text.startsWith(":") ? ofNumbers(text.slice(1)) : ofNames(text, os);
}

function ofUser(name: string, os: ChpstOs): Ids {
  const user = attempt("unable to get password file entry", () => os.userByName(name));
  if (user === undefined) throw new Failure(`unknown account: ${name}`);
  return { uid: user.uid, gids: [user.gid] };
}

/** `UID:GID…`. An empty number is 0. */
function ofNumbers(text: string): Ids {
  const [uid, gid, ...more] = text.split(":").map(idNumber);
  const rest = more.filter((id) => id !== undefined);
  const valid = rest.length === more.length && more.length < GROUPS_MAX;
  if (uid === undefined || gid === undefined || !valid) {
    throw new Failure(`invalid uid/gids: ${text}`);
  }
  return { uid, gids: [gid, ...rest] };
}

/** `USER`, or `USER:GROUP…` with other groups than the user's own. */
function ofNames(text: string, os: ChpstOs): Ids {
  const [userName = "", ...groupNames] = text.split(":");
  const failed = "unable to get password/group file entry";
  const unknown = `unknown user/group: ${text}`;
  const user = attempt(failed, () => os.userByName(userName));
  if (user === undefined) throw new Failure(unknown);
  const groups = groupNames.slice(0, GROUPS_MAX).map((name) => {
    const gid = attempt(failed, () => os.groupByName(name));
    if (gid === undefined) throw new Failure(unknown);
    return gid;
  });
  const [gid = user.gid, ...rest] = groups;
  return { uid: user.uid, gids: [gid, ...rest] };
}

/**
 * Becomes a user for good: supplementary groups first, which need the most privilege, then the group, then the user.
 * All of them, saved ids included, are looked at afterwards.
 *
 * @throws {Failure} If any of it did not come to pass.
 */
export function become(ids: Ids, os: ChpstOs): void {
  attempt("unable to setgroups", () => os.setGroups(ids.gids));
  attempt("unable to setgid", () => os.setGroupId(ids.gids[0]));
  attempt("unable to setuid", () => os.setUserId(ids.uid));
  const now = attempt("unable to tell the ids", () => os.identity());
  if (now.uids.some((uid) => uid !== ids.uid)) throw new Failure("unable to setuid: ids are left");
  if (now.gids.some((gid) => gid !== ids.gids[0])) {
    throw new Failure("unable to setgid: ids are left");
  }
  if (!sameGroups(now.groups, ids.gids)) throw new Failure("unable to setgroups: groups are left");
}

/** Systems keep groups in their own order, and some keep each only once. */
function sameGroups(one: readonly number[], other: readonly number[]): boolean {
  return new Set(one).symmetricDifference(new Set(other)).size === 0;
}
