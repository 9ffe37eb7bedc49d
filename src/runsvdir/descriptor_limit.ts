import { errorCode } from "../os/error.ts";
import { getLimit, type Limit, setLimit, UNLIMITED } from "../os/limits.ts";

/** How many descriptors this process may have, which is more than what it starts may have. */
export class DescriptorLimit {
  readonly #before: Limit;
  readonly #now: Limit;

  private constructor(before: Limit, now: Limit) {
    this.#before = before;
    this.#now = now;
  }

  /** Takes as many as the hard limit grants. */
  static raise(): DescriptorLimit {
    const before = getLimit("NOFILE");
    const raised = { soft: before.hard, hard: before.hard };
    if (before.soft === before.hard) return new DescriptorLimit(before, before);
    try {
      setLimit("NOFILE", raised);
      return new DescriptorLimit(before, raised);
    } catch (error) {
      // macOS grants fewer than it says; then it is what it was.
      if (errorCode(error) === undefined) throw error;
      return new DescriptorLimit(before, before);
    }
  }

  /** Descriptors have lower numbers than this. */
  get count(): number {
    return this.#now.soft === UNLIMITED ? Infinity : Number(this.#now.soft);
  }

  /** Does something with the limit as it was: what is started by it inherits that. */
  asBefore<T>(action: () => T): T {
    if (this.#now === this.#before) return action();
    setLimit("NOFILE", this.#before);
    try {
      return action();
    } finally {
      setLimit("NOFILE", this.#now);
    }
  }
}
