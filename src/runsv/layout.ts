/**
 * What a supervisor reads off a service directory when it starts.
 *
 * @module
 */

import type { Diagnostics } from "../cli/diagnostics.ts";
import { errorCode } from "../os/error.ts";
import type { FileType } from "../os/file.ts";
import type { Os } from "../os/os.ts";

/** Whether a service directory has a logger: a directory `log`. Anything else of that name is warned of. */
export function hasLog(os: Os, dir: number, diagnostics: Diagnostics): boolean {
  try {
    if (os.stat("log", dir).type === "directory") return true;
    diagnostics.warning("./log: not a directory.");
  } catch (error) {
    if (errorCode(error) !== "ENOENT") diagnostics.warning("unable to stat() ./log: ", error);
  }
  return false;
}

/** Whether a service, or its logger (`log/`), is not to be started at first: there is a file `down`. */
export function normallyDown(os: Os, dir: number, prefix: "" | "log/"): boolean {
  try {
    os.stat(`${prefix}down`, dir);
    return true;
  } catch {
    return false;
  }
}

/** What `log/` holds where it has no `run` because its logger is one of ours: `main`, a directory, or `config`, a file. */
export type LogConvention = "main" | "config";

/**
 * Whether `log/` has no `run`, but what svlogd works with.
 *
 * @param dir The service directory, open.
 * @returns What it has; `undefined` where there is a `run`, or neither of them.
 */
export function logConvention(os: Pick<Os, "stat">, dir: number): LogConvention | undefined {
  if (hasLogRun(os, dir)) return undefined;
  if (typeOf(os, dir, "log/main", true) === "directory") return "main";
  return typeOf(os, dir, "log/config", true) === "file" ? "config" : undefined;
}

/** Whether `log/` has a `run`, or there is no `log/`: then no logger of ours has a part in it. */
export function hasLogRun(os: Pick<Os, "stat">, dir: number): boolean {
  if (typeOf(os, dir, "log", true) !== "directory") return true;
  // A link that points nowhere is a mistake that its owner wants to hear of.
  return typeOf(os, dir, "log/run", false) !== "absent";
}

function typeOf(
  os: Pick<Os, "stat">,
  dir: number,
  path: string,
  follow: boolean,
): FileType | "absent" | "unknown" {
  try {
    return os.stat(path, dir, { follow }).type;
  } catch (error) {
    return errorCode(error) === "ENOENT" ? "absent" : "unknown";
  }
}
