/**
 * Word of what happens to the names in a directory: inotify(7). Linux only.
 *
 * `Deno.watchFs` will not do for service directories: it keeps quiet about a symbolic link that is made to anything
 * outside of the watched directory (Deno 2.8.3), which is how services are usually added, and it wakes up for each
 * file that anybody opens there.
 *
 * @module
 */

import { bind, check, cString } from "./_libc.ts";
import { close, read } from "./descriptor.ts";
import { errorCode, OsError } from "./error.ts";

const libc = {
  init: bind("inotify_init1", ["i32"], "i32"),
  add: bind("inotify_add_watch", ["i32", "buffer", "u32"], "i32"),
  remove: bind("inotify_rm_watch", ["i32", "i32"], "i32"),
  statfs: bind("statfs", ["buffer", "buffer"], "i32"),
};

/** `IN_NONBLOCK | IN_CLOEXEC`. */
const INIT_FLAGS = 0o4000 | 0o2000000;

/** Bits of an event's mask. */
const IN = {
  ATTRIB: 0x4,
  MOVED_FROM: 0x40,
  MOVED_TO: 0x80,
  CREATE: 0x100,
  DELETE: 0x200,
  DELETE_SELF: 0x400,
  MOVE_SELF: 0x800,
  UNMOUNT: 0x2000,
  Q_OVERFLOW: 0x4000,
  IGNORED: 0x8000,
  ONLYDIR: 0x01000000,
} as const;

const NAMES = IN.MOVED_FROM | IN.MOVED_TO | IN.CREATE | IN.DELETE | IN.ONLYDIR;
const SELF = IN.DELETE_SELF | IN.MOVE_SELF;

/**
 * What to hear of:
 * - `names`: a name in the directory comes or goes;
 * - `directory`: the same, and the directory itself goes or is moved;
 * - `modes`: the same, and the mode or owner of the directory or of anything in it changes.
 */
export type WatchKind = "names" | "directory" | "modes";

const MASKS: Readonly<Record<WatchKind, number>> = {
  names: NAMES,
  directory: NAMES | SELF,
  modes: NAMES | SELF | IN.ATTRIB,
};

/** Something that happened. */
export interface DirectoryEvent {
  /** The number that {@linkcode Inotify.add} returned; -1 where events were lost. */
  readonly watch: number;
  /**
   * - `name`: a name came, went or changed;
   * - `self`: the directory itself did;
   * - `lost`: more happened than the kernel keeps.
   */
  readonly type: "name" | "self" | "lost";
  /** The name; empty where it is the directory itself. */
  readonly name: Uint8Array;
}

/** A set of watched directories. */
export class Inotify implements Disposable {
  /** Readable whenever something has happened. */
  readonly fd: number;
  /** One for all calls: the collector is in no hurry to give back memory outside of its heap. */
  readonly #buffer = new Uint8Array(16384);

  /** @throws {OsError} With `EMFILE` where a user may have no more of them, with `ENOSYS` where there are none. */
  constructor() {
    this.fd = check(libc.init(INIT_FLAGS), "inotify_init1");
  }

  /**
   * Watches a directory; symbolic links are followed.
   *
   * @returns A number for it, the same as before if it is watched already.
   * @throws {OsError} As inotify_add_watch(2) fails: `ENOSPC` where a user may watch no more.
   */
  add(path: string | Uint8Array, kind: WatchKind): number {
    return check(libc.add(this.fd, cString(path), MASKS[kind]), "inotify_add_watch");
  }

  /** Stops watching. A directory that is gone has stopped by itself. */
  remove(watch: number): void {
    libc.remove(this.fd, watch);
  }

  /** What has happened since the last call. */
  read(): DirectoryEvent[] {
    const events: DirectoryEvent[] = [];
    for (;;) {
      const length = read(this.fd, this.#buffer);
      if (length === undefined || length === 0) return events;
      decode(this.#buffer.subarray(0, length), events);
    }
  }

  [Symbol.dispose](): void {
    close(this.fd);
  }
}

/** `struct inotify_event`: int wd; u32 mask, cookie, len; then `len` bytes of name, padded with NULs. */
const HEADER = 16;

function decode(bytes: Uint8Array, events: DirectoryEvent[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + HEADER <= bytes.length;) {
    const watch = view.getInt32(at, true);
    const mask = view.getUint32(at + 4, true);
    const length = view.getUint32(at + 12, true);
    const padded = bytes.slice(at + HEADER, at + HEADER + length);
    const end = padded.indexOf(0);
    const name = end < 0 ? padded : padded.subarray(0, end);
    at += HEADER + length;
    if (mask & IN.IGNORED) continue;
    events.push({ watch, type: typeOf(mask, name), name });
  }
}

function typeOf(mask: number, name: Uint8Array): DirectoryEvent["type"] {
  if (mask & IN.Q_OVERFLOW) return "lost";
  return name.length === 0 || mask & (SELF | IN.UNMOUNT) ? "self" : "name";
}

/**
 * Types of file systems, as statfs(2) names them, that change without the kernel's own doing: those that another
 * machine or another program has a hand in.
 */
const CHANGE_ELSEWHERE: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x65735546, // FUSE, and virtiofs
  0x01021997, // 9P
  0x00c36400, // Ceph
  0x5346414f, // AFS
  0x6b414653, // kAFS
  0x73757245, // Coda
  0x47504653, // GPFS
  0x0bd00bd0, // Lustre
  0x01161970, // GFS2
  0x7461636f, // OCFS2
  0x786f4256, // vboxsf
  0x9fa0, // proc
  0x62656572, // sysfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
]);

/** Whether all that happens in a directory is heard of: not so on a network file system. */
export function eventsAreComplete(path: string | Uint8Array): boolean {
  const buffer = new Uint8Array(512);
  try {
    check(libc.statfs(cString(path), buffer), "statfs");
  } catch (error) {
    if (error instanceof OsError || errorCode(error) !== undefined) return false;
    throw error;
  }
  return !CHANGE_ELSEWHERE.has(new DataView(buffer.buffer).getUint32(0, true));
}
