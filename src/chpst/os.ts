/**
 * The system calls of chpst as one value, so that a test can put a fake in their place.
 *
 * @module
 */

import { groupByName, userByName } from "../os/accounts.ts";
import {
  changeDirectory,
  close,
  closeOrFail,
  closesOnExec,
  lock,
  open,
  read,
} from "../os/descriptor.ts";
import { listNames } from "../os/directory.ts";
import { executeWithin } from "../os/execute_within.ts";
import { identity, setGroupId, setGroups, setUserId } from "../os/ids.ts";
import { getLimit } from "../os/limits.ts";
import { environment, environmentVariable } from "../os/process.ts";
import { setDisposition } from "../os/signal.ts";
import { addNice, changeDirectoryTo, changeRootHere, startSession } from "../os/surroundings.ts";

/** What chpst asks of the operating system. Each member is the function of that name in `src/os`. */
export interface ChpstOs {
  readonly open: typeof open;
  readonly close: typeof close;
  readonly closeOrFail: typeof closeOrFail;
  readonly closesOnExec: typeof closesOnExec;
  readonly read: typeof read;
  readonly lock: typeof lock;
  readonly changeDirectory: typeof changeDirectory;
  readonly changeDirectoryTo: typeof changeDirectoryTo;
  readonly changeRootHere: typeof changeRootHere;
  readonly listNames: typeof listNames;
  readonly startSession: typeof startSession;
  readonly addNice: typeof addNice;
  readonly userByName: typeof userByName;
  readonly groupByName: typeof groupByName;
  readonly setGroups: typeof setGroups;
  readonly setGroupId: typeof setGroupId;
  readonly setUserId: typeof setUserId;
  readonly identity: typeof identity;
  readonly getLimit: typeof getLimit;
  readonly environment: typeof environment;
  readonly environmentVariable: typeof environmentVariable;
  readonly setDisposition: typeof setDisposition;
  readonly execute: typeof executeWithin;
}

/** The operating system itself. */
export const hostOs: ChpstOs = {
  open,
  close,
  closeOrFail,
  closesOnExec,
  read,
  lock,
  changeDirectory,
  changeDirectoryTo,
  changeRootHere,
  listNames,
  startSession,
  addNice,
  userByName,
  groupByName,
  setGroups,
  setGroupId,
  setUserId,
  identity,
  getLimit,
  environment,
  environmentVariable,
  setDisposition,
  execute: executeWithin,
};
