/**
 * What the decisions of `stages.ts` are about: states, events, and what is to be done.
 *
 * @module
 */

import type { Program } from "./paths.ts";

/** The signals that mean something to pid 1, beside that of a child's end. */
export type Request = "CONT" | "INT" | "PWR" | "ALRM";

/** Where it is. */
export type Phase =
  | { readonly name: "stage 1" | "stage 2" | "stage 3" }
  /** Stage 2 runs, and beside it what the ctrl-alt-del request has started; `ended`: stage 2 does not run any more. */
  | { readonly name: "ctrlaltdel"; readonly ended: Exit | undefined }
  /** Stage 2 has said that it wants to be started again, and the pause before that is not over. */
  | { readonly name: "restarting" }
  /** Stage 2 was told to end, and has not yet. */
  | { readonly name: "stopping" }
  /** The system is on its way down. */
  | { readonly name: "over" };

/** All that is remembered. */
export interface State {
  readonly phase: Phase;
  /** What was asked for while it could not be done. */
  readonly pending: ReadonlySet<Request>;
}

/** How a process ended: its exit code, or -1 if a signal ended it. */
export interface Exit {
  readonly code: number;
}

/** What has happened. */
export type Event =
  | { readonly type: "begin" }
  | { readonly type: "ended"; readonly program: Program; readonly exit: Exit }
  | { readonly type: "request"; readonly request: Request }
  /** The time of the last `wait` action is up. */
  | { readonly type: "time" };

/** What the files in the places of runit(8) say at the moment of the event. */
export interface Files {
  /** Whether a shutdown is asked for. */
  readonly stop: boolean;
  /** Whether it is to be followed by a boot. */
  readonly reboot: boolean;
  /** Whether there is something to run on ctrl-alt-del. */
  readonly ctrlaltdel: boolean;
}

/** What is to be done, in this order. */
export type Action =
  /** A line on the console. */
  | { readonly type: "say"; readonly severity?: "warning"; readonly text: string }
  | { readonly type: "start"; readonly program: Program }
  /** Sends a signal to the process of stage 2, to its process group, or to every process that there is. */
  | {
    readonly type: "kill";
    readonly target: "stage 2" | "group of stage 2" | "everything";
    readonly signal: "TERM" | "KILL" | "ALRM";
  }
  /** Asks for a `time` event after so many milliseconds; an earlier wait is off. */
  | { readonly type: "wait"; readonly milliseconds: number }
  | { readonly type: "stop waiting" }
  /** Takes back what asks for a shutdown, so that it holds once. */
  | { readonly type: "take back stop" }
  /** Writes what is to be written to the disks, and ends the system. */
  | { readonly type: "finish"; readonly how: "reboot" | "power off" };

/** What follows from an event. */
export interface Step {
  readonly state: State;
  readonly actions: readonly Action[];
}
