import type { Os } from "../os/os.ts";
import type { Cancel, Reactor } from "../os/reactor.ts";
import { errorCode } from "../os/error.ts";
import type { ExitStatus } from "./unit.ts";

/** Tells who waits for a process how it ended. Also collects what it does not know: orphans, where it is pid 1. */
export class Children {
  readonly #os: Os;
  readonly #waiting = new Map<number, (exit: ExitStatus) => void>();
  readonly #cancel: Cancel;

  constructor(os: Os, reactor: Reactor) {
    this.#os = os;
    this.#cancel = reactor.onSignal("CHLD", () => this.collect());
  }

  /** Calls back once when this child has ended. */
  onEnd(pid: number, callback: (exit: ExitStatus) => void): void {
    this.#waiting.set(pid, callback);
  }

  /** Looks which children have ended. */
  collect(): void {
    for (;;) {
      const ended = this.#next();
      if (ended === undefined) return;
      const callback = this.#waiting.get(ended.pid);
      this.#waiting.delete(ended.pid);
      callback?.({ code: ended.code, signal: ended.signal });
    }
  }

  /** Waits for nobody any more. */
  close(): void {
    this.#cancel();
    this.#waiting.clear();
  }

  #next(): ReturnType<Os["waitChild"]> {
    try {
      return this.#os.waitChild(-1);
    } catch (error) {
      if (errorCode(error) === "ECHILD") return undefined;
      throw error;
    }
  }
}
