/**
 * The system calls of pid 1 as one value, so that a test can put a fake in their place.
 *
 * @module
 */

import { close, duplicateTo, open, write } from "../os/descriptor.ts";
import { stat } from "../os/file.ts";
import { spawn, waitChild } from "../os/process.ts";
import { endSystem, syncDisks } from "../os/reboot.ts";
import { kill } from "../os/signal.ts";

/** What pid 1 asks of the operating system. A member that says no more is the function of that name in `src/os`. */
export interface InitOs {
  readonly open: typeof open;
  readonly close: typeof close;
  readonly duplicateTo: typeof duplicateTo;
  readonly write: typeof write;
  /** The permission bits of a file, through symbolic links. */
  readonly modeOf: (path: string) => number;
  /** Changes the mode of a file, through symbolic links. */
  readonly changeModeOf: (path: string, mode: number) => void;
  readonly spawn: typeof spawn;
  readonly waitChild: typeof waitChild;
  readonly kill: typeof kill;
  readonly syncDisks: typeof syncDisks;
  readonly endSystem: typeof endSystem;
}

/** The operating system itself. */
export const hostOs: InitOs = {
  open,
  close,
  duplicateTo,
  write,
  modeOf: (path) => stat(path).mode,
  changeModeOf: Deno.chmodSync,
  spawn,
  waitChild,
  kill,
  syncDisks,
  endSystem,
};
