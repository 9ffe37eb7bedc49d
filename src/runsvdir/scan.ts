/**
 * Reads a services directory: what is in it, and whether it is complete.
 *
 * @module
 */

import type { Diagnostics } from "../cli/diagnostics.ts";
import type { Time } from "../os/clock.ts";
import { wallClock } from "../os/clock.ts";
import { open } from "../os/descriptor.ts";
import { listNames } from "../os/directory.ts";
import { errorCode } from "../os/error.ts";
import type { FileStatus } from "../os/file.ts";
import { stat } from "../os/file.ts";
import { logConvention } from "../runsv/layout.ts";
import type { Listed } from "./services.ts";
import { keyOf } from "./services.ts";

/** Milliseconds that a directory must have been left alone for to be taken as finished. */
const SETTLE = 10;

/** The same where a `log/` has no `run`, but what svlogd works with: a `run` may still be to come. */
const SETTLE_WITHOUT_RUN = 500;

/** What keeps the services directory from being read; a message of runsvdir, and why. */
export class ScanError extends Error {
  override readonly name = "ScanError";

  /** @param what As a diagnostic says it, such as `"unable to stat /service"`. */
  constructor(what: string, cause: unknown) {
    super(what, { cause });
  }
}

/** What tells whether a directory is as it was when it was read. */
export interface Stamp {
  /** Device and inode. */
  readonly key: string;
  readonly modified: Time;
}

/**
 * Looks at the services directory without reading it.
 *
 * @throws {ScanError}
 */
export function stampOf(path: string): Stamp {
  const status = attempt(`unable to stat ${path}`, () => stat(path));
  return { key: keyOf(status), modified: status.modified };
}

/** Whether two stamps are the same. */
export function sameStamp(a: Stamp | undefined, b: Stamp): boolean {
  return a !== undefined && a.key === b.key && a.modified.seconds === b.modified.seconds &&
    a.modified.nanoseconds === b.modified.nanoseconds;
}

/**
 * Opens the services directory.
 *
 * @returns A descriptor.
 * @throws {ScanError}
 */
export function openDirectory(path: string): number {
  return attempt(
    (error) =>
      // runit changes into it and then opens it; the one needs the x bit, the other the r bit.
      errorCode(error) === "EACCES" && canEnter(path)
        ? `unable to open directory ${path}`
        : `unable to change directory to ${path}`,
    () => open(path, { directory: true }),
  );
}

/** What {@linkcode scan} needs to know. */
export interface ScanOptions {
  /** The services directory, open. */
  readonly dir: number;
  /** Its path, for messages. */
  readonly path: string;
  readonly diagnostics: Diagnostics;
  /** Keys of services that are not asked any more whether they are complete. */
  readonly started: ReadonlySet<string>;
  /** Milliseconds of the monotonic clock. */
  readonly now: number;
}

/**
 * Reads the services directory: subdirectories, and symbolic links to such, whose name does not begin with a dot.
 *
 * @throws {ScanError}
 */
export function scan(options: ScanOptions): Listed[] {
  const { dir, path, diagnostics, started, now } = options;
  const names = attempt(`unable to read directory ${path}`, () => listNames(dir));
  const entries: Listed[] = [];
  const wall = wallClock();
  for (const name of names) {
    if (name[0] === DOT) continue;
    let status: FileStatus;
    try {
      status = stat(name, dir);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      diagnostics.warning(`unable to stat ${decoder.decode(name)}`, error);
      continue;
    }
    if (status.type !== "directory") continue;
    const { device, inode } = status;
    const known = started.has(keyOf(status));
    const state = known ? { complete: true, settled: now } : examine(dir, name, status, now, wall);
    entries.push({ name, device, inode, ...state });
  }
  return entries;
}

const DOT = 0x2e;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Whether a service directory holds an executable `run`, and one for its logger where it has a `log`; and until when it
 * may still be filled.
 */
function examine(
  dir: number,
  name: Uint8Array,
  status: FileStatus,
  now: number,
  wall: Time,
): Pick<Listed, "complete" | "settled"> {
  const look = (path: string): FileStatus | undefined => {
    try {
      return stat(within(name, path), dir);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return undefined;
    }
  };
  const run = look("run");
  const log = look("log");
  const hasLog = log?.type === "directory";
  const logRun = hasLog ? look("log/run") : undefined;
  // A logger of ours needs no run; but one may be on its way, so that is waited for a little longer.
  const ours = hasLog && logRun === undefined &&
    logConvention(
        { stat: (path, from, options) => stat(within(name, `${path}`), from, options) },
        dir,
      ) !== undefined;
  const complete = isProgram(run) && (!hasLog || ours || isProgram(logRun));
  const settle = ours ? SETTLE_WITHOUT_RUN : SETTLE;
  let age = Infinity;
  for (const part of [status, run, log, logRun]) {
    if (part !== undefined) age = Math.min(age, elapsed(part.modified, wall));
  }
  // A time stamp from the future says nothing.
  const settled = age >= 0 && age < settle ? now + settle - age : now;
  return { complete, settled };
}

/** The path of something in a service directory. */
export function within(name: Uint8Array, path: string): Uint8Array<ArrayBuffer> {
  const rest = encoder.encode(`/${path}`);
  const bytes = new Uint8Array(name.length + rest.length);
  bytes.set(name);
  bytes.set(rest, name.length);
  return bytes;
}

function isProgram(status: FileStatus | undefined): boolean {
  return status?.type === "file" && (status.mode & 0o111) !== 0;
}

/** Milliseconds from one time to another. */
function elapsed(from: Time, to: Time): number {
  return (to.seconds - from.seconds) * 1e3 + (to.nanoseconds - from.nanoseconds) / 1e6;
}

function canEnter(path: string): boolean {
  try {
    stat(`${path}/.`);
    return true;
  } catch {
    return false;
  }
}

function attempt<T>(what: string | ((error: unknown) => string), action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw new ScanError(typeof what === "string" ? what : what(error), error);
  }
}
