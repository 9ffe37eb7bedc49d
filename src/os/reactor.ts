/**
 * Waiting, for everything at once: descriptors, signals and timers.
 *
 * @module
 */

import { monotonicClock } from "./clock.ts";
import { type DescriptorSet, PollSet, type Watch } from "./poll.ts";
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
  /** Calls back once, after all else that is due has had its turn. */
  soon(callback: () => void): void;
  /** Milliseconds on that clock. */
  now(): number;
  /** Waits until {@linkcode Reactor.stop} is called. */
  run(): Promise<void>;
  /** Ends {@linkcode Reactor.run}, and every watch, handler and timer. */
  stop(): void;
}

/** Milliseconds until waiting is tried again after it has failed. */
const FAILED_DELAY = 20;

/** Deno's handlers for signals that it has taken over without being asked. They are the process's, not a reactor's. */
const TAKEN_OVER = new Map<SignalName, Uint8Array<ArrayBuffer>>();

/** How a {@linkcode PollReactor} is made. */
export interface PollReactorOptions {
  /**
   * Is told what a callback has thrown, and the reactor goes on. Without it, that ends {@linkcode PollReactor.run}, or
   * the process.
   */
  readonly onError?: (error: unknown) => void;
  /** What it waits for descriptors with. @default {new PollSet()} */
  readonly descriptors?: DescriptorSet;
}

/**
 * The reactor of this process: one waiting thread for all descriptors, Deno's signal listeners and its timers. While
 * nothing happens it does not wake up.
 */
export class PollReactor implements Reactor {
  readonly #watches = new Set<Watch>();
  readonly #cancels = new Set<Cancel>();
  readonly #descriptors: DescriptorSet;
  #soon: (() => void)[] = [];
  #stopped = false;
  #finish: (() => void) | undefined;
  readonly #finished: Promise<void>;
  readonly #onError: ((error: unknown) => void) | undefined;

  constructor(options: PollReactorOptions = {}) {
    this.#onError = options.onError;
    this.#descriptors = options.descriptors ?? new PollSet();
    this.#finished = new Promise((resolve) => this.#finish = resolve);
  }

  onReadable(fd: number, callback: () => void): Cancel {
    return this.#watch({ fd, writable: false, callback: this.#guarded(callback) });
  }

  onWritable(fd: number, callback: () => void): Cancel {
    return this.#watch({ fd, writable: true, callback: this.#guarded(callback) });
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

  soon(callback: () => void): void {
    this.#soon.push(this.#guarded(callback));
    this.#descriptors.interrupt();
  }

  now(): number {
    return monotonicClock();
  }

  async run(): Promise<void> {
    while (!this.#stopped) await this.#turn();
    await this.#finished;
    this.#descriptors.close();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const cancel of [...this.#cancels]) cancel();
    this.#watches.clear();
    this.#soon = [];
    this.#descriptors.interrupt();
    this.#finish?.();
  }

  #watch(watch: Watch): Cancel {
    this.#descriptors.add(watch);
    this.#watches.add(watch);
    return this.#cancel(() => {
      this.#watches.delete(watch);
      this.#descriptors.delete(watch);
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

  async #turn(): Promise<void> {
    const ready = await this.#descriptors.wait();
    if (ready === undefined) {
      // A signal came to that thread, or the limit on descriptors has sunk below their number: errno cannot be had.
      await new Promise((resolve) => setTimeout(resolve, FAILED_DELAY));
    }
    for (const watch of ready ?? []) {
      // An earlier callback of this turn may have cancelled it.
      if (this.#watches.has(watch)) watch.callback();
    }
    for (const callback of this.#soon.splice(0)) callback();
  }
}
