/**
 * One log directory: what is written to it goes into current, which is rotated, and is never lost.
 *
 * @module
 */

import { errorCode } from "../os/error.ts";
import type { Cancel } from "../os/reactor.ts";
import { DEFAULT_CONFIG, type LogConfig } from "./config.ts";
import { Current } from "./current.ts";
import { GivenUp, type LogHost, Pauses } from "./host.ts";
import { toRemove, toSacrifice } from "./old_files.ts";
import { Place } from "./place.ts";
import { type Processing, Processor } from "./processor.ts";

/** setTimeout takes no more milliseconds than this. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** What a log directory is opened with. */
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
  readonly #options: LogDirectoryOptions;
  readonly #pauses: Pauses;
  readonly #place: Place;
  readonly #current: Current;
  readonly #processor: Processor;
  readonly #config: LogConfig;
  /** What has not been written yet, while something has to be waited for. */
  readonly #pending: Bytes[] = [];
  #rotationDue = false;
  #busy: Promise<void> | undefined;
  #cancelAge: Cancel | undefined;
  #shutting: Promise<void> | undefined;

  private constructor(place: Place, options: LogDirectoryOptions) {
    const { host, config = DEFAULT_CONFIG } = options;
    this.#options = options;
    this.#place = place;
    this.#pauses = new Pauses(host);
    this.#current = new Current(place, host, this.#pauses);
    this.#processor = new Processor(host, this.#pauses, place);
    this.#config = place.readConfig() ?? config;
  }

  /**
   * Opens a log directory. A current that cannot be opened is no reason to do without it: that is tried until it
   * works.
   *
   * @returns `undefined` where it cannot be had, after saying why.
   */
  static open(name: string, options: LogDirectoryOptions): LogDirectory | undefined {
    const place = Place.open(name, options.host);
    if (place === undefined) return undefined;
    try {
      const directory = new LogDirectory(place, options);
      directory.#begin();
      return directory;
    } catch (error) {
      // A slip of ours. Held, its lock would keep the next attempt out.
      options.host.say("warning", `unable to open log directory: ${name}`, error);
      place.close();
      return undefined;
    }
  }

  /** As it was named on the command line. */
  get name(): string {
    return this.#place.name;
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
    let written = 0;
    if (!this.busy && this.#options.host.system.writeInBackground === undefined) {
      const { count, full } = this.#write(bytes);
      written = count;
      this.#rotationDue ||= full;
    }
    // What failed is tried again, and its failure said, where it can be waited for.
    if (written < bytes.length) this.#pending.push(bytes.slice(written));
    this.#proceed();
  }

  /** Rotates current, if there is anything in it. */
  rotate(): void {
    if (this.#current.size === 0 && this.#pending.length === 0) return;
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
  async release(): Promise<readonly Bytes[]> {
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
    const { say, verbose } = this.#options.host;
    this.#cancelAge?.();
    if (verbose) say("info", `close: ${this.name}`);
    await unlessGivenUp(this.#current.seal());
    this.#current.close();
    this.#place.close();
  }

  /** Takes over what is there. */
  #begin(): void {
    try {
      for (const name of this.#processor.recover(this.#place.oldFiles())) this.#process(name);
    } catch (error) {
      this.#warn("unable to read directory", error);
    }
    try {
      this.#process(this.#current.open());
    } catch {
      this.#proceed();
    }
    this.#watchAge();
  }

  /** Has an old file processed, if there is one, and a way to. */
  #process(name: string | undefined): void {
    const processing = this.#processing();
    if (name !== undefined && processing !== undefined) this.#processor.start(name, processing);
  }

  #write(bytes: Bytes): ReturnType<Current["write"]> {
    const { maxSize } = this.#config;
    return this.#current.write(bytes, { maxSize, lineLength: this.#options.lineLength });
  }

  /** Whether there is nothing to wait for. */
  #isSettled(): boolean {
    return this.#current.isOpen && !this.#rotationDue && this.#pending.length === 0;
  }

  /** Starts to do what has to be waited for, if there is any such thing. */
  #proceed(): void {
    if (this.busy || this.#isSettled()) return;
    this.#busy = unlessGivenUp(this.#settle()).finally(() => {
      this.#busy = undefined;
      this.#options.onReady();
    });
  }

  /** A slip of ours is said, and what was under way is begun anew: nothing that was fed is lost by it. */
  async #settle(): Promise<void> {
    for (;;) {
      try {
        return await this.#settleOnce();
      } catch (error) {
        if (error instanceof GivenUp) throw error;
        this.#current.close();
        await this.#pauses.after(`internal error: ${this.name}`, error);
      }
    }
  }

  async #settleOnce(): Promise<void> {
    while (!this.#isSettled()) {
      this.#pauses.check();
      if (!this.#current.isOpen) {
        const aside = await this.#pauses.persist(
          `unable to open current: ${this.name}`,
          () => this.#current.open(),
        );
        this.#process(aside);
      } else if (this.#rotationDue) {
        await this.#rotate();
        this.#rotationDue = false;
      } else {
        await this.#writePending();
      }
    }
  }

  async #writePending(): Promise<void> {
    const first = this.#pending[0];
    if (first === undefined) return;
    const { writeInBackground } = this.#options.host.system;
    const { maxSize } = this.#config;
    const limits = { maxSize, lineLength: this.#options.lineLength };
    const { count, full, failure } = writeInBackground === undefined
      ? this.#current.write(first, limits)
      : await this.#current.writeInBackground(first, limits, writeInBackground);
    this.#rotationDue ||= full;
    if (count === first.length) this.#pending.shift();
    else this.#pending[0] = first.subarray(count);
    if (failure === undefined) return;
    if (errorCode(failure) === "ENOSPC" && this.#makeRoom()) return;
    await this.#pauses.after(`unable to write to current: ${this.name}`, failure);
  }

  /** Removes the oldest file because the disk is full. Returns whether that was allowed, and worked. */
  #makeRoom(): boolean {
    const { system, say } = this.#options.host;
    try {
      const oldest = toSacrifice(this.#place.oldFiles(), this.#config);
      if (oldest === undefined) return false;
      say("warning", `out of disk space, delete: ${this.name}/${oldest}`);
      system.unlink(oldest, this.#place.dir);
      return true;
    } catch (error) {
      this.#warn("unable to unlink oldest logfile", error);
      return false;
    }
  }

  async #rotate(): Promise<void> {
    if (this.#current.size === 0) return;
    await this.#processor.idle;
    this.#pauses.check();
    const processing = this.#processing();
    const suffix = processing === undefined ? "s" : "u";
    const old = await this.#current.seal(() => this.#place.freeName(suffix));
    await this.#current.begin();
    if (old === undefined) return;
    this.#removeOldest(old);
    if (processing !== undefined) this.#processor.start(old, processing);
    this.#watchAge();
  }

  #removeOldest(rotated: string): void {
    const { system, say, verbose } = this.#options.host;
    const { dir } = this.#place;
    try {
      const files = this.#place.oldFiles();
      for (const name of files.partial) system.unlink(name, dir);
      const oldest = toRemove(files, rotated, this.#config.maxFiles);
      if (oldest === undefined) return;
      if (verbose) say("info", `delete: ${this.name}/${oldest}`);
      system.unlink(oldest, dir);
    } catch (error) {
      this.#warn("unable to unlink oldest logfile", error);
    }
  }

  #processing(): Processing | undefined {
    const { processor, compression } = this.#config;
    if (processor !== undefined) return { kind: "command", command: processor };
    return compression && { kind: "compress", compression };
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
      if (step < milliseconds) this.#waitForAge(milliseconds - step);
      else if (this.#current.size === 0) this.#watchAge();
      else this.rotate();
    });
  }

  #warn(what: string, error: unknown): void {
    this.#options.host.say("warning", `${what}: ${this.name}`, error);
  }
}

async function unlessGivenUp(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
  }
}
