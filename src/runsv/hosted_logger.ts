import type { ExitStatus, Signal } from "./unit.ts";

/** A logger that lives in the supervisor's own process, in the place of a `log/run`. */
export interface HostedLogger {
  /** What it is told instead of being sent a signal. KILL ends it at once, TERM once what is buffered is written. */
  signal(signal: Signal): void;
}

/** What hosts loggers. */
export interface LoggerHost {
  /** The processes that work for hosted loggers now. */
  readonly pids: Iterable<number>;
  /**
   * Starts the logger that `log/` asks for, if it is of a kind that can be hosted with the same effect.
   *
   * @param options `dir`: the service directory, open; `input`: the log pipe's reading end, which stays the caller's;
   * `onEnd`: called once when it has ended, never before this returns.
   * @returns `undefined` where `log/run` is to be run as a process.
   */
  start(options: {
    readonly dir: number;
    readonly input: number;
    readonly onEnd: (exit: ExitStatus) => void;
  }): HostedLogger | undefined;
}
