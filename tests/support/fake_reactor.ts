import type { Cancel, Reactor } from "../../src/os/reactor.ts";
import type { SignalName } from "../../src/os/signal.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** How often {@linkcode FakeReactor.settle} looks before it says that there is no end to it. */
const MAX_TURNS = 10_000;

/** A reactor whose clock tests move, and which looks at descriptors when it is told to. */
export class FakeReactor implements Reactor {
  /** Whether {@linkcode stop} was called. */
  stopped = false;
  readonly #hasInput: (fd: number) => boolean;
  readonly #readable = new Map<symbol, { fd: number; callback: () => void }>();
  readonly #signals = new Map<symbol, { signal: SignalName; callback: () => void }>();
  readonly #timers = new Map<symbol, Timer>();
  #now = 0;

  /** @param hasInput Whether a descriptor can be read from, such as that of a `FakeOs`. */
  constructor(hasInput: (fd: number) => boolean) {
    this.#hasInput = hasInput;
  }

  /** How many watches, handlers and timers there are. */
  get pending(): number {
    return this.#readable.size + this.#signals.size + this.#timers.size;
  }

  /** In how many milliseconds the next timer is due; `undefined` without one. */
  get nextTimer(): number | undefined {
    const due = [...this.#timers.values()].map(({ at }) => at - this.#now);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  onReadable(fd: number, callback: () => void): Cancel {
    return add(this.#readable, { fd, callback });
  }

  onWritable(_fd: number, _callback: () => void): Cancel {
    throw new Error("the fake reactor cannot watch for writing");
  }

  onSignal(signal: SignalName, callback: () => void): Cancel {
    return add(this.#signals, { signal, callback });
  }

  after(milliseconds: number, callback: () => void): Cancel {
    return add(this.#timers, { at: this.#now + milliseconds, callback });
  }

  soon(callback: () => void): void {
    this.after(0, callback);
  }

  now(): number {
    return this.#now;
  }

  run(): Promise<void> {
    return Promise.resolve();
  }

  stop(): void {
    this.stopped = true;
    this.#readable.clear();
    this.#signals.clear();
    this.#timers.clear();
  }

  /** Calls back for all that can be read, until there is nothing more. */
  settle(): void {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const ready = [...this.#readable].filter(([, { fd }]) => this.#hasInput(fd));
      if (ready.length === 0) return;
      for (const [key, { callback }] of ready) if (this.#readable.has(key)) callback();
    }
    throw new Error("a descriptor is watched and never read");
  }

  /** A signal comes. */
  raise(signal: SignalName): void {
    for (const one of [...this.#signals.values()]) if (one.signal === signal) one.callback();
  }

  /** Lets time pass; timers are called back in their order, each at its time. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end)
        .toSorted(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) break;
      const [key, { at, callback }] = due;
      this.#timers.delete(key);
      this.#now = Math.max(this.#now, at);
      callback();
    }
    this.#now = end;
  }
}

function add<T>(map: Map<symbol, T>, value: T): Cancel {
  const key = Symbol();
  map.set(key, value);
  return () => {
    map.delete(key);
  };
}
