/**
 * Waiting, for everything at once: descriptors, signals and timers.
 *
 * @module
 */

import { bindWaiting } from "./_libc.ts";
import { close, pipe, read, setNonblocking, write } from "./descriptor.ts";
import { monotonicClock } from "./clock.ts";
import { disposition, restoreAction, savedAction, type SignalName } from "./signal.ts";

/** Ends what it was given for: a watch, a signal handler, a timer. Calling it again does nothing. */
export type Cancel = () => void;

/** What a supervisor waits with. One thread of execution: a callback is never interrupted by another. */
export interface Reactor {
  /** Calls back whenever a descriptor can be read from, or has come to its end; again and again until cancelled. */
  onReadable(fd: number, callback: () => void): Cancel;
  /** Calls back whenever a descriptor can be written to, or nobody reads from it any more. */
  onWritable(fd: number, callback: () => void): Cancel;
  /** Calls back when a signal has come, perhaps once for several. */
  onSignal(signal: SignalName, callback: () => void): Cancel;
  /** Calls back once, after so many milliseconds on a clock that nobody sets. */
  after(milliseconds: number, callback: () => void): Cancel;
  /** Milliseconds on that clock. */
  now(): number;
  /** Waits until {@linkcode Reactor.stop} is called. */
  run(): Promise<void>;
  /** Ends {@linkcode Reactor.run}, and every watch, handler and timer. */
  stop(): void;
}

const POLLIN = 0x1;
const POLLOUT = 0x4;
/** `struct pollfd`: int fd, short events, short revents. */
const POLLFD_SIZE = 8;

/** Milliseconds until poll(2) is tried again after it has failed. */
const FAILED_DELAY = 20;

/** Deno's handlers for signals that it has taken over without being asked. They are the process's, not a reactor's. */
const TAKEN_OVER = new Map<SignalName, Uint8Array<ArrayBuffer>>();

const pollWaiting = bindWaiting("poll", ["buffer", "usize", "i32"]);

interface Watch {
  readonly fd: number;
  readonly events: number;
  readonly callback: () => void;
}

/**
 * The reactor of this process: poll(2) on one waiting thread for all descriptors, Deno's signal listeners and its
 * timers. While nothing happens it does not wake up.
 */
export class PollReactor implements Reactor {
  /** The watches in the order in which they were made, so that a turn takes them in that order. */
  readonly #watches = new Set<Watch>();
  readonly #cancels = new Set<Cancel>();
  /** A byte into it ends the poll(2) that is under way, so that a changed set takes effect. */
  readonly #wake: { read: number; write: number } = pipe();
  #waiting = false;
  #woken = false;
  #changed = true;
  #stopped = false;
  #finish: (() => void) | undefined;
  readonly #finished: Promise<void>;
  readonly #onError: ((error: unknown) => void) | undefined;

  /**
   * @param options `onError` is told what a callback has thrown, and the reactor goes on. Without it, that ends
   * {@linkcode PollReactor.run}, or the process.
   */
  constructor(options: { onError?: (error: unknown) => void } = {}) {
    this.#onError = options.onError;
    setNonblocking(this.#wake.read, true);
    setNonblocking(this.#wake.write, true);
    this.#finished = new Promise((resolve) => this.#finish = resolve);
  }

  onReadable(fd: number, callback: () => void): Cancel {
    return this.#watch({ fd, events: POLLIN, callback: this.#guarded(callback) });
  }

  onWritable(fd: number, callback: () => void): Cancel {
    return this.#watch({ fd, events: POLLOUT, callback: this.#guarded(callback) });
  }

  onSignal(signal: SignalName, callback: () => void): Cancel {
    // With its first listener Deno takes HUP and INT over as well, to put the terminal in order before it dies of
    // them. What a parent has set for them (nohup) must reach the services, so they are put back as they were. Deno
    // sets each handler only once, though: for a listener of their own, it has to be put back in turn.
    const others = (["HUP", "INT"] as const).filter((other) => other !== signal);
    const before = others.map((other) => ({
      other,
      was: disposition(other),
      action: savedAction(other),
    }));
    const listener = this.#guarded(callback);
    Deno.addSignalListener(`SIG${signal}`, listener);
    for (const { other, was, action } of before) {
      if (was === undefined || disposition(other) !== undefined) continue;
      TAKEN_OVER.set(other, savedAction(other));
      restoreAction(other, action);
    }
    const handler = TAKEN_OVER.get(signal);
    if (handler !== undefined && disposition(signal) !== undefined) restoreAction(signal, handler);
    return this.#cancel(() => Deno.removeSignalListener(`SIG${signal}`, listener));
  }

  after(milliseconds: number, callback: () => void): Cancel {
    const cancel = this.#cancel(() => clearTimeout(timer));
    const guarded = this.#guarded(callback);
    const timer = setTimeout(() => {
      this.#cancels.delete(cancel);
      guarded();
    }, Math.max(0, Math.ceil(milliseconds)));
    return cancel;
  }

  now(): number {
    return monotonicClock();
  }

  async run(): Promise<void> {
    while (!this.#stopped) await this.#turn();
    await this.#finished;
    close(this.#wake.read);
    close(this.#wake.write);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const cancel of [...this.#cancels]) cancel();
    this.#watches.clear();
    this.#interrupt();
    this.#finish?.();
  }

  #watch(watch: Watch): Cancel {
    this.#watches.add(watch);
    this.#interrupt();
    return this.#cancel(() => {
      this.#watches.delete(watch);
      this.#interrupt();
    });
  }

  #guarded(callback: () => void): () => void {
    const onError = this.#onError;
    if (onError === undefined) return callback;
    return () => {
      try {
        callback();
      } catch (error) {
        onError(error);
      }
    };
  }

  #cancel(undo: () => void): Cancel {
    const cancel = (): void => {
      if (this.#cancels.delete(cancel)) undo();
    };
    this.#cancels.add(cancel);
    return cancel;
  }

  #interrupt(): void {
    this.#changed = true;
    if (!this.#waiting || this.#woken) return;
    this.#woken = true;
    write(this.#wake.write, new Uint8Array(1));
  }

  /** Room for the table, kept from turn to turn: a new one for each would be most of what a busy loop throws away. */
  #room: DataView<ArrayBuffer> = new DataView(new ArrayBuffer(64 * POLLFD_SIZE));
  #table: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  readonly #polled: Watch[] = [];

  #prepare(): void {
    this.#polled.length = 0;
    for (const watch of this.#watches) this.#polled.push(watch);
    const size = (this.#polled.length + 1) * POLLFD_SIZE;
    if (this.#room.byteLength < size) this.#room = new DataView(new ArrayBuffer(2 * size));
    const view = this.#room;
    if (this.#table.length !== size || this.#table.buffer !== view.buffer) {
      this.#table = new Uint8Array(view.buffer, 0, size);
    }
    view.setInt32(0, this.#wake.read, true);
    view.setInt32(4, POLLIN, true);
    for (const [i, { fd, events }] of this.#polled.entries()) {
      view.setInt32((i + 1) * POLLFD_SIZE, fd, true);
      // What came back last time is cleared with it.
      view.setInt32((i + 1) * POLLFD_SIZE + 4, events, true);
    }
    this.#changed = false;
  }

  async #turn(): Promise<void> {
    if (this.#changed) this.#prepare();
    const table = this.#table;
    this.#waiting = true;
    const ready = await pollWaiting(table, BigInt(table.length / POLLFD_SIZE), -1);
    this.#waiting = false;
    this.#woken = false;
    if (ready < 0) {
      // A signal came to that thread, or the limit on descriptors has sunk below their number: errno cannot be had.
      await new Promise((resolve) => setTimeout(resolve, FAILED_DELAY));
      return;
    }
    const view = new DataView(table.buffer);
    if (view.getInt16(6, true) !== 0) {
      const drain = new Uint8Array(64);
      while (read(this.#wake.read, drain) === drain.length);
    }
    this.#polled.forEach((watch, i) => {
      if (view.getInt16((i + 1) * POLLFD_SIZE + 6, true) === 0) return;
      // An earlier callback of this turn may have cancelled it.
      if (this.#watches.has(watch)) watch.callback();
    });
  }
}
