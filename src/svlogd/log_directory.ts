/**
 * One log directory: its lock, its config, and current, which is written, rotated and never lost.
 *
 * @module
 */

import { errorCode } from "../os/error.ts";
import type { Cancel } from "../os/reactor.ts";
import type { Time } from "../os/clock.ts";
import { tai64n } from "../tai64n.ts";
import { DEFAULT_CONFIG, type LogConfig, parseConfig } from "./config.ts";
import { GivenUp, type LogHost, Pauses } from "./host.ts";
import {
  nextNanosecond,
  nextStamp,
  oldFile,
  oldFiles,
  toRemove,
  toSacrifice,
} from "./old_files.ts";
import { type Processing, Processor } from "./processor.ts";
import { portion } from "./rotation.ts";

/** Modes: current while it is written, and whatever was closed in good order. */
const MODE_OPEN = 0o644;
const MODE_CLOSED = 0o744;
const EXECUTE = 0o100;

/** setTimeout takes no more milliseconds than this. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What is the same for all log directories of a log writer. */
export interface LogDirectoryOptions {
  readonly host: LogHost;
  /** `len`. */
  readonly lineLength: number;
  /** Is called when the directory has caught up and takes more. */
  readonly onReady: () => void;
  /** What is done where the config file cannot be read. @default {DEFAULT_CONFIG} */
  readonly config?: LogConfig;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** A log directory that is open. */
export class LogDirectory {
  /** As it was named on the command line. */
  readonly name: string;
  readonly #options: LogDirectoryOptions;
  readonly #pauses: Pauses;
  readonly #processor: Processor;
  readonly #dir: number;
  readonly #lock: number;
  #config: LogConfig;
  #current: number | undefined;
  /** Of current, in bytes. */
  #size = 0;
  #lastStamp: Time | undefined;
  /** What has not been written yet, while something has to be waited for. */
  readonly #pending: Bytes[] = [];
  #rotationDue = false;
  #failure: unknown;
  #busy: Promise<void> | undefined;
  #cancelAge: Cancel | undefined;
  #shutting: Promise<void> | undefined;

  private constructor(name: string, dir: number, lock: number, options: LogDirectoryOptions) {
    this.name = name;
    this.#options = options;
    this.#pauses = new Pauses(options.host);
    this.#dir = dir;
    this.#lock = lock;
    this.#processor = new Processor(options.host, this.#pauses, { dir, name });
    this.#config = options.config ?? DEFAULT_CONFIG;
  }

  /**
   * Opens a log directory. A current that could not be opened is no reason to do without it: that is
   * tried until it works.
   *
   * @returns `undefined` where it cannot be had, after saying why.
   */
  static open(name: string, options: LogDirectoryOptions): LogDirectory | undefined {
    const { system, say } = options.host;
    let dir: number;
    try {
      dir = system.open(name, { nonblocking: true });
    } catch (error) {
      say("warning", `unable to open log directory: ${name}`, error);
      return undefined;
    }
    let lock: number | undefined;
    try {
      lock = system.open("lock", {
        dir,
        access: "write",
        create: true,
        append: true,
        nonblocking: true,
        mode: 0o600,
      });
      system.lock(lock, { wait: false });
    } catch (error) {
      const notDirectory = errorCode(error) === "ENOTDIR";
      say("warning", `unable to ${notDirectory ? "change" : "lock"} directory: ${name}`, error);
      if (lock !== undefined) system.close(lock);
      system.close(dir);
      return undefined;
    }
    const directory = new LogDirectory(name, dir, lock, options);
    directory.#begin();
    return directory;
  }

  /** What its config file says. */
  get config(): LogConfig {
    return this.#config;
  }

  /** Whether something is under way, and what is written now has to wait in memory. */
  get busy(): boolean {
    return this.#busy !== undefined;
  }

  /** Writes to current. The bytes may be changed by the caller as soon as this returns. */
  append(bytes: Bytes): void {
    if (bytes.length === 0) return;
    const background = this.#options.host.system.writeInBackground !== undefined;
    const written = this.#busy === undefined && !background ? this.#write(bytes) : 0;
    if (written < bytes.length) this.#pending.push(bytes.slice(written));
    this.#proceed();
  }

  /** Rotates current, if there is anything in it. */
  rotate(): void {
    if (this.#size === 0 && this.#pending.length === 0) return;
    this.#rotationDue = true;
    this.#proceed();
  }

  /** Closes it in good order, once everything is written and processed. */
  async close(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
    await this.#processor.idle;
    await this.#shut();
  }

  /**
   * Closes it without waiting for what fails: only a processor that runs now is seen to its end.
   *
   * @returns What could not be written.
   */
  async release(): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    this.#pauses.giveUp();
    await this.#busy;
    await this.#processor.idle;
    await this.#shut();
    return this.#pending;
  }

  /** Once, whoever asks for it: a descriptor that was closed may be another's by now. */
  #shut(): Promise<void> {
    this.#shutting ??= this.#shutNow();
    return this.#shutting;
  }

  async #shutNow(): Promise<void> {
    this.#cancelAge?.();
    const { system, say, verbose } = this.#options.host;
    if (verbose) say("info", `close: ${this.name}`);
    const current = this.#current;
    this.#current = undefined;
    if (current !== undefined) {
      try {
        await this.#pauses.persist(
          `unable to fsync current logfile: ${this.name}`,
          () => system.sync(current),
        );
        await this.#pauses.persist(
          `unable to set mode of current: ${this.name}`,
          () => system.changeMode(current, MODE_CLOSED),
        );
      } catch (error) {
        if (!(error instanceof GivenUp)) throw error;
      }
      system.close(current);
    }
    system.close(this.#dir);
    system.close(this.#lock);
  }

  #begin(): void {
    this.#readConfig();
    let leftovers: readonly string[] = [];
    try {
      const files = this.#oldFiles();
      this.#processor.recover(files);
      leftovers = files.unprocessed.filter((name) =>
        !files.finished.includes(oldFile(name.slice(0, -2), "s"))
      );
    } catch (error) {
      this.#warn("unable to read directory", error);
    }
    if (!this.#openCurrent()) this.#proceed();
    const processing = this.#processing();
    if (processing !== undefined) {
      for (const name of leftovers) this.#processor.start(name, processing);
    }
    this.#watchAge();
  }

  #readConfig(): void {
    const { system, say, verbose } = this.#options.host;
    let fd: number | undefined;
    try {
      fd = system.open("config", { dir: this.#dir, nonblocking: true });
      const content = readToEnd(system.read, fd);
      if (verbose) say("info", `read: ${this.name}/config`);
      this.#config = parseConfig(content, (what) => say("warning", what));
    } catch (error) {
      if (errorCode(error) !== "ENOENT") this.#warn("unable to read config", error);
    } finally {
      if (fd !== undefined) system.close(fd);
    }
  }

  /** Tries to open current. Returns whether that worked; if not, the failure is kept. */
  #openCurrent(): boolean {
    const { system, say, verbose } = this.#options.host;
    const dir = this.#dir;
    try {
      const old = this.#statCurrent();
      const crashed = old !== undefined && old.size > 0 && (old.mode & EXECUTE) === 0;
      if (crashed) system.rename("current", this.#freeName("u"), dir);
      const current = system.open("current", {
        dir,
        access: "write",
        create: true,
        append: true,
        nonblocking: true,
        mode: 0o600,
      });
      system.changeMode(current, MODE_OPEN);
      const appended = old !== undefined && !crashed;
      this.#current = current;
      this.#size = appended ? old.size : 0;
      if (verbose) say("info", `${appended ? "append" : "new"}: ${this.name}/current`);
      return true;
    } catch (error) {
      this.#failure = error;
      return false;
    }
  }

  #statCurrent(): { size: number; mode: number } | undefined {
    try {
      return this.#options.host.system.stat("current", this.#dir);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }

  /**
   * Writes what goes without waiting. Sets `#rotationDue` or `#failure` where it stops before the end.
   *
   * @returns How many bytes were written.
   */
  #write(bytes: Bytes): number {
    const { host, lineLength } = this.#options;
    const limits = { maxSize: this.#config.maxSize, lineLength };
    this.#failure = undefined;
    let at = 0;
    while (at < bytes.length && !this.#rotationDue && this.#current !== undefined) {
      const { end, rotate } = portion(bytes, at, this.#size, limits);
      while (at < end) {
        let count: number | undefined;
        try {
          count = host.system.write(this.#current, bytes.subarray(at, end));
        } catch (error) {
          this.#failure = error;
          return at;
        }
        at += count ?? 0;
        this.#size += count ?? 0;
      }
      this.#rotationDue = rotate;
    }
    return at;
  }

  /** The same, waiting for the disk elsewhere. */
  async #writeInBackground(
    bytes: Bytes,
    write: NonNullable<LogHost["system"]["writeInBackground"]>,
  ): Promise<number> {
    const limits = { maxSize: this.#config.maxSize, lineLength: this.#options.lineLength };
    this.#failure = undefined;
    let at = 0;
    while (at < bytes.length && !this.#rotationDue && this.#current !== undefined) {
      const { end, rotate } = portion(bytes, at, this.#size, limits);
      while (at < end) {
        try {
          const count = await write(this.#current, bytes.subarray(at, end));
          at += count;
          this.#size += count;
        } catch (error) {
          this.#failure = error;
          return at;
        }
      }
      // Meanwhile somebody else may have asked for one.
      this.#rotationDue ||= rotate;
    }
    return at;
  }

  /** Starts to do what has to be waited for, if there is any such thing. */
  #proceed(): void {
    if (this.#busy !== undefined || this.#isSettled()) return;
    this.#busy = this.#settle().catch((error) => {
      if (!(error instanceof GivenUp)) throw error;
    }).finally(() => {
      this.#busy = undefined;
      this.#options.onReady();
    });
  }

  #isSettled(): boolean {
    return this.#current !== undefined && !this.#rotationDue && this.#pending.length === 0;
  }

  async #settle(): Promise<void> {
    while (!this.#isSettled()) {
      if (this.#current === undefined) {
        if (this.#failure !== undefined || !this.#openCurrent()) {
          const failure = this.#failure;
          this.#failure = undefined;
          await this.#pauses.after(`unable to open current: ${this.name}`, failure);
        }
      } else if (this.#rotationDue) {
        await this.#rotateNow();
      } else {
        await this.#writePending();
      }
    }
  }

  async #writePending(): Promise<void> {
    const first = this.#pending[0];
    if (first === undefined) return;
    const { writeInBackground } = this.#options.host.system;
    const written = writeInBackground === undefined
      ? this.#write(first)
      : await this.#writeInBackground(first, writeInBackground);
    if (written === first.length) this.#pending.shift();
    else this.#pending[0] = first.subarray(written);
    if (this.#failure === undefined) return;
    const failure = this.#failure;
    this.#failure = undefined;
    if (errorCode(failure) === "ENOSPC" && this.#makeRoom()) return;
    await this.#pauses.after(`unable to write to current: ${this.name}`, failure);
  }

  /** Removes the oldest file because the disk is full. Returns whether that was allowed, and worked. */
  #makeRoom(): boolean {
    const { system, say } = this.#options.host;
    try {
      const oldest = toSacrifice(this.#oldFiles(), this.#config);
      if (oldest === undefined) return false;
      say("warning", `out of disk space, delete: ${this.name}/${oldest}`);
      system.unlink(oldest, this.#dir);
      return true;
    } catch (error) {
      this.#warn("unable to unlink oldest logfile", error);
      return false;
    }
  }

  async #rotateNow(): Promise<void> {
    const { system, say, verbose } = this.#options.host;
    const dir = this.#dir;
    const current = this.#current;
    if (current === undefined || this.#size === 0) {
      this.#rotationDue = false;
      return;
    }
    await this.#processor.idle;
    const sync = (): Promise<void> => system.sync(current);
    await this.#pauses.persist(`unable to fsync current logfile: ${this.name}`, sync);
    await this.#pauses.persist(
      `unable to set mode of current: ${this.name}`,
      () => system.changeMode(current, MODE_CLOSED),
    );
    const processing = this.#processing();
    const name = this.#freeName(processing === undefined ? "s" : "u");
    if (verbose) say("info", `rename: ${this.name}/current ${name} ${this.#size}`);
    await this.#pauses.persist(
      `unable to rename current: ${this.name}`,
      () => system.rename("current", name, dir),
    );
    system.close(current);
    this.#current = undefined;
    this.#rotationDue = false;
    const open = (): number =>
      system.open("current", {
        dir,
        access: "write",
        create: true,
        append: true,
        nonblocking: true,
        mode: 0o600,
      });
    const fresh = await this.#pauses.persist(`unable to create new current: ${this.name}`, open);
    this.#current = fresh;
    this.#size = 0;
    await this.#pauses.persist(
      `unable to set mode of current: ${this.name}`,
      () => system.changeMode(fresh, MODE_OPEN),
    );
    this.#removeOldest(name);
    if (processing !== undefined) this.#processor.start(name, processing);
    this.#watchAge();
  }

  #removeOldest(rotated: string): void {
    const { system, say, verbose } = this.#options.host;
    try {
      const files = this.#oldFiles();
      for (const name of files.partial) system.unlink(name, this.#dir);
      const oldest = toRemove(files, rotated, this.#config.maxFiles);
      if (oldest === undefined) return;
      if (verbose) say("info", `delete: ${this.name}/${oldest}`);
      system.unlink(oldest, this.#dir);
    } catch (error) {
      this.#warn("unable to unlink oldest logfile", error);
    }
  }

  #processing(): Processing | undefined {
    const { processor, compression } = this.#config;
    if (processor !== undefined) return { kind: "command", command: processor };
    return compression === undefined ? undefined : { kind: "compress", compression };
  }

  /** A name that no old file has, whatever it ends in. */
  #freeName(suffix: "s" | "u"): string {
    const { system } = this.#options.host;
    const taken = new Set(this.#oldNames().map((name) => name.slice(0, -2)));
    let time = nextStamp(system.wallClock(), this.#lastStamp);
    while (taken.has(tai64n(time))) time = nextNanosecond(time);
    this.#lastStamp = time;
    return oldFile(tai64n(time), suffix);
  }

  #oldNames(): string[] {
    const decoder = new TextDecoder();
    return this.#options.host.system.listNames(this.#dir).map((name) => decoder.decode(name));
  }

  #oldFiles(): ReturnType<typeof oldFiles> {
    return oldFiles(this.#oldNames());
  }

  /** Starts the clock that makes an old current be rotated. */
  #watchAge(): void {
    this.#cancelAge?.();
    this.#waitForAge(this.#config.maxAge * 1000);
  }

  #waitForAge(milliseconds: number): void {
    if (milliseconds === 0) return;
    const step = Math.min(milliseconds, LONGEST_TIMER);
    this.#cancelAge = this.#options.host.after(step, () => {
      if (step < milliseconds) return this.#waitForAge(milliseconds - step);
      if (this.#size === 0) return this.#watchAge();
      this.rotate();
    });
  }

  #warn(what: string, error: unknown): void {
    this.#options.host.say("warning", `${what}: ${this.name}`, error);
  }
}

function readToEnd(read: LogHost["system"]["read"], fd: number): Bytes {
  const chunks: Bytes[] = [];
  let length = 0;
  for (;;) {
    const chunk = new Uint8Array(4096);
    const count = read(fd, chunk) ?? 0;
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  const content = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return content;
}
