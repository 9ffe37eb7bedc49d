/**
 * A log directory on disk: opened, locked, and what is in it. Everything is relative to the open directory, so that it may
 * be renamed while it is in use.
 *
 * @module
 */

import type { Time } from "../os/clock.ts";
import { errorCode } from "../os/error.ts";
import { tai64n } from "../tai64n.ts";
import { type LogConfig, parseConfig } from "./config.ts";
import type { LogHost } from "./host.ts";
import { nextNanosecond, nextStamp, oldFile, type OldFiles, oldFiles } from "./old_files.ts";

/** Bytes of a config file that are read at a time. */
const CONFIG_BLOCK = 4096;

/** A log directory that is open and ours. */
export class Place {
  /** As it was named on the command line. */
  readonly name: string;
  /** Its descriptor. */
  readonly dir: number;
  readonly #lock: number;
  readonly #host: LogHost;
  #lastStamp: Time | undefined;

  private constructor(name: string, dir: number, lock: number, host: LogHost) {
    this.name = name;
    this.dir = dir;
    this.#lock = lock;
    this.#host = host;
  }

  /**
   * Opens and locks a log directory.
   *
   * @returns `undefined` where it cannot be had, after saying why.
   */
  static open(name: string, host: LogHost): Place | undefined {
    const { system, say } = host;
    let dir: number;
    try {
      dir = system.open(name, { nonblocking: true });
    } catch (error) {
      say("warning", `unable to open log directory: ${name}`, error);
      return undefined;
    }
    let lock: number | undefined;
    try {
      const access = "write";
      lock = system.open("lock", {
        dir,
        access,
        create: true,
        append: true,
        nonblocking: true,
        mode: 0o600,
      });
      system.lock(lock, { wait: false });
      return new Place(name, dir, lock, host);
    } catch (error) {
      const attempt = errorCode(error) === "ENOTDIR" ? "change" : "lock";
      say("warning", `unable to ${attempt} directory: ${name}`, error);
      if (lock !== undefined) system.close(lock);
      system.close(dir);
      return undefined;
    }
  }

  /** Gives it back. */
  close(): void {
    this.#host.system.close(this.dir);
    this.#host.system.close(this.#lock);
  }

  /**
   * Reads its config file.
   *
   * @returns `undefined` where there is one and it cannot be read, after saying why.
   */
  readConfig(): LogConfig | undefined {
    const { system, say, verbose } = this.#host;
    let fd: number | undefined;
    try {
      fd = system.open("config", { dir: this.dir, nonblocking: true });
      const content = this.#readToEnd(fd);
      if (verbose) say("info", `read: ${this.name}/config`);
      return parseConfig(content, (what) => say("warning", what));
    } catch (error) {
      if (errorCode(error) === "ENOENT") return parseConfig(new Uint8Array(0), () => {});
      say("warning", `unable to read config: ${this.name}`, error);
      return undefined;
    } finally {
      if (fd !== undefined) system.close(fd);
    }
  }

  /**
   * The old files that are in it.
   *
   * @throws {OsError} As readdir(3) fails.
   */
  oldFiles(): OldFiles {
    return oldFiles(this.#names());
  }

  /**
   * A name for an old file, with a stamp that no other has.
   *
   * @throws {OsError} As readdir(3) fails.
   */
  freeName(suffix: "s" | "u"): string {
    const taken = new Set(this.#names().map((name) => name.slice(0, -2)));
    let time = nextStamp(this.#host.system.wallClock(), this.#lastStamp);
    while (taken.has(tai64n(time))) time = nextNanosecond(time);
    this.#lastStamp = time;
    return oldFile(tai64n(time), suffix);
  }

  #names(): string[] {
    const decoder = new TextDecoder();
    return this.#host.system.listNames(this.dir).map((name) => decoder.decode(name));
  }

  #readToEnd(fd: number): Uint8Array {
    const chunks: number[] = [];
    const chunk = new Uint8Array(CONFIG_BLOCK);
    for (;;) {
      const count = this.#host.system.read(fd, chunk) ?? 0;
      if (count === 0) return Uint8Array.from(chunks);
      chunks.push(...chunk.subarray(0, count));
    }
  }
}
