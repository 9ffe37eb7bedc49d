import type { Diagnostics } from "../cli/diagnostics.ts";
import type { Os } from "../os/os.ts";
import type { Cancel, Reactor } from "../os/reactor.ts";
import { type SuperviseDirectory, SuperviseError } from "../service/supervise.ts";
import type { HostedLogger } from "./hosted_logger.ts";
import type { UnitName } from "./pair.ts";
import type { Unit } from "./unit.ts";

/** A failed save is tried again after this many milliseconds, then after twice as many, and so on. */
const FIRST_RETRY = 500;
const LAST_RETRY = 60_000;

/** What is read from control FIFOs. Each read is dealt with before the next. */
const buffer = new Uint8Array(256);

/** What a {@linkcode Seat} works with. */
export interface SeatOptions {
  readonly name: UnitName;
  /** `""` or `"log/"`, as diagnostics and paths have it. */
  readonly prefix: "" | "log/";
  readonly supervise: SuperviseDirectory;
  readonly os: Os;
  readonly reactor: Reactor;
  readonly diagnostics: Diagnostics;
  /** The unit as it is now. */
  readonly unit: () => Unit;
  /** Called with the characters that have come through the control FIFO, one or more. */
  readonly onControl: (characters: string) => void;
}

/** The shell's part of a unit: its `supervise` directory, its control FIFO, its timer. */
export class Seat {
  readonly name: UnitName;
  readonly prefix: "" | "log/";
  /** The logger, while it lives in this process. */
  hosted: HostedLogger | undefined;
  readonly #options: SeatOptions;
  /** Whether the files are behind the state. */
  #behind = false;
  #watch: Cancel;
  #timer: Cancel | undefined;
  #retry: Cancel | undefined;
  /** Milliseconds until the next try, and what was last said of it. */
  #delay = FIRST_RETRY;
  #said: string | undefined;

  /**
   * Opens the control FIFO, and listens to it.
   *
   * @throws {SuperviseError} If it cannot be made.
   */
  constructor(options: SeatOptions) {
    this.#options = options;
    this.name = options.name;
    this.prefix = options.prefix;
    this.#watch = this.#listen(options.supervise.openControl(options.diagnostics));
  }

  /** Calls back after so many milliseconds; an earlier request is forgotten. */
  after(milliseconds: number, callback: () => void): void {
    this.#timer?.();
    this.#timer = this.#options.reactor.after(milliseconds, callback);
  }

  /** Notes that the state has changed. */
  touch(): void {
    this.#behind = true;
  }

  /** Brings the files up to date, if they are behind. */
  catchUp(): void {
    if (this.#behind) this.save();
  }

  /** Writes the state down. Where that fails, supervision goes on, and the files catch up when they can. */
  save(): void {
    const { supervise, diagnostics } = this.#options;
    if (supervise.restoreFifos(diagnostics) && supervise.control !== undefined) {
      this.#watch();
      this.#watch = this.#listen(supervise.control);
    }
    this.#write(false);
  }

  /** Writes down what sv(8) needs before anything is started. The rest is written with what comes of that. */
  saveFirst(): void {
    this.#write(true);
    this.touch();
  }

  #write(recordOnly: boolean): void {
    const { supervise, diagnostics, reactor } = this.#options;
    this.#behind = false;
    this.#retry?.();
    this.#retry = undefined;
    const unit = this.#options.unit();
    try {
      const want = unit.want === "up" ? "up" : "down";
      const hidePid = this.hosted !== undefined;
      supervise.save({ ...unit, want }, {
        exiting: unit.want === "exit",
        hidePid,
        recordOnly,
      });
      this.#delay = FIRST_RETRY;
      this.#said = undefined;
    } catch (error) {
      if (!(error instanceof SuperviseError)) throw error;
      if (error.message !== this.#said) diagnostics.warning(error.message, error.cause);
      this.#said = error.message;
      this.#retry = reactor.after(this.#delay, () => this.save());
      this.#delay = Math.min(this.#delay * 2, LAST_RETRY);
    }
  }

  /** Waits for nothing any more. The `supervise` directory stays the caller's to close. */
  close(): void {
    this.#watch();
    this.#timer?.();
    this.#retry?.();
  }

  #listen(control: number): Cancel {
    return this.#options.reactor.onReadable(control, () => {
      const count = this.#read(control);
      if (count > 0) {
        this.#options.onControl(String.fromCharCode(...buffer.subarray(0, count)));
      }
    });
  }

  #read(control: number): number {
    try {
      return this.#options.os.read(control, buffer) ?? 0;
    } catch (error) {
      this.#options.diagnostics.warning("unable to read control", error);
      return 0;
    }
  }
}
