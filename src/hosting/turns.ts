/**
 * How what shares a process shares its time and its threads.
 *
 * @module
 */

/** The time that work of one kind may take in one turn of the event loop. What is begun in it comes on top. */
export class TurnBudget {
  readonly #now: () => number;
  readonly #turn: number;
  #since: number | undefined;

  /**
   * @param now Milliseconds of a clock that nobody sets.
   * @param turn How many of them each turn has.
   */
  constructor(now: () => number, turn: number) {
    this.#now = now;
    this.#turn = turn;
  }

  /** Whether there is time left; the first to ask in a turn always has some. */
  mayGoOn(): boolean {
    if (this.#since === undefined) {
      this.#since = this.#now();
      // Runs when all callbacks of this turn have run.
      queueMicrotask(() => this.#since = undefined);
      return true;
    }
    return this.#now() - this.#since < this.#turn;
  }
}

/** Milliseconds that one waits at a gate before it is let through all the same: those inside seem to be stuck. */
const PATIENCE = 50;

/** How a {@linkcode Gate} is made. */
export interface GateOptions {
  /** How many are inside while none is stuck. */
  readonly usual: number;
  /** How many are inside at most. */
  readonly most: number;
  /** Calls back once, after so many milliseconds. */
  readonly after: (milliseconds: number, callback: () => void) => () => void;
}

/**
 * Lets a few at a time through, as each inside has a thread and its memory; more only where those who are inside do not
 * come out. What is let in by the clock is one for each period, so that a slow disk is not taken for a stuck one.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;
  #timer: (() => void) | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** How many are inside. */
  get inside(): number {
    return this.#inside;
  }

  /** Does something that takes time, when there is room. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#options.usual) {
      await new Promise<void>((go) => {
        this.#waiting.push(go);
        this.#watch();
      });
    } else {
      this.#inside++;
    }
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    this.#timer?.();
    this.#timer = undefined;
    // Those that came in by the clock are not replaced.
    const next = this.#inside > this.#options.usual ? undefined : this.#waiting.shift();
    if (next === undefined) this.#inside--;
    else next();
    this.#watch();
  }

  #watch(): void {
    const { most, after } = this.#options;
    if (this.#timer !== undefined || this.#waiting.length === 0 || this.#inside >= most) return;
    this.#timer = after(PATIENCE, () => {
      this.#timer = undefined;
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#inside++;
        next();
      }
      this.#watch();
    });
  }
}
