/**
 * What becomes of old files: a command, or built-in compression, makes `@stamp.s` out of `@stamp.u`.
 *
 * Its order of steps lets a start after a crash tell what is left to do: the result gets its final name when it
 * is complete and on the disk, then the state does, and only then does the source go. Where both
 * `.u` and `.s` are there, the work was done; where there is a `.u` alone, it starts over.
 *
 * @module
 */

import { GivenUp, type LogHost, type Pauses } from "./host.ts";
import { oldFile, type OldFiles, stampOf } from "./old_files.ts";
import type { Place } from "./place.ts";

/** Seconds until a processor that failed twice in a row is started once more. */
const RETRY_SECONDS = 1;

/** What is done to old files. */
export type Processing =
  | { readonly kind: "command"; readonly command: Uint8Array<ArrayBuffer> }
  | { readonly kind: "compress"; readonly compression: "gzip" | "zstd" };

/** Processes the old files of one log directory, one after the other. */
export class Processor {
  readonly #host: LogHost;
  readonly #pauses: Pauses;
  readonly #place: Place;
  #last: Promise<void> = Promise.resolve();

  constructor(host: LogHost, pauses: Pauses, place: Place) {
    this.#host = host;
    this.#pauses = pauses;
    this.#place = place;
  }

  /** Fulfilled when all that was started so far is done. */
  get idle(): Promise<void> {
    return this.#last;
  }

  /**
   * Brings to an end what a crash has interrupted, and removes what was left half done.
   *
   * @returns Old files that are yet to be processed, the oldest first.
   */
  recover(files: OldFiles): string[] {
    const { system } = this.#host;
    const { dir } = this.#place;
    for (const name of files.partial) this.#attempt(() => system.unlink(name, dir));
    return files.unprocessed.filter((name) => {
      if (!files.finished.includes(oldFile(stampOf(name), "s"))) return true;
      // The state of a run that succeeded; nothing else can have written it since.
      this.#attempt(() => system.rename("newstate", "state", dir));
      this.#attempt(() => system.unlink(name, dir));
      return false;
    });
  }

  /** Processes an old file after those that were started before. What is given up stays as it is. */
  start(source: string, processing: Processing): void {
    this.#last = this.#last.then(() => this.#process(source, processing)).catch((error) => {
      // A slip of ours: the old file stays, for the next start.
      if (!(error instanceof GivenUp)) this.#host.say("warning", "internal error", error);
    });
  }

  async #process(source: string, processing: Processing): Promise<void> {
    const { system, say, verbose } = this.#host;
    const { dir, name } = this.#place;
    const stamp = stampOf(source);
    const partial = oldFile(stamp, "t");
    const finished = oldFile(stamp, "s");
    for (let failures = 0;; failures++) {
      if (failures > 0) await this.#pauses.wait(failures > 1 ? RETRY_SECONDS : 0);
      if (verbose) say("info", `processing: ${name}/${source}`);
      const output = await this.#pauses.persist(
        `unable to open output for processor: ${name}`,
        () => system.open(partial, { dir, access: "write", create: true, truncate: true }),
      );
      try {
        if (!await this.#run(source, output, processing)) {
          say("warning", `processor failed, restart: ${name}`);
          this.#attempt(() => system.unlink(partial, dir));
          continue;
        }
        await this.#pauses.persist(`unable to set mode of processed: ${name}`, async () => {
          await system.sync(output);
          system.changeMode(output, 0o744);
        });
      } finally {
        system.close(output);
      }
      await this.#pauses.persist(
        `unable to rename processed: ${name}`,
        () => system.rename(partial, finished, dir),
      );
      if (processing.kind === "command") {
        this.#attempt(() => system.rename("newstate", "state", dir), "unable to rename state");
      }
      this.#attempt(() => system.unlink(source, dir), "unable to unlink");
      if (verbose) say("info", `processed: ${name}/${finished}`);
      return;
    }
  }

  /** Runs it once. Returns whether it succeeded. */
  async #run(source: string, output: number, processing: Processing): Promise<boolean> {
    const { system } = this.#host;
    const { dir, name } = this.#place;
    const input = await this.#pauses.persist(
      `unable to open input for processor: ${name}`,
      () => system.open(source, { dir }),
    );
    try {
      if (processing.kind === "command") {
        return await this.#runCommand(input, output, processing.command);
      }
      const { compress } = await import("./compression.ts");
      try {
        await compress(system, input, output, processing.compression);
        return true;
      } catch (error) {
        this.#host.say("warning", `unable to compress: ${name}/${source}`, error);
        return false;
      }
    } finally {
      system.close(input);
    }
  }

  async #runCommand(
    input: number,
    output: number,
    command: Uint8Array<ArrayBuffer>,
  ): Promise<boolean> {
    const { system } = this.#host;
    const { dir, name } = this.#place;
    const state = await this.#pauses.persist(
      `unable to open state for processor: ${name}`,
      // Made where there is none, and only read.
      () => system.open("state", { dir, create: true }),
    );
    try {
      const newState = await this.#pauses.persist(
        `unable to open newstate for processor: ${name}`,
        () => system.open("newstate", { dir, access: "write", create: true, truncate: true }),
      );
      try {
        const pid = await this.#pauses.persist(
          `unable to fork for processor: ${name}`,
          () =>
            system.spawn({
              path: "/bin/sh",
              argv: ["sh", "-c", command],
              dir,
              descriptors: [input, output, 2, undefined, state, newState],
              closed: [3],
            }),
        );
        return await new Promise((resolve) => this.#host.onEnd(pid, (code) => resolve(code === 0)));
      } finally {
        system.close(newState);
      }
    } finally {
      system.close(state);
    }
  }

  #attempt(action: () => void, warning?: string): void {
    try {
      action();
    } catch (error) {
      if (warning !== undefined) {
        this.#host.say("warning", `${warning}: ${this.#place.name}`, error);
      }
    }
  }
}
