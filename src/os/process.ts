/**
 * Processes: posix_spawn(3), execve(2), waitpid(2).
 *
 * @module
 */

import { bind, cString, cStringArray, errno, has, retry } from "./_libc.ts";
import { OsError } from "./error.ts";
import { platform } from "./platform.ts";
import { type SignalName, signalSet } from "./signal.ts";

const libc = {
  spawn: bind("posix_spawn", ["buffer", "buffer", "buffer", "buffer", "buffer", "pointer"], "i32"),
  spawnWith: bind(
    "posix_spawn",
    ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"],
    "i32",
  ),
  spawnSearching: bind(
    "posix_spawnp",
    ["buffer", "buffer", "buffer", "buffer", "buffer", "pointer"],
    "i32",
  ),
  attributes: {
    init: bind("posix_spawnattr_init", ["buffer"], "i32"),
    destroy: bind("posix_spawnattr_destroy", ["buffer"], "i32"),
    setFlags: bind("posix_spawnattr_setflags", ["buffer", "i16"], "i32"),
    setDefaults: bind("posix_spawnattr_setsigdefault", ["buffer", "buffer"], "i32"),
    setMask: bind("posix_spawnattr_setsigmask", ["buffer", "buffer"], "i32"),
  },
  actions: {
    init: bind("posix_spawn_file_actions_init", ["buffer"], "i32"),
    destroy: bind("posix_spawn_file_actions_destroy", ["buffer"], "i32"),
    dup2: bind("posix_spawn_file_actions_adddup2", ["buffer", "i32", "i32"], "i32"),
    fchdir: bind("posix_spawn_file_actions_addfchdir_np", ["buffer", "i32"], "i32"),
    chdir: bind("posix_spawn_file_actions_addchdir_np", ["buffer", "buffer"], "i32"),
    close: bind("posix_spawn_file_actions_addclose", ["buffer", "i32"], "i32"),
    closeFrom: bind("posix_spawn_file_actions_addclosefrom_np", ["buffer", "i32"], "i32"),
  },
  execve: bind("execve", ["buffer", "buffer", "buffer"], "i32"),
  strlen: bind("strlen", ["pointer"], "usize"),
  getenv: bind("getenv", ["buffer"], "pointer"),
  waitpid: bind("waitpid", ["i32", "buffer", "i32"], "i32"),
};

/** The environment of a new process: what this one was started with, or entries `NAME=value`. */
export type Environment = "inherit" | readonly (string | Uint8Array)[];

/** What {@linkcode spawn} starts, and in what state. */
export interface SpawnOptions {
  /** The program, relative to the directory it starts in where the path is relative. */
  path: string;
  /**
   * Look for a `path` without a slash in the directories of this process's `PATH`, as execvp(3) does. Only where the
   * environment is inherited. @default {false}
   */
  search?: boolean;
  /** Its arguments, beginning with its own name. */
  argv: readonly (string | Uint8Array)[];
  /** An open directory to start in. Default: the current one. */
  dir?: number;
  /** A directory to start in, relative to `dir`. Default: `dir` itself. */
  subdir?: string;
  /**
   * What its descriptors 0, 1, 2 and up are to be: descriptors of this process. A hole is inherited, so far as it
   * is 0, 1 or 2. It has no other descriptors.
   */
  descriptors?: readonly (number | undefined)[];
  /** Descriptors to close in it, 0, 1 or 2. */
  closed?: readonly number[];
  /** @default {"inherit"} */
  environment?: Environment;
  /** Give it a session of its own. @default {false} */
  session?: boolean;
  /** Signals at their default there, whatever they are here. All others keep what is ignored here. */
  defaultSignals?: readonly SignalName[];
}

/** How a process ended, from the status word of waitpid(2). */
export interface Ended {
  pid: number;
  /** Its exit code, or -1 if a signal ended it. */
  code: number;
  /** The low byte of the status word: the signal that ended it, with 128 added if it left a core. */
  signal: number;
}

let environmentLocation: Deno.UnsafePointerView | undefined;

/** The address of the environment block; read anew each time, as setenv(3) may move it. */
export function environmentBlock(): Deno.PointerValue {
  environmentLocation ??= locateEnvironment();
  return environmentLocation.getPointer(0);
}

function locateEnvironment(): Deno.UnsafePointerView {
  let location: Deno.PointerValue;
  if (Deno.build.os === "darwin") {
    // There the variable is not visible from shared code, and a function gives its address.
    location = bind("_NSGetEnviron", [], "pointer")();
  } else {
    const { symbols } = Deno.dlopen(platform.library, { environ: { type: "pointer" } });
    location = symbols.environ;
  }
  if (location === null) throw new OsError("ENOSYS", "environ");
  return new Deno.UnsafePointerView(location);
}

let hasCloseFrom: boolean | undefined;

/** Descriptors above 2 that others left open, where neither closefrom nor its like exists (glibc before 2.34). */
function closeAbove(actions: Uint8Array<ArrayBuffer>, first: number): void {
  hasCloseFrom ??= has("posix_spawn_file_actions_addclosefrom_np");
  if (hasCloseFrom) {
    prepare(libc.actions.closeFrom(actions, first));
    return;
  }
  if (platform.spawn.CLOEXEC_DEFAULT !== undefined) return;
  for (const entry of Deno.readDirSync("/dev/fd")) {
    const fd = Number(entry.name);
    if (fd >= first) prepare(libc.actions.close(actions, fd));
  }
}

/** The preparations fail for lack of memory, and for a descriptor that can be none. */
function prepare(error: number): void {
  if (error !== 0) throw new OsError(error, "spawn");
}

/**
 * Starts a program with exactly the descriptors, the directory, the session, the environment and the signal
 * state that are asked for: its mask is empty, and handlers of this process are back at their default.
 *
 * @returns Its process id.
 * @throws {OsError} `EAGAIN` or `ENOMEM` where no process could be made; else as execve(2), chdir(2) fail.
 */
export function spawn(options: SpawnOptions): number {
  const { path, argv, descriptors = [], defaultSignals = ["PIPE"] } = options;
  const attributes = new Uint8Array(platform.spawn.attributesSize);
  const actions = new Uint8Array(platform.spawn.actionsSize);
  const pid = new Int32Array(1);
  const { table, strings } = cStringArray(argv);
  prepare(libc.attributes.init(attributes));
  prepare(libc.actions.init(actions));
  try {
    let flags = platform.spawn.SETSIGDEF | platform.spawn.SETSIGMASK;
    if (options.session) flags |= platform.spawn.SETSID;
    if (platform.spawn.CLOEXEC_DEFAULT !== undefined) flags |= platform.spawn.CLOEXEC_DEFAULT;
    prepare(libc.attributes.setFlags(attributes, flags));
    prepare(libc.attributes.setDefaults(attributes, signalSet(defaultSignals)));
    prepare(libc.attributes.setMask(attributes, signalSet([])));
    const count = Math.max(3, descriptors.length);
    for (let fd = 0; fd < count; fd++) {
      if (options.closed?.includes(fd)) prepare(libc.actions.close(actions, fd));
      // Onto itself it loses the close-on-exec flag, which is what an inherited one needs on macOS.
      else prepare(libc.actions.dup2(actions, descriptors[fd] ?? fd, fd));
    }
    if (options.dir !== undefined) prepare(libc.actions.fchdir(actions, options.dir));
    if (options.subdir !== undefined) prepare(libc.actions.chdir(actions, cString(options.subdir)));
    closeAbove(actions, count);
    const file = cString(path);
    let error: number;
    if (options.environment === undefined || options.environment === "inherit") {
      const call = options.search ? libc.spawnSearching : libc.spawn;
      error = call(pid, file, actions, attributes, table, environmentBlock());
    } else {
      const environment = cStringArray(options.environment);
      error = libc.spawnWith(pid, file, actions, attributes, table, environment.table);
      keep(environment.strings);
    }
    keep(strings);
    if (error !== 0) throw new OsError(error, "spawn");
    return pid[0] ?? -1;
  } finally {
    libc.actions.destroy(actions);
    libc.attributes.destroy(attributes);
  }
}

/**
 * Becomes another program: same process, same descriptors less those that close on exec.
 *
 * @throws {OsError} As execve(2) fails. It returns in no other case.
 */
export function execute(
  path: string | Uint8Array,
  argv: readonly (string | Uint8Array)[],
  environment: readonly (string | Uint8Array)[],
): never {
  const file = cString(path);
  const args = cStringArray(argv);
  const env = cStringArray(environment);
  libc.execve(file, args.table, env.table);
  const error = errno();
  keep(args.strings, env.strings);
  throw new OsError(error, "execve");
}

/** The environment that this process was started with, entry by entry, as bytes. */
export function environment(): Uint8Array<ArrayBuffer>[] {
  const entries: Uint8Array<ArrayBuffer>[] = [];
  const block = environmentBlock();
  if (block === null) return entries;
  const view = new Deno.UnsafePointerView(block);
  for (let offset = 0;; offset += 8) {
    const entry = view.getPointer(offset);
    if (entry === null) return entries;
    entries.push(cStringBytes(entry));
  }
}

/** The value of a variable in {@linkcode environment}: of the first one, where several have that name. */
export function environmentVariable(name: string): Uint8Array<ArrayBuffer> | undefined {
  const value = libc.getenv(cString(name));
  return value === null ? undefined : cStringBytes(value);
}

/**
 * Collects a child that has ended, without waiting.
 *
 * @param pid The child, or -1 for any (never where Deno.Command is used as well: it reaps its own).
 * @returns How it ended, or `undefined` if it has not.
 * @throws {OsError} With `ECHILD` where there is no such child.
 */
export function waitChild(pid: number): Ended | undefined {
  const status = new Int32Array(1);
  const ended = retry("waitpid", () => libc.waitpid(pid, status, 1));
  if (ended === 0) return undefined;
  const word = status[0] ?? 0;
  const signal = word & 0xff;
  return { pid: ended, code: (word & 0x7f) === 0 ? word >> 8 & 0xff : -1, signal };
}

/** The bytes of a C string. */
export function cStringBytes(pointer: Deno.PointerObject): Uint8Array<ArrayBuffer> {
  const view = new Deno.UnsafePointerView(pointer);
  return new Uint8Array(view.getArrayBuffer(Number(libc.strlen(pointer))).slice(0));
}

/** Holds buffers that C was given by address until here; the collector would not know. */
function keep(..._buffers: unknown[]): void {}
