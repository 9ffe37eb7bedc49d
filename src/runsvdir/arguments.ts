import { LOG_MINIMUM } from "./title_log.ts";

/** What runsvdir is told on its command line. */
export interface Arguments {
  /** The services directory. */
  readonly dir: string;
  /** Give each runsv a session of its own. */
  readonly session: boolean;
  /** Behave as the init of a container, even where it is not process 1. */
  readonly init: boolean;
  /** The grace period when going down, in milliseconds; `undefined` where none was given. */
  readonly grace: number | undefined;
  /** Supervise all services in this process. */
  readonly singleProcess: boolean;
  /** Whether that goes for loggers, too. */
  readonly builtinLog: boolean;
  /** The place for a readproctitle log; `undefined` where none is wanted. */
  readonly log: string | undefined;
  /** How many words follow the log, or would follow it. */
  readonly trailing: number;
  /** Whether a log was wanted that is too short. */
  readonly logTooShort: boolean;
}

/** The longest period that a timer can be set for, in seconds. */
const GRACE_LIMIT = 2_000_000;

/** What is said to a command line that makes no sense. */
export const USAGE = "[-P] dir";

/**
 * Reads the command line.
 *
 * `--init`, `--grace SEC`, `--single-process` and `--no-builtin-log` come first. The rest is as runit 2.1.2 takes it: one word that begins with a `-` and then a
 * `P` is `-P`, one that begins with `--` is skipped, and of whatever follows the first is the directory, be it called
 * `-x`; only the second word after it is looked at.
 *
 * @param argv The words after the tool's own name.
 * @returns `undefined` where a directory is missing or a period is none.
 */
export function parseArguments(argv: readonly string[]): Arguments | undefined {
  const words = [...argv];
  let init = false;
  let singleProcess = false;
  let builtinLog = true;
  let grace: number | undefined;
  for (;;) {
    const word = words[0] ?? "";
    if (word === "--init") {
      init = true;
      words.shift();
    } else if (word === "--single-process") {
      singleProcess = true;
      words.shift();
    } else if (word === "--no-builtin-log") {
      builtinLog = false;
      words.shift();
    } else if (word === "--grace" || word.startsWith("--grace=")) {
      words.shift();
      const value = word === "--grace" ? words.shift() : word.slice("--grace=".length);
      if (value === undefined || !/^[0-9]+(\.[0-9]+)?$/.test(value)) return undefined;
      grace = Number(value);
      if (grace > GRACE_LIMIT) return undefined;
    } else break;
  }
  const session = words[0]?.startsWith("-P") === true;
  if (session || words[0]?.startsWith("--") === true) words.shift();
  const [dir, log] = words;
  if (dir === undefined) return undefined;
  // There are no loggers in a process that is not said to have any.
  if (!builtinLog && !singleProcess) return undefined;
  const logTooShort = log !== undefined && new TextEncoder().encode(log).length < LOG_MINIMUM;
  return {
    dir,
    session,
    init,
    grace: grace === undefined ? undefined : grace * 1000,
    singleProcess,
    builtinLog,
    log: logTooShort ? undefined : log,
    trailing: Math.max(0, words.length - 2),
    logTooShort,
  };
}
