/**
 * The `supervise` directory of a service or its logger: the lock, the two FIFOs, and the files that tell its state.
 *
 * @module
 */

import type { Diagnostics } from "../cli/diagnostics.ts";
import { errorCode, OsError } from "../os/error.ts";
import type { Os } from "../os/os.ts";
import { encodeStatus, type ServiceStatus, statLine } from "./status.ts";

/** A failure that keeps a supervisor from starting: what could not be done, and why. */
export class SuperviseError extends Error {
  override readonly name = "SuperviseError";

  /**
   * @param what As a diagnostic says it, such as `"unable to lock supervise/lock"`.
   * @param cause The failure; left out, there is no more to say.
   */
  constructor(what: string, cause?: unknown) {
    super(what, { cause });
  }
}

const encoder = new TextEncoder();

/** In the place of a pid that is not to be seen. */
const HIDDEN = -1;

/** Whether one descriptor may be both ends of a FIFO: POSIX leaves it open, Linux says so in fifo(7). */
const BOTH_ENDS = Deno.build.os === "linux";

interface Fifo {
  readonly path: string;
  readonly read: number;
  /** Held open so that the end of a writer is not the end of the FIFO; `ok` has none, nor has one that is open for both. */
  readonly write: number | undefined;
  readonly inode: bigint;
}

/** The files of one supervised process, held by one supervisor. */
export class SuperviseDirectory {
  readonly #os: Os;
  readonly #dir: number;
  readonly #path: string;
  readonly #lock: number;
  #control: Fifo | undefined;
  #ok: Fifo | undefined;
  #fresh = true;
  /** What was last written, to write nothing twice. */
  #record: Uint8Array | undefined;
  #stat: string | undefined;
  #pid: number | undefined;

  private constructor(os: Os, dir: number, path: string, lock: number) {
    this.#os = os;
    this.#dir = dir;
    this.#path = path;
    this.#lock = lock;
  }

  /**
   * Makes `supervise` where there is none, mode 0700 (where it is a symbolic link, what that points at), and locks it.
   *
   * @param dir The service directory, open.
   * @param prefix `""`, or `"log/"` for the logger.
   * @param options `wait`: whether to wait for another supervisor to end.
   * @throws {SuperviseError} If it cannot be locked.
   */
  static lock(
    os: Os,
    dir: number,
    prefix: "" | "log/",
    options: { wait: boolean },
  ): SuperviseDirectory {
    const path = `${prefix}supervise`;
    makeSupervise(os, dir, prefix, path);
    const name = `${path}/lock`;
    const fd = attempt(`unable to open ${name}`, () =>
      os.open(name, {
        dir,
        access: "write",
        create: true,
        append: true,
        nonblocking: true,
        mode: 0o600,
      }));
    try {
      os.lock(fd, options);
    } catch (error) {
      os.close(fd);
      throw new SuperviseError(`unable to lock ${name}`, error);
    }
    return new SuperviseDirectory(os, dir, path, fd);
  }

  /**
   * Makes and opens the FIFO that commands come through.
   *
   * @returns A descriptor that never comes to its end, and never blocks.
   */
  openControl(diagnostics: Diagnostics): number {
    this.#control = this.#openFifo("control", diagnostics);
    return this.#control.read;
  }

  /** Makes and opens the FIFO whose reader tells that a supervisor is there. */
  openOk(diagnostics: Diagnostics): void {
    this.#ok = this.#openFifo("ok", diagnostics);
  }

  /** Where commands are read from now; `undefined` before {@linkcode openControl}. */
  get control(): number | undefined {
    return this.#control?.read;
  }

  /**
   * Looks whether the FIFOs are still the ones that were made, and makes those anew that were removed or replaced. The
   * first time, right after they were made, they are.
   *
   * @returns Whether commands are read from another descriptor now.
   */
  restoreFifos(diagnostics: Diagnostics): boolean {
    if (this.#fresh) {
      this.#fresh = false;
      return false;
    }
    const control = this.#restored(this.#control, "control", diagnostics);
    const changed = control !== this.#control;
    this.#control = control;
    this.#ok = this.#restored(this.#ok, "ok", diagnostics);
    return changed;
  }

  /**
   * Brings `pid`, `stat` and `status` up to date, each written under another name first. What has not changed is
   * left alone.
   *
   * @param options `exiting`: whether the service is to exit when it is down; `hidePid`: whether to leave `pid` empty
   * though there is a process, so that nobody kills it; `recordOnly`: whether to leave all but `status` for later.
   * @throws {SuperviseError} If one cannot be written. What could be, was; the next call tries the rest again.
   */
  save(
    status: ServiceStatus,
    options: { exiting: boolean; hidePid: boolean; recordOnly?: boolean },
  ): void {
    let failure: unknown;
    const write = (name: string, content: Uint8Array<ArrayBuffer>): boolean => {
      try {
        this.#replace(name, content);
        return true;
      } catch (error) {
        failure ??= error;
        return false;
      }
    };
    if (!options.recordOnly) {
      const pid = options.hidePid ? HIDDEN : status.pid;
      if (pid !== this.#pid) {
        const text = pid === 0 || pid === HIDDEN ? "" : `${pid}\n`;
        if (write("pid", encoder.encode(text))) this.#pid = pid;
      }
      const stat = statLine(status, options.exiting);
      if (stat !== this.#stat && write("stat", encoder.encode(stat))) this.#stat = stat;
    }
    const record = encodeStatus(status);
    if (!equal(record, this.#record) && write("status", record)) this.#record = record;
    if (failure !== undefined) throw failure;
  }

  /** Leaves an absent `pid` file absent until there is a process: so the reference does it for the logger. */
  skipInitialPid(): void {
    try {
      this.#os.stat(`${this.#path}/pid`, this.#dir);
    } catch {
      this.#pid = 0;
    }
  }

  /** Lets go of everything; the files stay. */
  close(): void {
    for (const fifo of [this.#control, this.#ok]) if (fifo !== undefined) this.#closeFifo(fifo);
    this.#os.close(this.#lock);
  }

  #replace(name: string, content: Uint8Array<ArrayBuffer>): void {
    const os = this.#os;
    const path = `${this.#path}/${name}`;
    const temporary = `${path}.new`;
    const fd = attempt(
      `unable to open ${temporary}`,
      () => os.open(temporary, { dir: this.#dir, access: "write", create: true, truncate: true }),
    );
    try {
      attempt(`unable to write ${temporary}`, () => os.writeAll(fd, content));
    } finally {
      os.close(fd);
    }
    attempt(`unable to rename ${name}.new to ${path}`, () => os.rename(temporary, path, this.#dir));
  }

  #openFifo(name: "control" | "ok", diagnostics: Diagnostics): Fifo {
    const os = this.#os;
    const path = `${this.#path}/${name}`;
    try {
      os.makeFifo(path, 0o600, this.#dir);
    } catch (error) {
      if (errorCode(error) === "EEXIST") this.#replaceByFifo(path, diagnostics);
      // Anything else shows in what follows.
    }
    const found = attempt(`unable to stat ${path}`, () => os.stat(path, this.#dir));
    if (found.type !== "fifo") {
      const what = `${path} exists but is not a fifo`;
      // Without commands there is no point; without the sign that somebody supervises, there is.
      if (name === "control") throw new SuperviseError(what);
      diagnostics.warning(what);
    }
    const verb = name === "ok" ? "read" : "open";
    const open = (access: "read" | "write" | "both"): number =>
      attempt(
        `unable to ${verb} ${path}`,
        () => os.open(path, { dir: this.#dir, access, nonblocking: true }),
      );
    const read = open(name === "control" && BOTH_ENDS ? "both" : "read");
    try {
      const write = name === "ok" || BOTH_ENDS ? undefined : open("write");
      return { path, read, write, inode: found.inode };
    } catch (error) {
      os.close(read);
      throw error;
    }
  }

  /** Puts a FIFO in the place of a file: that is what `echo >control` leaves where no supervisor runs. */
  #replaceByFifo(path: string, diagnostics: Diagnostics): void {
    const os = this.#os;
    try {
      if (os.stat(path, this.#dir).type !== "file") return;
      os.unlink(path, this.#dir);
      os.makeFifo(path, 0o600, this.#dir);
    } catch {
      // Then it stays what it is, and the caller says so.
      return;
    }
    diagnostics.warning(`${path} exists but is not a fifo, replaced`);
  }

  #restored(
    fifo: Fifo | undefined,
    name: "control" | "ok",
    diagnostics: Diagnostics,
  ): Fifo | undefined {
    if (fifo === undefined) return undefined;
    try {
      const found = this.#os.stat(fifo.path, this.#dir);
      if (found.inode === fifo.inode) return fifo;
    } catch (error) {
      if (errorCode(error) !== "ENOENT") return fifo;
    }
    try {
      const fresh = this.#openFifo(name, diagnostics);
      this.#closeFifo(fifo);
      return fresh;
    } catch {
      // The directory is gone, or the disk is full: the old one does for whoever has it open.
      return fifo;
    }
  }

  #closeFifo(fifo: Fifo): void {
    this.#os.close(fifo.read);
    if (fifo.write !== undefined) this.#os.close(fifo.write);
  }
}

function makeSupervise(os: Os, dir: number, prefix: string, path: string): void {
  try {
    os.makeDirectory(path, 0o700, dir);
  } catch {
    // It is there already; or it is a link to what may not be there yet; or opening the lock in it will say what is wrong.
    try {
      const link = os.readLink(path, dir);
      os.makeDirectory(link.startsWith("/") ? link : `${prefix}${link}`, 0o700, dir);
    } catch {
      // Not a link, or there already.
    }
  }
}

function attempt<T>(what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof OsError) throw new SuperviseError(what, error);
    throw error;
  }
}

function equal(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && one.every((byte, i) => byte === other[i]);
}
