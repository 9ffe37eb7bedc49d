/**
 * A directory whose files are environment variables.
 *
 * @module
 */

import { errorCode, OsError } from "../os/error.ts";
import { attempt, Failure } from "./failure.ts";
import type { ChpstOs } from "./os.ts";
import type { StrayDirectory } from "./plan.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const NUL = 0;
const TAB = 0x09;
const NEWLINE = 0x0a;
const BLANK = 0x20;
const DOT = 0x2e;
const EQUALS = 0x3d;

/** Bytes asked for at a time. */
const CHUNK = 4096;

/**
 * What a file says of the variable that it is named after. Its first line is the value, less blanks and tabs at its
 * end, and with newlines where it has NULs; an empty file removes the variable.
 *
 * @param name The file's name.
 * @param content All that is in it.
 * @returns `NAME=value` to set, or `NAME` to remove: what `change()` takes.
 */
export function item(name: Bytes, content: Bytes): Bytes {
  if (content.length === 0) return name;
  const newline = content.indexOf(NEWLINE);
  let end = newline < 0 ? content.length : newline;
  while (content[end - 1] === BLANK || content[end - 1] === TAB) end--;
  const result = new Uint8Array(name.length + 1 + end);
  result.set(name);
  result[name.length] = EQUALS;
  result.set(
    content.subarray(0, end).map((byte) => byte === NUL ? NEWLINE : byte),
    name.length + 1,
  );
  return result;
}

/**
 * Reads an envdir. Names that begin with a dot are left out, and nothing is waited for.
 *
 * @param path The directory.
 * @param directories What to do about a directory among the files.
 * @param warn Says of a directory that it was skipped.
 * @returns What each file says, in the order of the directory.
 * @throws {Failure} If it, or a file in it, cannot be read.
 */
export function readEnvdir(
  path: string,
  directories: StrayDirectory,
  os: ChpstOs,
  warn: (what: string, error: unknown) => void,
): Bytes[] {
  const start = attempt(
    "unable to open current working directory",
    () => os.open(".", { nonblocking: true }),
  );
  attempt(`unable to switch to directory: ${path}`, () => os.changeDirectoryTo(path));
  const dir = attempt(
    `unable to open directory: ${path}`,
    () => os.open(".", { directory: true, nonblocking: true }),
  );
  const names = attempt(`unable to read directory: ${path}`, () => os.listNames(dir));
  os.close(dir);
  const items: Bytes[] = [];
  for (const name of names) {
    if (name[0] === DOT) continue;
    const what = `unable to read ${path}/${new TextDecoder().decode(name)}`;
    try {
      items.push(item(name, contentOf(name, os)));
    } catch (error) {
      if (directories === "fail" || errorCode(error) !== "EISDIR") throw new Failure(what, error);
      if (directories === "warn") warn(what, error);
    }
  }
  attempt("unable to switch to starting directory", () => os.changeDirectory(start));
  os.close(start);
  return items;
}

/**
 * All that is in a file; nothing if it is gone, or a link to nowhere. The reference gives that variable the value of
 * the file that it happened to read before.
 */
function contentOf(name: Bytes, os: ChpstOs): Bytes {
  let fd: number;
  try {
    fd = os.open(name, { nonblocking: true });
  } catch (error) {
    if (errorCode(error) === "ENOENT") return new Uint8Array(0);
    throw error;
  }
  try {
    return readAll(fd, os);
  } finally {
    os.close(fd);
  }
}

function readAll(fd: number, os: ChpstOs): Bytes {
  let content = new Uint8Array(CHUNK);
  for (let length = 0;;) {
    if (length === content.length) content = enlarged(content);
    const count = os.read(fd, content.subarray(length));
    // A FIFO that somebody has open.
    if (count === undefined) throw new OsError("EAGAIN", "read");
    if (count === 0) return content.subarray(0, length);
    length += count;
  }
}

function enlarged(bytes: Bytes): Bytes {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
