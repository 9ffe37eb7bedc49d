/**
 * A service directory as those see it who look at the service or command it: `ok`, `status` and `control` in
 * `supervise`, of which the supervisor's side is in `supervise.ts`. Needs no FFI.
 *
 * @module
 */

import { errorCode, OsError } from "../os/error.ts";
import { fs } from "../os/node_fs.ts";
import { readRecord, STATUS_SIZE, type StatusRecord } from "./status.ts";

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants;

/** What could not be done, and why. */
export interface Failure {
  readonly kind: "failed";
  /** As a diagnostic says it, such as `"unable to open supervise/ok"`. */
  readonly what: string;
  /** Left out, there is no more to say. */
  readonly error?: unknown;
}

/** What {@linkcode look} finds. */
export type Look =
  | { readonly kind: "supervised"; readonly record: StatusRecord }
  | { readonly kind: "not running" }
  | Failure;

const NOT_RUNNING = { kind: "not running" } as const;

const buffer = new Uint8Array(STATUS_SIZE);

/**
 * Looks at a service: whether somebody supervises it, that is, holds `supervise/ok` open for reading, and its status.
 *
 * @param dir The service directory.
 */
export function look(dir: string): Look {
  try {
    fs.closeSync(fs.openSync(`${dir}/supervise/ok`, O_WRONLY | O_NONBLOCK));
  } catch (error) {
    if (errorCode(error) === "ENXIO") return NOT_RUNNING;
    return { kind: "failed", what: "unable to open supervise/ok", error };
  }
  let fd: number;
  try {
    fd = fs.openSync(`${dir}/supervise/status`, O_RDONLY | O_NONBLOCK);
  } catch (error) {
    return { kind: "failed", what: "unable to open supervise/status", error };
  }
  try {
    const record = readRecord(buffer.subarray(0, fs.readSync(fd, buffer, 0, STATUS_SIZE, null)));
    if (record !== undefined) return { kind: "supervised", record };
    return { kind: "failed", what: "unable to read supervise/status: bad format" };
  } catch (error) {
    return { kind: "failed", what: "unable to read supervise/status", error };
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Sends control characters to a supervisor, in one write, so that no other sender's come between them.
 *
 * @param dir The service directory.
 * @param characters ASCII.
 * @returns `undefined` if they were sent.
 */
export function send(dir: string, characters: string): typeof NOT_RUNNING | Failure | undefined {
  let fd: number;
  try {
    fd = fs.openSync(`${dir}/supervise/control`, O_WRONLY | O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === "ENXIO") return NOT_RUNNING;
    return { kind: "failed", what: "unable to open supervise/control", error };
  }
  try {
    fs.writeSync(fd, characters);
    return undefined;
  } catch (error) {
    return { kind: "failed", what: "unable to write to supervise/control", error };
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * What keeps a directory from being entered, as chdir(2) would say it, without going there.
 *
 * @returns The error, or `undefined` if nothing does.
 */
export function entryError(dir: string): unknown {
  try {
    if (dir === "") return new OsError("ENOENT", "chdir");
    if (!fs.statSync(dir).isDirectory()) return new OsError("ENOTDIR", "chdir");
  } catch (error) {
    return error;
  }
  try {
    fs.lstatSync(`${dir}/supervise`);
  } catch (error) {
    if (errorCode(error) === "EACCES") return error;
  }
  return undefined;
}

/**
 * Whether there is a file of a name in a directory that can be entered, following links.
 *
 * @throws What stat(2) says but that it does not exist.
 */
export function exists(dir: string, name: string): boolean {
  const path = `${dir}/${name}`;
  if (fs.existsSync(path)) return true;
  // That is no, or an error that was swallowed. An exception takes ten times as long as reading a small directory.
  try {
    if (!fs.readdirSync(dir).includes(name)) return false;
  } catch {
    // It may not be read: stat(2) will tell.
  }
  try {
    fs.statSync(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}
