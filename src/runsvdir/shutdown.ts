/**
 * How runsvdir goes down as the init of a container, as a pure function: stop all services at once, wait, kill what
 * is left of them, let their loggers drain, and leave nothing behind.
 *
 * | phase | entered | what is done | left when |
 * | --- | --- | --- | --- |
 * | `up` | | | TERM or INT |
 * | `stopping` | | every runsv is told to end, as `sv exit` does it | the grace period is over, or another signal |
 * | `draining` | | all processes of services are killed; loggers write what is in their pipes | the same again |
 * | `killing` | | all that is left is killed | nothing is left, or a last period is over |
 * | `over` | nothing is left | exit | |
 *
 * @module
 */

/** Milliseconds that the kernel is given to end what was killed; a process may be stuck in it for good. */
export const KILL_HOLD = 2000;

/**
 * The least that loggers are given to drain, in milliseconds, however short the grace period is: a runsv may let a second
 * pass before it takes note that its service is dead, and only then comes the end of the pipe.
 */
export const DRAIN_MINIMUM = 3000;

/** Where it is on its way down. */
export type Phase = "up" | "stopping" | "draining" | "killing" | "over";

/** What can happen. */
export type ShutdownEvent =
  /** TERM or INT came. */
  | "signal"
  /** The timer of this phase is due. */
  | "due"
  /** The last runsv has ended. */
  | "empty";

/** What is to be done. */
export type ShutdownAction =
  /** Tell every runsv to end. */
  | { readonly type: "stop" }
  /** Kill the processes of services, not the loggers. */
  | { readonly type: "killServices" }
  /** Kill everything. */
  | { readonly type: "killAll" }
  /** Say `due` after so many milliseconds; an earlier request is forgotten. */
  | { readonly type: "timer"; readonly milliseconds: number }
  | { readonly type: "exit" };

/**
 * One event.
 *
 * @param phase The phase before it.
 * @param grace The grace period in milliseconds.
 * @returns The phase after it, and what is to be done, in that order.
 */
export function stepShutdown(
  phase: Phase,
  event: ShutdownEvent,
  grace: number,
): { phase: Phase; actions: ShutdownAction[] } {
  const stay = { phase, actions: [] };
  if (phase === "over") return stay;
  if (phase === "up") {
    if (event !== "signal") return stay;
    const actions: ShutdownAction[] = [{ type: "stop" }, { type: "timer", milliseconds: grace }];
    return { phase: "stopping", actions };
  }
  // Whatever got away from its service is killed even when no runsv is left to wait for.
  if (event === "empty") return { phase: "over", actions: [{ type: "killAll" }, { type: "exit" }] };
  switch (phase) {
    case "stopping":
      return {
        phase: "draining",
        actions: [
          { type: "killServices" },
          { type: "timer", milliseconds: Math.max(grace, DRAIN_MINIMUM) },
        ],
      };
    case "draining":
      return {
        phase: "killing",
        actions: [{ type: "killAll" }, { type: "timer", milliseconds: KILL_HOLD }],
      };
    case "killing":
      return event === "due" ? { phase: "over", actions: [{ type: "exit" }] } : stay;
  }
}
