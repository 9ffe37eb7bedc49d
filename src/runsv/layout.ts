/**
 * What a supervisor reads off a service directory when it starts.
 *
 * @module
 */

import type { Diagnostics } from "../cli/diagnostics.ts";
import { errorCode } from "../os/error.ts";
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
