/**
 * One log directory in memory, with a clock that tests move, timers and children, and calls that can be made to fail.
 *
 * @module
 */

import type { Time } from "../../src/os/clock.ts";
import { OsError } from "../../src/os/error.ts";
import type { SpawnOptions } from "../../src/os/process.ts";
import type { LogHost, LogSystem } from "../../src/svlogd/host.ts";
import { FakeReactor } from "../support/fake_reactor.ts";

interface FakeFile {
  bytes: number[];
  mode: number;
  locked: boolean;
}

interface OpenFile {
  readonly file: FakeFile | undefined;
  at: number;
  readonly append: boolean;
}

/** A processor that was started. */
export interface FakeChild {
  readonly options: SpawnOptions;
  /** What its standard input holds. */
  readonly input: string;
  /** Writes to its standard output, or to descriptor 5. */
  readonly write: (text: string, fd?: 1 | 5) => void;
  /** Lets it end. */
  readonly end: (code: number) => void;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** See the module's documentation. The directory is `log`. */
export class FakeHost implements LogHost {
  readonly files: Map<string, FakeFile> = new Map();
  readonly reactor: FakeReactor = new FakeReactor(() => false);
  /** What was said, a line each. */
  readonly said: string[] = [];
  readonly alerts: string[] = [];
  readonly children: FakeChild[] = [];
  verbose = false;
  time: Time = { seconds: 1_700_000_000, nanoseconds: 0 };
  /** How many bytes the disk holds. */
  capacity: number = Infinity;
  /** Calls that fail: the name of a function of the system, and the code. */
  readonly failing: Map<keyof LogSystem, string> = new Map();
  /** How often each was called. */
  readonly calls: Map<keyof LogSystem, number> = new Map();
  readonly #open = new Map<number, OpenFile>();
  #nextFd = 20;
  readonly #onEnd = new Map<number, (code: number) => void>();

  /** Puts a file there. */
  put(name: string, content: string, mode = 0o644): void {
    this.files.set(name, { bytes: [...encoder.encode(content)], mode, locked: false });
  }

  /** What a file holds. */
  text(name: string): string {
    const file = this.files.get(name);
    if (file === undefined) throw new Error(`no file ${name}`);
    return decoder.decode(Uint8Array.from(file.bytes));
  }

  /** Old files by name. */
  get old(): string[] {
    return [...this.files.keys()].filter((name) => name.startsWith("@")).toSorted();
  }

  /** How many descriptors are open. */
  get openCount(): number {
    return this.#open.size;
  }

  readonly after: LogHost["after"] = (ms, callback) => this.reactor.after(ms, callback);

  readonly onEnd: LogHost["onEnd"] = (pid, callback) => {
    this.#onEnd.set(pid, callback);
  };

  readonly say: LogHost["say"] = (severity, what, error) => {
    const code = error instanceof OsError ? `: ${error.code}` : "";
    this.said.push(`${severity}: ${what}${code}`);
  };

  readonly alert: LogHost["alert"] = (lines) => {
    this.alerts.push(decoder.decode(lines));
  };

  readonly system: LogSystem = {
    open: (path, options = {}) => {
      this.#call("open");
      const name = String(path);
      const fd = this.#nextFd++;
      if (options.dir === undefined) {
        if (name !== "log") throw new OsError("ENOENT", "open");
        this.#open.set(fd, { file: undefined, at: 0, append: false });
        return fd;
      }
      let file = this.files.get(name);
      if (file === undefined) {
        if (!options.create) throw new OsError("ENOENT", "open");
        file = { bytes: [], mode: options.mode ?? 0o644, locked: false };
        this.files.set(name, file);
      }
      if (options.truncate) file.bytes = [];
      this.#open.set(fd, { file, at: 0, append: options.append ?? false });
      return fd;
    },
    close: (fd) => {
      const file = this.#open.get(fd)?.file;
      if (file !== undefined) file.locked = false;
      if (!this.#open.delete(fd)) throw new Error(`closed twice: ${fd}`);
    },
    read: (fd, buffer) => {
      this.#call("read");
      const open = this.#get(fd);
      const bytes = open.file?.bytes.slice(open.at, open.at + buffer.length) ?? [];
      buffer.set(bytes);
      open.at += bytes.length;
      return bytes.length;
    },
    write: (fd, bytes) => {
      this.#call("write");
      const file = this.#get(fd).file;
      if (file === undefined) throw new OsError("EBADF", "write");
      const used = [...this.files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
      const count = Math.min(bytes.length, this.capacity - used);
      if (count <= 0) throw new OsError("ENOSPC", "write");
      for (const byte of bytes.subarray(0, count)) file.bytes.push(byte);
      return count;
    },
    lock: (fd) => {
      const file = this.#get(fd).file;
      if (file?.locked) throw new OsError("EAGAIN", "flock");
      if (file !== undefined) file.locked = true;
    },
    changeMode: (fd, mode) => {
      this.#call("changeMode");
      const file = this.#get(fd).file;
      if (file !== undefined) file.mode = mode;
    },
    sync: () => {
      this.#call("sync");
      return Promise.resolve();
    },
    rename: (from, to) => {
      this.#call("rename");
      const file = this.files.get(from);
      if (file === undefined) throw new OsError("ENOENT", "rename");
      this.files.delete(from);
      this.files.set(to, file);
    },
    unlink: (name) => {
      this.#call("unlink");
      if (!this.files.delete(name)) throw new OsError("ENOENT", "unlink");
    },
    stat: (name) => {
      this.#call("stat");
      const file = this.files.get(name);
      if (file === undefined) throw new OsError("ENOENT", "stat");
      return { mode: file.mode, size: file.bytes.length };
    },
    listNames: () => {
      this.#call("listNames");
      return [...this.files.keys()].map((name) => encoder.encode(name));
    },
    spawn: (options) => {
      this.#call("spawn");
      const pid = 1000 + this.children.length;
      const [input, output, , , , newState] = options.descriptors ?? [];
      const file = (fd: number | undefined): FakeFile | undefined => this.#get(fd ?? -1).file;
      const files = { 1: file(output), 5: file(newState) };
      this.children.push({
        options,
        input: decoder.decode(Uint8Array.from(file(input)?.bytes ?? [])),
        write: (text, fd = 1) => files[fd]?.bytes.push(...encoder.encode(text)),
        end: (code) => this.#onEnd.get(pid)?.(code),
      });
      return pid;
    },
    wallClock: () => this.time,
  };

  #get(fd: number): OpenFile {
    const open = this.#open.get(fd);
    if (open === undefined) throw new OsError("EBADF", "fd");
    return open;
  }

  #call(name: keyof LogSystem): void {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
    const code = this.failing.get(name);
    if (code !== undefined) throw new OsError(code, name);
  }
}

/** Lets promises that are ready have their turn. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}
