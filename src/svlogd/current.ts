/**
 * The file `current` of a log directory.
 *
 * Its mode tells whether it was closed in good order: 0744 if so, 0644 while it is written.
 *
 * @module
 */

import { errorCode } from "../os/error.ts";
import type { FileStatus } from "../os/file.ts";
import type { LogHost, Pauses } from "./host.ts";
import type { Place } from "./place.ts";
import { portion, type SizeLimits } from "./rotation.ts";

const MODE_OPEN = 0o644;
const MODE_CLOSED = 0o744;
const EXECUTE = 0o100;

/** How a write went. */
export interface Written {
  /** How many bytes were written. */
  readonly count: number;
  /** Whether it stopped because the file has its size. */
  readonly full: boolean;
  /** Why it stopped before the end, if something failed. */
  readonly failure?: unknown;
}

/** See the module's documentation. */
export class Current {
  readonly #place: Place;
  readonly #host: LogHost;
  readonly #pauses: Pauses;
  #fd: number | undefined;
  #size = 0;
  /** What was kept aside, and not told yet. */
  #aside: string | undefined;

  constructor(place: Place, host: LogHost, pauses: Pauses) {
    this.#place = place;
    this.#host = host;
    this.#pauses = pauses;
  }

  get isOpen(): boolean {
    return this.#fd !== undefined;
  }

  /** Size in bytes. */
  get size(): number {
    return this.#size;
  }

  /**
   * Opens it. What a crash has left there, with bytes in it and not closed in good order, is kept aside under an
   * old file's name first.
   *
   * @returns That name, if there was such a thing.
   * @throws {OsError} As stat(2), rename(2), open(2) fail.
   */
  open(): string | undefined {
    const { system, say, verbose } = this.#host;
    const { dir, name } = this.#place;
    const found = this.#stat();
    const crashed = found !== undefined && found.size > 0 && (found.mode & EXECUTE) === 0;
    if (crashed) {
      const aside = this.#place.freeName("u");
      system.rename("current", aside, dir);
      this.#aside = aside;
    }
    const appends = found !== undefined && !crashed;
    this.#fd = this.#create();
    this.#size = appends ? found.size : 0;
    if (verbose) say("info", `${appends ? "append" : "new"}: ${name}/current`);
    const aside = this.#aside;
    this.#aside = undefined;
    return aside;
  }

  /** Writes what goes without waiting for anything. It must be open. */
  write(bytes: Uint8Array<ArrayBuffer>, limits: SizeLimits): Written {
    let count = 0;
    while (count < bytes.length && this.#fd !== undefined) {
      const { end, rotate } = portion(bytes, count, this.#size, limits);
      while (count < end) {
        try {
          const written = this.#host.system.write(this.#fd, bytes.subarray(count, end)) ?? 0;
          count += written;
          this.#size += written;
        } catch (failure) {
          return { count, full: false, failure };
        }
      }
      if (rotate) return { count, full: true };
    }
    return { count, full: false };
  }

  /** The same where the disk is waited for elsewhere. It must not be closed meanwhile. */
  async writeInBackground(
    bytes: Uint8Array<ArrayBuffer>,
    limits: SizeLimits,
    write: NonNullable<LogHost["system"]["writeInBackground"]>,
  ): Promise<Written> {
    let count = 0;
    while (count < bytes.length && this.#fd !== undefined) {
      const { end, rotate } = portion(bytes, count, this.#size, limits);
      while (count < end) {
        try {
          const written = await write(this.#fd, bytes.subarray(count, end));
          count += written;
          this.#size += written;
        } catch (failure) {
          return { count, full: false, failure };
        }
      }
      if (rotate) return { count, full: true };
    }
    return { count, full: false };
  }

  /**
   * Closes it in good order, as an old file of that name or where it is.
   *
   * @param rename Gives the name.
   * @returns The name.
   * @throws {GivenUp} If something failed, and is not tried again any more.
   */
  async seal(rename?: () => string): Promise<string | undefined> {
    const fd = this.#fd;
    if (fd === undefined) return undefined;
    const { system, say, verbose } = this.#host;
    const { dir, name } = this.#place;
    const pauses = this.#pauses;
    await pauses.persist(`unable to fsync current logfile: ${name}`, () => system.sync(fd));
    await pauses.persist(
      `unable to set mode of current: ${name}`,
      () => (system.changeModeInBackground ?? system.changeMode)(fd, MODE_CLOSED),
    );
    const renamed = rename && await pauses.persist(`unable to rename current: ${name}`, () => {
      const old = rename();
      if (verbose) say("info", `rename: ${name}/current ${old} ${this.#size}`);
      system.rename("current", old, dir);
      return old;
    });
    this.close();
    return renamed;
  }

  /** Closes it as it is. */
  close(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd !== undefined) this.#host.system.close(fd);
  }

  /**
   * Begins an empty one.
   *
   * @throws {GivenUp} If something failed, and is not tried again any more.
   */
  async begin(): Promise<void> {
    this.#fd = await this.#pauses.persist(
      `unable to create new current: ${this.#place.name}`,
      () => this.#create(),
    );
    this.#size = 0;
  }

  #create(): number {
    const { system } = this.#host;
    const fd = system.open("current", {
      dir: this.#place.dir,
      access: "write",
      create: true,
      append: true,
      nonblocking: true,
      mode: 0o600,
    });
    try {
      // Whatever the umask.
      system.changeMode(fd, MODE_OPEN);
    } catch (error) {
      system.close(fd);
      throw error;
    }
    return fd;
  }

  #stat(): Pick<FileStatus, "size" | "mode"> | undefined {
    try {
      return this.#host.system.stat("current", this.#place.dir);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }
}
