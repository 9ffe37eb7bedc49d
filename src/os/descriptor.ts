/**
 * File descriptors: open(2), read(2), write(2), pipe(2), fcntl(2), flock(2) and what else takes one.
 *
 * @module
 */

import { bind, bindWaiting, check, cString, retry } from "./_libc.ts";
import { OsError } from "./error.ts";
import { platform } from "./platform.ts";

/** The directory argument that stands for the current directory. */
export const CWD: number = platform.AT_FDCWD;

const O = platform.open;

// openat and fcntl are variadic. Apple's aarch64 passes what stands for the dots on the stack and nothing else does:
// there, the registers that are left over are filled so that the next argument lands where the callee looks.
const variadicOnStack = Deno.build.os === "darwin" && Deno.build.arch === "aarch64";

type OpenAt = (dir: number, path: Uint8Array<ArrayBuffer>, flags: number, mode: number) => number;
type Fcntl = (fd: number, command: number, argument: number) => number;

function bindOpenAt(): OpenAt {
  if (!variadicOnStack) return bind("openat", ["i32", "buffer", "i32", "u32"], "i32");
  const call = bind(
    "openat",
    ["i32", "buffer", "i32", "i64", "i64", "i64", "i64", "i64", "i64"],
    "i32",
  );
  return (dir, path, flags, mode) => call(dir, path, flags, 0n, 0n, 0n, 0n, 0n, BigInt(mode));
}

function bindFcntl(): Fcntl {
  if (!variadicOnStack) return bind("fcntl", ["i32", "i32", "i32"], "i32");
  const call = bind(
    "fcntl",
    ["i32", "i32", "i64", "i64", "i64", "i64", "i64", "i64", "i64"],
    "i32",
  );
  return (fd, command, argument) => call(fd, command, 0n, 0n, 0n, 0n, 0n, 0n, BigInt(argument));
}

const libc = {
  openat: bindOpenAt(),
  openatWaiting: bindWaiting("openat", ["i32", "buffer", "i32", "u32"]),
  fcntl: bindFcntl(),
  close: bind("close", ["i32"], "i32"),
  read: bind("read", ["i32", "buffer", "usize"], "i32"),
  write: bind("write", ["i32", "buffer", "usize"], "i32"),
  writeWaiting: bindWaiting("write", ["i32", "buffer", "usize"]),
  pipe: bind("pipe", ["buffer"], "i32"),
  pipe2: bind("pipe2", ["buffer", "i32"], "i32"),
  dup2: bind("dup2", ["i32", "i32"], "i32"),
  flock: bind("flock", ["i32", "i32"], "i32"),
  fsync: bind("fsync", ["i32"], "i32"),
  fsyncWaiting: bindWaiting("fsync", ["i32"]),
  fchmod: bind("fchmod", ["i32", "u32"], "i32"),
  fchmodWaiting: bindWaiting("fchmod", ["i32", "u32"]),
  fchdir: bind("fchdir", ["i32"], "i32"),
  poll: bind("poll", ["buffer", "usize", "i32"], "i32"),
};

/** How {@linkcode open} opens. */
export interface OpenOptions {
  /** The directory that a relative path starts from. @default {CWD} */
  dir?: number;
  /** What will be done with it. @default {"read"} */
  access?: "read" | "write" | "both";
  /** Make the file where there is none. @default {false} */
  create?: boolean;
  /** Fail with `EEXIST` where there is one. @default {false} */
  exclusive?: boolean;
  /** Empty the file. @default {false} */
  truncate?: boolean;
  /** Write at the end. @default {false} */
  append?: boolean;
  /** Wait neither for the other end of a FIFO, nor for data, nor for room. @default {false} */
  nonblocking?: boolean;
  /** Fail with `ENOTDIR` for anything but a directory. @default {false} */
  directory?: boolean;
  /**
   * Open a directory for nothing but to start paths from and to go there, which takes no permission to read it.
   *
   * @default {false}
   */
  search?: boolean;
  /** Mode of a file that is made, less the umask. @default {0o644} */
  mode?: number;
}

/**
 * Opens a file. The descriptor is closed on exec.
 *
 * @returns The descriptor.
 * @throws {OsError} As open(2) fails.
 */
export function open(path: string | Uint8Array, options: OpenOptions = {}): number {
  const { dir = CWD, access = "read", mode = 0o644 } = options;
  let flags = O.CLOEXEC;
  flags |= access === "read" ? O.RDONLY : access === "write" ? O.WRONLY : O.RDWR;
  if (options.create) flags |= O.CREAT;
  if (options.exclusive) flags |= O.EXCL;
  if (options.truncate) flags |= O.TRUNC;
  if (options.append) flags |= O.APPEND;
  if (options.nonblocking) flags |= O.NONBLOCK;
  if (options.directory || options.search) flags |= O.DIRECTORY;
  if (options.search) flags |= O.SEARCH;
  const name = cString(path);
  return retry("open", () => libc.openat(dir, name, flags, mode));
}

/** Closes a descriptor. Never fails: after close(2) it is gone, whatever that said. */
export function close(fd: number): void {
  libc.close(fd);
}

/**
 * Closes a descriptor that may not be open.
 *
 * @throws {OsError} As close(2) fails; with `EBADF` if nothing is open there.
 */
export function closeOrFail(fd: number): void {
  check(libc.close(fd), "close");
}

/**
 * Reads what is there.
 *
 * @returns The number of bytes, 0 at the end of the file, or `undefined` where a nonblocking descriptor has none now.
 * @throws {OsError} As read(2) fails.
 */
export function read(fd: number, buffer: Uint8Array<ArrayBuffer>): number | undefined {
  return unlessAgain("read", () => libc.read(fd, buffer, BigInt(buffer.length)));
}

/**
 * Writes what there is room for.
 *
 * @returns The number of bytes, or `undefined` where a nonblocking descriptor takes none now.
 * @throws {OsError} As write(2) fails.
 */
export function write(fd: number, bytes: Uint8Array<ArrayBuffer>): number | undefined {
  return unlessAgain("write", () => libc.write(fd, bytes, BigInt(bytes.length)));
}

/**
 * Writes all of it.
 *
 * @throws {OsError} As write(2) fails; part of it may have been written. `EAGAIN` where there is no room for the rest.
 */
export function writeAll(fd: number, bytes: Uint8Array<ArrayBuffer>): void {
  for (let rest = bytes; rest.length > 0;) {
    const count = write(fd, rest);
    if (count === undefined) throw new OsError("EAGAIN", "write");
    rest = rest.subarray(count);
  }
}

/** Makes a pipe. Both ends are closed on exec. */
export function pipe(): { read: number; write: number } {
  const ends = new Int32Array(2);
  if (Deno.build.os === "linux") {
    check(libc.pipe2(ends, O.CLOEXEC), "pipe");
  } else {
    check(libc.pipe(ends), "pipe");
    for (const end of ends) libc.fcntl(end, platform.fcntl.SETFD, 1);
  }
  return { read: ends[0] ?? -1, write: ends[1] ?? -1 };
}

/** A second descriptor for the same open file, closed on exec, numbered `from` or higher. */
export function duplicate(fd: number, from = 3): number {
  return check(libc.fcntl(fd, platform.fcntl.DUPFD_CLOEXEC, from), "fcntl");
}

/** Makes `to` another descriptor for what `fd` is open on. Stays open on exec, as dup2(2) has it. */
export function duplicateTo(fd: number, to: number): void {
  retry("dup2", () => libc.dup2(fd, to));
}

/** Says whether a descriptor is closed on exec. */
export function setCloseOnExec(fd: number, on: boolean): void {
  check(libc.fcntl(fd, platform.fcntl.SETFD, on ? 1 : 0), "fcntl");
}

/** Whether a descriptor is closed on exec; `undefined` where nothing is open. */
export function closesOnExec(fd: number): boolean | undefined {
  const flags = libc.fcntl(fd, platform.fcntl.GETFD, 0);
  return flags < 0 ? undefined : (flags & 1) === 1;
}

/** Says whether reads and writes of an open file wait. Holds for all descriptors that share it. */
export function setNonblocking(fd: number, on: boolean): void {
  const flags = check(libc.fcntl(fd, platform.fcntl.GETFL, 0), "fcntl");
  check(
    libc.fcntl(fd, platform.fcntl.SETFL, on ? flags | O.NONBLOCK : flags & ~O.NONBLOCK),
    "fcntl",
  );
}

/**
 * Asks for a larger pipe buffer, where the system has such a thing.
 *
 * @param bytes The size wanted.
 * @returns The size it got, or `undefined` where it stays as it was.
 */
export function setPipeSize(fd: number, bytes: number): number | undefined {
  const command = platform.fcntl.SETPIPE_SZ;
  if (command === undefined) return undefined;
  const size = libc.fcntl(fd, command, bytes);
  return size < 0 ? undefined : size;
}

/**
 * Takes the exclusive flock(2) lock of an open file; closing its last descriptor gives it back.
 *
 * @param options `wait`: whether to wait for whoever holds it.
 * @throws {OsError} With `EAGAIN` if another holds it and `wait` is false.
 */
export function lock(fd: number, options: { wait: boolean }): void {
  retry("flock", () => libc.flock(fd, options.wait ? 2 : 2 | 4));
}

/** Has the kernel put a file's data on the disk. */
export function sync(fd: number): void {
  retry("fsync", () => libc.fsync(fd));
}

/**
 * Like {@linkcode sync}, but the disk is waited for on a thread of its own.
 *
 * @throws {OsError} As fsync(2) fails.
 */
export async function syncInBackground(fd: number): Promise<void> {
  // The other thread's errno cannot be had: a second call, which waits here, fails the same way or makes good.
  if (await libc.fsyncWaiting(fd) < 0) sync(fd);
}

/**
 * Like {@linkcode write}, but the disk is waited for on a thread of its own.
 *
 * @param bytes What to write; to be left alone until the promise is fulfilled.
 * @returns The number of bytes.
 * @throws {OsError} As write(2) fails.
 */
export async function writeInBackground(
  fd: number,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<number> {
  const count = await libc.writeWaiting(fd, bytes, BigInt(bytes.length));
  // As above: the reason is not to be had, but a second call has one too.
  return count < 0 ? write(fd, bytes) ?? 0 : count;
}

/**
 * Opens a file for writing on a thread of its own, makes it where there is none, and closes it again: when this has
 * returned, doing so does not wait for the disk.
 *
 * @param dir An open directory that the path starts from.
 * @param mode Mode of a file that is made.
 */
export async function touchInBackground(path: string, dir: number, mode: number): Promise<void> {
  const flags = O.WRONLY | O.APPEND | O.CREAT | O.NONBLOCK | O.CLOEXEC;
  const file = await openWaiting(dir, path, flags, mode);
  if (file >= 0) close(file);
}

async function openWaiting(
  dir: number,
  path: string,
  flags: number,
  mode: number,
): Promise<number> {
  // Variadic on the stack: see above. There, disks are waited for on the calling thread.
  if (variadicOnStack) return libc.openat(dir, cString(path), flags, mode);
  const name = cString(path);
  const fd = await libc.openatWaiting(dir, name, flags, mode);
  // The other thread has read it; held until now, as the collector knows nothing of that.
  return name.length > 0 ? fd : -1;
}

/** Changes the mode of an open file. */
export function changeMode(fd: number, mode: number): void {
  check(libc.fchmod(fd, mode), "fchmod");
}

/** The same, but the disk is waited for on a thread of its own. */
export async function changeModeInBackground(fd: number, mode: number): Promise<void> {
  if (await libc.fchmodWaiting(fd, mode) < 0) changeMode(fd, mode);
}

/** Whether a read would find bytes now, rather than wait or come to the end. */
export function hasInput(fd: number): boolean {
  const table = new Uint8Array(8);
  const view = new DataView(table.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, 1, true);
  retry("poll", () => libc.poll(table, 1n, 0));
  return (view.getInt16(6, true) & 1) !== 0;
}

/** Makes an open directory the current one. */
export function changeDirectory(fd: number): void {
  check(libc.fchdir(fd), "fchdir");
}

function unlessAgain(syscall: string, call: () => number): number | undefined {
  try {
    return retry(syscall, call);
  } catch (error) {
    if (error instanceof OsError && error.code === "EAGAIN") return undefined;
    throw error;
  }
}
