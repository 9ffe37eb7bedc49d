/**
 * The programs in a service directory, and how they are started.
 *
 * @module
 */

import { errorCode } from "../os/error.ts";
import type { Os } from "../os/os.ts";
import type { Children } from "./children.ts";
import type { ExitStatus } from "./unit.ts";

/** What {@linkcode Programs} works with. */
export interface ProgramsOptions {
  readonly os: Os;
  readonly children: Children;
  /** The service directory, open. */
  readonly dir: number;
  /** Give each process a session of its own. */
  readonly session: boolean;
  /** What is their standard error; that of this process if left out. */
  readonly stderr: number | undefined;
  /** What their standard output goes to if there is a logger. */
  readonly logPipe: { readonly read: number; readonly write: number } | undefined;
}

/** A program to start. */
export interface Start {
  /** Relative to the service directory; the logger's to `log`. */
  readonly path: string;
  readonly argv: readonly string[];
  /** Whether it is the logger, which reads what the others write. */
  readonly log?: boolean;
  /** Called when its process has ended. */
  readonly onEnd: (exit: ExitStatus) => void;
}

/** Starts a service's programs, each in the clean state that is due to it. */
export class Programs {
  readonly #options: ProgramsOptions;

  constructor(options: ProgramsOptions) {
    this.#options = options;
  }

  /**
   * Starts one.
   *
   * @returns Its process id.
   * @throws {OsError} If it cannot be started; see {@linkcode cannotFork}.
   */
  start({ path, argv, log = false, onEnd }: Start): number {
    const { os, children, dir, session, stderr, logPipe } = this.#options;
    const [input, output] = log ? [logPipe?.read, undefined] : [undefined, logPipe?.write];
    const pid = os.spawn({
      path,
      argv,
      dir,
      ...(log && { subdir: "log" }),
      descriptors: [input, output, stderr],
      defaultSignals: ["CHLD", "PIPE", "TERM"],
      session,
    });
    children.onEnd(pid, onEnd);
    return pid;
  }

  /** Whether `./finish` can be read, executable or not, as the reference looks at it. */
  get hasFinish(): boolean {
    const { os, dir } = this.#options;
    try {
      os.close(os.open("finish", { dir, nonblocking: true }));
      return true;
    } catch (error) {
      const code = errorCode(error);
      return (code === "EMFILE" || code === "ENFILE") && this.#exists("finish");
    }
  }

  /** Whether there is a file of a name, as well as can be told without a descriptor. */
  #exists(name: string): boolean {
    try {
      this.#options.os.stat(name, this.#options.dir);
      return true;
    } catch {
      return false;
    }
  }
}

/** Whether it was the process that could not be made, not the program that could not be executed. */
export function cannotFork(error: unknown): boolean {
  const code = errorCode(error);
  return code === "EAGAIN" || code === "ENOMEM";
}
