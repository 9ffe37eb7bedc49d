import type { Budget } from "../types.ts";

/** What the budgets of `docs/design.md` are for. */
export type BudgetName =
  | "logFile"
  | "logPipe"
  | "restartAfterKill"
  | "svRestart"
  | "pickUp"
  | "manyMemory"
  | "manyTime"
  | "floodDelay"
  | "start"
  | "idle";

/** The budgets of `docs/design.md`. */
export const BUDGETS: Readonly<Record<BudgetName, Budget>> = {
  /** `svlogd -tt` reading a file, throughput. */
  logFile: { of: "reference", atLeast: 5 },
  /** `svlogd -tt` reading a pipe, throughput. */
  logPipe: { of: "reference", atLeast: 3 },
  /** Restart of a service that ran long, after `kill -9`. */
  restartAfterKill: { of: "reference", atMost: 1.5 },
  /** `sv restart` with its waiting. */
  svRestart: { of: "reference", atMost: 1 },
  /** A new service directory, until its service runs, in milliseconds. */
  pickUp: { of: "value", atMost: 100 },
  /** 500 services with logs in a single process: PSS. */
  manyMemory: { of: "reference", atMost: 0.6 },
  /** 500 services with logs in a single process: time until all run. */
  manyTime: { of: "reference", atMost: 0.5 },
  /** What floods of logs add to the latency of a restart or a command of another service, in milliseconds. */
  floodDelay: { of: "floor", atMost: 20 },
  /** Start of a strict tool over a compiled hello world, in milliseconds. */
  start: { of: "floor", atMost: 10 },
  /** Wake-ups a second, or CPU time, when idle. */
  idle: { of: "value", atMost: 0 },
};
