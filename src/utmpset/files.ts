/**
 * The two accounting files: one is changed in place, the other grows. Both are locked with flock(2) meanwhile, as the
 * reference does it.
 *
 * @module
 */

import { isLoggedIn, loggedOut, logOut, type RecordLayout } from "./record.ts";

/** What is not to be done with a file. The cause tells why. */
export class AccountingError extends Error {
  override readonly name = "AccountingError";
  /** Whether it came to nothing before a record was looked at. */
  readonly fatal: boolean;

  constructor(message: string, options: { fatal: boolean; cause: unknown }) {
    super(message, { cause: options.cause });
    this.fatal = options.fatal;
  }
}

/** A line, and when it was logged out. */
export interface Logout {
  readonly layout: RecordLayout;
  /** The name of the line, in bytes. */
  readonly line: Uint8Array;
  /** The same, for people. */
  readonly name: string;
  /** Since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
}

/**
 * Logs a line out of the file of those who are logged in: the first record that has somebody on it.
 *
 * @throws {AccountingError} If that cannot be done, or there is no such record.
 */
export function logOutOfUtmp(path: string, logout: Logout): void {
  const { layout, line, name, seconds } = logout;
  using file = opened(path, { read: true, write: true });
  locked(file, `unable to lock: ${path}`);
  const what = `unable to logout line ${name} in utmp`;
  try {
    const record = new Uint8Array(layout.size);
    for (let offset = 0; readAll(file, record); offset += layout.size) {
      if (!isLoggedIn(layout, record, line)) continue;
      logOut(layout, record, seconds);
      file.seekSync(offset, Deno.SeekMode.Start);
      writeAll(file, record);
      return;
    }
  } catch (cause) {
    throw new AccountingError(what, { fatal: false, cause });
  }
  throw new AccountingError(what, { fatal: false, cause: new Error("no such entry") });
}

/**
 * Adds a line's logout to the file of all that ever was. What could only be written in part is taken back.
 *
 * @throws {AccountingError} If that cannot be done.
 */
export function addToWtmp(path: string, logout: Logout): void {
  const { layout, line, name, seconds } = logout;
  using file = opened(path, { append: true, create: true, mode: 0o600 });
  locked(file, `unable to lock ${path}`);
  try {
    const { size } = file.statSync();
    try {
      writeAll(file, loggedOut(layout, line, seconds));
    } catch (error) {
      file.truncateSync(size);
      throw error;
    }
  } catch (cause) {
    throw new AccountingError(`unable to logout line ${name} in wtmp`, { fatal: false, cause });
  }
}

function opened(path: string, options: Deno.OpenOptions): Deno.FsFile {
  try {
    return Deno.openSync(path, options);
  } catch (cause) {
    throw new AccountingError(`unable to open ${path}`, { fatal: true, cause });
  }
}

function locked(file: Deno.FsFile, failure: string): void {
  try {
    file.lockSync(true);
  } catch (cause) {
    throw new AccountingError(failure, { fatal: true, cause });
  }
}

/** Fills the buffer; false at the end of the file, where less than that is left. */
function readAll(file: Deno.FsFile, buffer: Uint8Array): boolean {
  for (let have = 0; have < buffer.length;) {
    const count = file.readSync(buffer.subarray(have));
    if (count === null) return false;
    have += count;
  }
  return true;
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
}
