/**
 * The system calls as one value, so that a test can put a fake in their place.
 *
 * @module
 */

import * as clock from "./clock.ts";
import * as descriptor from "./descriptor.ts";
import * as file from "./file.ts";
import * as process from "./process.ts";
import * as signal from "./signal.ts";

/** What a supervisor asks of the operating system. Each member is the function of that name in `src/os`. */
export interface Os {
  readonly open: typeof descriptor.open;
  readonly close: typeof descriptor.close;
  readonly read: typeof descriptor.read;
  readonly write: typeof descriptor.write;
  readonly writeAll: typeof descriptor.writeAll;
  readonly pipe: typeof descriptor.pipe;
  readonly lock: typeof descriptor.lock;
  readonly hasInput: typeof descriptor.hasInput;
  readonly makeDirectory: typeof file.makeDirectory;
  readonly makeFifo: typeof file.makeFifo;
  readonly rename: typeof file.rename;
  readonly unlink: typeof file.unlink;
  readonly readLink: typeof file.readLink;
  readonly stat: typeof file.stat;
  readonly spawn: typeof process.spawn;
  readonly waitChild: typeof process.waitChild;
  readonly kill: typeof signal.kill;
  readonly wallClock: typeof clock.wallClock;
}

/** The operating system itself. */
export const hostOs: Os = {
  open: descriptor.open,
  close: descriptor.close,
  read: descriptor.read,
  write: descriptor.write,
  writeAll: descriptor.writeAll,
  pipe: descriptor.pipe,
  lock: descriptor.lock,
  hasInput: descriptor.hasInput,
  makeDirectory: file.makeDirectory,
  makeFifo: file.makeFifo,
  rename: file.rename,
  unlink: file.unlink,
  readLink: file.readLink,
  stat: file.stat,
  spawn: process.spawn,
  waitChild: process.waitChild,
  kill: signal.kill,
  wallClock: clock.wallClock,
};
