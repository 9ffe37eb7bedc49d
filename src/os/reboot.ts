/**
 * The end of the system: reboot(2), sync(2). Linux only.
 *
 * @module
 */

import { bind, bindWaiting, check } from "./_libc.ts";

const libc = {
  reboot: bind("reboot", ["u32"], "i32"),
  rebootWaiting: bindWaiting("reboot", ["u32"]),
  // It returns nothing.
  sync: bindWaiting("sync", []),
};

/** How the system may end. */
export type Ending = "reboot" | "power off" | "halt";

/** Commands of reboot(2), from `<sys/reboot.h>`. */
const COMMANDS: Readonly<Record<Ending, number>> = {
  "reboot": 0x01234567,
  "halt": 0xcdef0123,
  "power off": 0x4321fedc,
};

/** Has Ctrl-Alt-Del sent to pid 1 as INT, where otherwise the kernel would reboot at once. */
const DISABLE_CAD = 0;

/**
 * Has Ctrl-Alt-Del reach pid 1 as the signal INT.
 *
 * @throws {OsError} With `EPERM` without the privilege, with `EINVAL` in a pid namespace.
 */
export function takeCtrlAltDel(): void {
  check(libc.reboot(DISABLE_CAD), "reboot");
}

/** Writes what is to be written to the disks; fulfilled when that is done. */
export async function syncDisks(): Promise<void> {
  await libc.sync();
}

/**
 * Ends the system, or the pid namespace. Nothing is written to the disks before.
 *
 * The call is made on a thread of its own: Linux ends the thread that made it where there is nothing that could switch
 * the power off, and a pid 1 that has ended is a panic.
 *
 * @returns Fulfilled if that has failed; otherwise never.
 */
export async function endSystem(ending: Ending): Promise<void> {
  await libc.rebootWaiting(COMMANDS[ending]);
}
