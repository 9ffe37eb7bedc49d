/**
 * One process that is supervised, the service or its logger: its state, what can happen to it, and what may then be
 * to be done. What is done when is in `step_unit.ts`.
 *
 * @module
 */

import type { Time } from "../os/clock.ts";
import type { SignalName } from "../os/signal.ts";
import type { ServiceState } from "../service/status.ts";

/** Milliseconds that a run must have lasted for the next to start at once, and that are waited otherwise. */
export const HOLD = 1000;

/** Milliseconds before the next try where the system could make no process. */
export const FORK_HOLD = 5000;

/** How a process ended, as `./finish` is told. */
export interface ExitStatus {
  /** Its exit code, or -1. */
  readonly code: number;
  /** The low byte of its wait status. */
  readonly signal: number;
}

/** What became of a program that could not be executed. */
export const NOT_EXECUTED: ExitStatus = { code: 111, signal: 0 };

/** What a unit is to do. */
export type UnitWant = "up" | "down" | "exit";

/** Which of its programs a unit starts. */
export type Program = "run" | "finish";

/** One thing of several that a control character or a start asks for; each waits for the script before it. */
export type Step =
  | { readonly type: "script"; readonly character: string; readonly otherwise: Signal | undefined }
  | { readonly type: "signal"; readonly signal: Signal }
  | { readonly type: "paused"; readonly paused: boolean }
  | { readonly type: "start"; readonly program: Program };

/** What a supervisor sends. */
export type Signal = Exclude<SignalName, "PIPE" | "CHLD">;

/** One supervised process. */
export interface Unit {
  /** Services have control scripts, `./finish` and an exit; their loggers have not. */
  readonly kind: "service" | "log";
  readonly state: ServiceState;
  /** The process of run or finish; 0 where there is none. */
  readonly pid: number;
  readonly want: UnitWant;
  readonly paused: boolean;
  readonly gotTerm: boolean;
  /** When it last came into run or down. */
  readonly since: Time;
  /** When run was last started, in milliseconds of the monotonic clock. */
  readonly started: number;
  /** No start before the timer is due. */
  readonly held: boolean;
  /** A start that is owed whatever is wanted. */
  readonly once: boolean;
  /** `control/u` has had its say for the start that is owed. */
  readonly announced: boolean;
  /** How run ended, for finish. */
  readonly exit: ExitStatus;
  /** What is still to be done, while a control script or a start is under way. */
  readonly steps: readonly Step[];
  /** Whether {@linkcode steps} waits, for `scriptEnded` or for word of the start. */
  readonly waiting: boolean;
  /** What came meanwhile. */
  readonly inbox: readonly UnitEvent[];
}

/** What can happen to a unit. */
export type UnitEvent =
  /** A character came through its control FIFO. */
  | { readonly type: "control"; readonly character: string }
  /** Its program has been started. */
  | { readonly type: "started"; readonly pid: number }
  /** Its program could not be executed. `finish`: whether there is a `./finish` to start. */
  | { readonly type: "notExecuted"; readonly finish: boolean }
  /** The system can make no process now. */
  | { readonly type: "notForked" }
  /** Its process has ended. */
  | { readonly type: "ended"; readonly exit: ExitStatus; readonly finish: boolean }
  /** The control script has ended. `replaced`: with exit code 0. */
  | { readonly type: "scriptEnded"; readonly replaced: boolean }
  /** The timer that was asked for is due. */
  | { readonly type: "due" };

/** What is to be done for a unit. */
export type UnitAction =
  /** Bring `status`, `stat` and `pid` up to date. */
  | { readonly type: "save" }
  /** Start a program, and say `started`, `notExecuted` or `notForked`. */
  | { readonly type: "start"; readonly program: Program; readonly exit: ExitStatus }
  /** Run `control/<character>` and say `scriptEnded`, at once if there is none. */
  | { readonly type: "script"; readonly character: string }
  | { readonly type: "signal"; readonly signal: Signal }
  /** Say `due` after so many milliseconds; an earlier request is forgotten. */
  | { readonly type: "timer"; readonly milliseconds: number };

/** When an event happened. */
export interface Instant {
  readonly wall: Time;
  /** Milliseconds of the monotonic clock. */
  readonly monotonic: number;
}

/** A unit before anything has happened to it. */
export function newUnit(kind: Unit["kind"], want: "up" | "down", since: Time): Unit {
  return {
    kind,
    state: "down",
    pid: 0,
    want,
    paused: false,
    gotTerm: false,
    since,
    started: Number.NEGATIVE_INFINITY,
    held: false,
    once: false,
    announced: false,
    exit: { code: 0, signal: 0 },
    steps: [],
    waiting: false,
    inbox: [],
  };
}
