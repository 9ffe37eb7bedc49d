/**
 * Records of the user accounting files, as utmp(5) describes them.
 *
 * @module
 */

/** Where the fields of a record lie, in bytes. Numbers are in the machine's order, little-endian on all of these. */
export interface RecordLayout {
  /** Of the whole record. */
  readonly size: number;
  /** `short ut_type`. */
  readonly type: number;
  /** `char ut_line[32]`. */
  readonly line: number;
  /** `char ut_user[32]`. */
  readonly user: number;
  /** `char ut_host[256]`. */
  readonly host: number;
  /** The seconds in `ut_tv`. */
  readonly seconds: number;
  /** How many bytes these seconds have. */
  readonly secondsSize: 4 | 8;
}

/** The beginning is the same on all machines: short, padding, pid_t, and then the strings. */
const STRINGS = { type: 0, line: 8, user: 44, host: 76 } as const;

/**
 * The layout of glibc's `struct utmp`, from its `bits/utmp.h`. `ut_session` and `ut_tv` have 4 bytes to a number where
 * the machine can run 32-bit programs that share the file (`__WORDSIZE_TIME64_COMPAT32`), and 8 otherwise.
 *
 * @param arch The machine, as in `Deno.build.arch`.
 */
export function recordLayout(arch: typeof Deno.build.arch): RecordLayout {
  return arch === "x86_64"
    ? { ...STRINGS, size: 384, seconds: 340, secondsSize: 4 }
    : { ...STRINGS, size: 400, seconds: 344, secondsSize: 8 };
}

const LINE_SIZE = 32;
const USER_SIZE = 32;
const HOST_SIZE = 256;

/** `ut_type` of what has logged out. */
const DEAD_PROCESS = 8;

/**
 * Whether a record says that somebody is logged in on a line.
 *
 * @param record The record.
 * @param line The name of the line, without its directory. One of 32 bytes, which leaves no room for the NUL, is on no line.
 */
export function isLoggedIn(layout: RecordLayout, record: Uint8Array, line: Uint8Array): boolean {
  if (record[layout.user] === 0 || line.length >= LINE_SIZE) return false;
  return record[layout.line + line.length] === 0 &&
    line.every((byte, i) => record[layout.line + i] === byte);
}

/** Turns a record into that of the same line when nobody is logged in: all else that it says, it still says. */
export function logOut(layout: RecordLayout, record: Uint8Array, seconds: number): void {
  record.fill(0, layout.user, layout.user + USER_SIZE);
  record.fill(0, layout.host, layout.host + HOST_SIZE);
  setTypeAndTime(layout, record, seconds);
}

/** The record that is added to wtmp: nobody is logged in on the line from now on. */
export function loggedOut(
  layout: RecordLayout,
  line: Uint8Array,
  seconds: number,
): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(layout.size);
  record.set(line.subarray(0, LINE_SIZE), layout.line);
  setTypeAndTime(layout, record, seconds);
  return record;
}

function setTypeAndTime(layout: RecordLayout, record: Uint8Array, seconds: number): void {
  const view = new DataView(record.buffer, record.byteOffset);
  view.setInt16(layout.type, DEAD_PROCESS, true);
  if (layout.secondsSize === 4) view.setInt32(layout.seconds, seconds, true);
  else view.setBigInt64(layout.seconds, BigInt(seconds), true);
}
