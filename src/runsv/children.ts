import type { Os } from "../os/os.ts";
import type { Cancel, Reactor } from "../os/reactor.ts";
import { errorCode } from "../os/error.ts";
import type { ExitStatus } from "./unit.ts";

/** Tells who waits for a process how it ended. Also collects what it does not know: orphans, where it is pid 1. */
export class Children {
  readonly #os: Os;
  readonly #waiting = new Map<number, (exit: ExitStatus) => void>();
  readonly #cancel: Cancel;
  /** How many are being started whose process ids are not known yet. */
  #starting = 0;
  /** What has ended meanwhile, and may be one of those. */
  readonly #early = new Map<number, ExitStatus>();

  constructor(os: Os, reactor: Reactor) {
    this.#os = os;
    this.#cancel = reactor.onSignal("CHLD", () => this.collect());
  }

  /** Calls back once when this child has ended. */
  onEnd(pid: number, callback: (exit: ExitStatus) => void): void {
    this.#waiting.set(pid, callback);
  }

  /**
   * The same for a child that is just being started.
   *
   * @param start Its process id, when that is known.
   * @param callback May be called before the result is there, as a process may end before its number is known.
   * @returns Its process id.
   */
  async adopt(start: Promise<number>, callback: (exit: ExitStatus) => void): Promise<number> {
    this.#starting++;
    try {
      const pid = await start;
      const exit = this.#early.get(pid);
      this.#early.delete(pid);
      if (exit === undefined) this.onEnd(pid, callback);
      else callback(exit);
      return pid;
    } finally {
      this.#starting--;
      if (this.#starting === 0) this.#early.clear();
    }
  }

  /** Looks which children have ended. */
  collect(): void {
    for (;;) {
      const ended = this.#next();
      if (ended === undefined) return;
      const exit = { code: ended.code, signal: ended.signal };
      const callback = this.#waiting.get(ended.pid);
      this.#waiting.delete(ended.pid);
      if (callback !== undefined) callback(exit);
      else if (this.#starting > 0) this.#early.set(ended.pid, exit);
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
