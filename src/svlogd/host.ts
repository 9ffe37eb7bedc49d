/**
 * What a log writer needs of the process that it lives in. It never touches signals, standard input or the exit code.
 *
 * @module
 */

import { wallClock } from "../os/clock.ts";
import { changeMode, close, lock, open, read, syncInBackground, write } from "../os/descriptor.ts";
import { listNames } from "../os/directory.ts";
import { type FileStatus, rename, stat, unlink } from "../os/file.ts";
import { spawn } from "../os/process.ts";
import type { Cancel } from "../os/reactor.ts";

/** The system calls, as functions of `src/os`, so that a test can put a fake in their place. */
export interface LogSystem {
  readonly open: typeof open;
  readonly close: typeof close;
  readonly read: typeof read;
  readonly write: typeof write;
  /**
   * Writes to current without waiting for the disk on this thread; where there is one, it is used instead of
   * `write`. The bytes are left alone until it is done.
   */
  readonly writeInBackground?: (fd: number, bytes: Uint8Array<ArrayBuffer>) => Promise<number>;
  readonly lock: typeof lock;
  readonly changeMode: typeof changeMode;
  /** The same without waiting for the disk on this thread; where there is one, it is used where that can be waited for. */
  readonly changeModeInBackground?: (fd: number, mode: number) => Promise<void>;
  readonly sync: typeof syncInBackground;
  readonly rename: (from: string, to: string, dir: number) => void;
  readonly unlink: (name: string, dir: number) => void;
  readonly stat: (name: string, dir: number) => Pick<FileStatus, "size" | "mode">;
  readonly listNames: typeof listNames;
  readonly spawn: typeof spawn;
  readonly wallClock: typeof wallClock;
}

/** The system itself. */
export const hostSystem: LogSystem = {
  open,
  close,
  read,
  write,
  lock,
  changeMode,
  sync: syncInBackground,
  rename,
  unlink,
  stat,
  listNames,
  spawn,
  wallClock,
};

/** Where a log writer lives. */
export interface LogHost {
  readonly system: LogSystem;
  /** Calls back once, after so many milliseconds. */
  readonly after: (milliseconds: number, callback: () => void) => Cancel;
  /** Calls back once when a child has ended, with its exit code, or -1 if a signal ended it. */
  readonly onEnd: (pid: number, callback: (code: number) => void) => void;
  /** Says a diagnostic: `warning`, `pausing` or `info`, what it is about, and why. */
  readonly say: (severity: string, what: string, error?: unknown) => void;
  /** Takes lines that were selected for standard error. */
  readonly alert: (lines: Uint8Array) => void;
  /** Whether what went well is said too, as `info`. */
  readonly verbose: boolean;
}

/** Thrown where something was waited for that is not wanted any more. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";
}

/** Seconds of a pause after a failure, before it is tried again. */
const PAUSE_SECONDS = 3;

/** What a log writer waits with between one attempt and the next. */
export class Pauses {
  readonly #host: LogHost;
  readonly #waiting = new Set<() => void>();
  #givenUp = false;

  constructor(host: LogHost) {
    this.#host = host;
  }

  /** Ends all pauses, and makes what waited, or wants to wait from now on, give up with {@linkcode GivenUp}. */
  giveUp(): void {
    this.#givenUp = true;
    for (const resume of [...this.#waiting]) resume();
  }

  /**
   * Does nothing, unless all was given up.
   *
   * @throws {GivenUp} After {@linkcode Pauses.giveUp}.
   */
  check(): void {
    if (this.#givenUp) throw new GivenUp();
  }

  /**
   * Waits.
   *
   * @throws {GivenUp} After {@linkcode Pauses.giveUp}.
   */
  async wait(seconds: number): Promise<void> {
    if (!this.#givenUp) {
      await new Promise<void>((resolve) => {
        const resume = (): void => {
          this.#waiting.delete(resume);
          cancel();
          resolve();
        };
        const cancel = this.#host.after(seconds * 1000, resume);
        this.#waiting.add(resume);
      });
    }
    this.check();
  }

  /**
   * Does something until it succeeds, with a word and a pause after each failure.
   *
   * @throws {GivenUp} After {@linkcode Pauses.giveUp}.
   */
  async persist<T>(what: string, action: () => T | Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await action();
      } catch (error) {
        await this.after(what, error);
      }
    }
  }

  /** Says that something failed and will be tried again, and waits until then. */
  async after(what: string, error: unknown): Promise<void> {
    this.#host.say("pausing", what, error);
    await this.wait(PAUSE_SECONDS);
  }
}
