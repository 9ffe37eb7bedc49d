/**
 * How loggers that share a process share its time and its threads.
 *
 * @module
 */

/**
 * Milliseconds that all loggers together may read and format, before everything else has its turn. What one of them
 * does at a time, some 64 KB, comes on top.
 */
const TURN = 4;

/** The time of one turn of the event loop, for all loggers. */
export class TurnBudget {
  readonly #now: () => number;
  #since: number | undefined;

  /** @param now Milliseconds of a clock that nobody sets. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether there is time left. Those that get none come first in the next turn, as the others wait for their disks. */
  mayRead(): boolean {
    if (this.#since === undefined) {
      this.#since = this.#now();
      // Runs when all callbacks of this turn have run.
      queueMicrotask(() => this.#since = undefined);
      return true;
    }
    return this.#now() - this.#since < TURN;
  }
}

/** Lets so many at a time through, the others one after the other. */
export class Gate {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether nobody is in it or waits. */
  get isEmpty(): boolean {
    return this.#inside === 0;
  }

  /** Does something that takes time, when there is room. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#limit) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#inside++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#inside--;
      else next();
    }
  }
}
