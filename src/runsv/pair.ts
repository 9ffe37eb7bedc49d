/**
 * A service and its logger, as a pure function: which of the two an event concerns, and in which order both end.
 *
 * @module
 */

import type { Time } from "../os/clock.ts";
import { stepUnit } from "./step_unit.ts";
import { type Instant, newUnit, type Unit, type UnitAction, type UnitEvent } from "./unit.ts";

/** Which of the two. */
export type UnitName = "service" | "log";

/** A service, and its logger if it has one. */
export interface Pair {
  readonly service: Unit;
  readonly log: Unit | undefined;
  /** Whether this process has let go of the log pipe's writing end. */
  readonly logPipeClosed: boolean;
  /** Whether the shell was asked what is left in the log pipe, and has not answered. */
  readonly checking: boolean;
  /** Whether it is over: nothing happens any more. */
  readonly over: boolean;
}

/** What can happen to a pair. */
export type PairEvent =
  | { readonly type: "unit"; readonly unit: UnitName; readonly event: UnitEvent }
  /** The supervisor was told to go (TERM). */
  | { readonly type: "terminate" }
  /** Everything is in place: start what is to run. */
  | { readonly type: "begin" }
  /** The answer to `checkLogPipe`. `unread`: there are bytes in the pipe that no logger has taken. */
  | { readonly type: "logPipeChecked"; readonly unread: boolean };

/** What is to be done for a pair. */
export type PairAction =
  | { readonly type: "unit"; readonly unit: UnitName; readonly action: UnitAction }
  /** Close the writing end of the log pipe, so that the logger comes to its end. */
  | { readonly type: "closeLogPipe" }
  /** Say `logPipeChecked`. */
  | { readonly type: "checkLogPipe" }
  /** Both are down, and it was told to exit. */
  | { readonly type: "exit" };

/** What a pair is made from: whether each is normally up, and whether there is a logger. */
export interface PairOptions {
  readonly want: "up" | "down";
  /** Left out: there is no logger. */
  readonly logWant?: "up" | "down";
  readonly since: Time;
}

/** A pair before anything has happened to it. */
export function newPair(options: PairOptions): Pair {
  const { want, logWant, since } = options;
  return {
    service: newUnit("service", want, since),
    log: logWant === undefined ? undefined : newUnit("log", logWant, since),
    logPipeClosed: false,
    checking: false,
    over: false,
  };
}

/**
 * One event.
 *
 * @param pair The pair before it; it is left as it is.
 * @returns The pair after it, and what is to be done, in that order.
 */
export function stepPair(
  pair: Pair,
  event: PairEvent,
  at: Instant,
): { pair: Pair; actions: PairAction[] } {
  if (pair.over) return { pair, actions: [] };
  switch (event.type) {
    case "unit":
      return stepUnitOf(pair, event.unit, event.event, at);
    case "terminate":
      return stepUnitOf(pair, "service", { type: "control", character: "x" }, at);
    case "begin": {
      // The logger first, so that it is there when the first line comes.
      const log = stepOne(pair, "log", { type: "due" }, at);
      const service = stepOne(log.pair, "service", { type: "due" }, at);
      return { pair: service.pair, actions: [...log.actions, ...service.actions] };
    }
    case "logPipeChecked": {
      const checked = { ...pair, checking: false };
      if (!event.unread || pair.log === undefined) return over({ pair: checked, actions: [] });
      // It may have died over what is in the pipe, or have been killed: it gets the rest once more.
      const log = { ...pair.log, want: "exit" as const, once: true };
      const draining = closeLogPipe({ pair: { ...checked, log }, actions: [] });
      if (log.held) return draining;
      const started = stepOne(draining.pair, "log", { type: "due" }, at);
      return { pair: started.pair, actions: [...draining.actions, ...started.actions] };
    }
  }
}

/** Forgets what was under way, and keeps what runs: for when the shell has lost its thread. Each unit waits to be due. */
export function restartPair(pair: Pair): Pair {
  const { service, log } = pair;
  return {
    ...pair,
    checking: false,
    service: restartUnit(service),
    log: log === undefined ? undefined : restartUnit(log),
  };
}

function restartUnit(unit: Unit): Unit {
  return { ...unit, waiting: false, steps: [], held: true };
}

interface Step {
  readonly pair: Pair;
  readonly actions: PairAction[];
}

function stepUnitOf(pair: Pair, name: UnitName, event: UnitEvent, at: Instant): Step {
  if (pair.service.want === "exit" && isGone(pair.service)) {
    // Nothing is left but to see the logger off. A second request to exit gives it up.
    if (name === "service") {
      if (event.type === "control" && event.character === "x" && isGoneOrHeld(pair.log)) {
        return over({ pair, actions: [] });
      }
      return { pair, actions: [] };
    }
    if (event.type === "control" && "udo".includes(event.character)) return { pair, actions: [] };
    if (event.type === "notExecuted") return over(stepOne(pair, name, event, at));
  }
  return settle(stepOne(pair, name, event, at));
}

function stepOne(pair: Pair, name: UnitName, event: UnitEvent, at: Instant): Step {
  const before = name === "service" ? pair.service : pair.log;
  if (before === undefined) return { pair, actions: [] };
  const { unit, actions } = stepUnit(before, event, at);
  return {
    pair: { ...pair, [name]: unit },
    actions: actions.map((action) => ({ type: "unit", unit: name, action })),
  };
}

/** Whether nothing of a unit runs or is about to. */
function isGone(unit: Unit): boolean {
  return unit.pid === 0 && unit.state === "down" && !unit.waiting;
}

function isGoneOrHeld(unit: Unit | undefined): boolean {
  return unit === undefined || isGone(unit);
}

function over(step: Step): Step {
  return {
    pair: { ...step.pair, over: true },
    actions: [...step.actions, { type: "exit" }],
  };
}

function closeLogPipe(step: Step): Step {
  if (step.pair.logPipeClosed) return step;
  return {
    pair: { ...step.pair, logPipeClosed: true },
    actions: [...step.actions, { type: "closeLogPipe" }],
  };
}

/** Once the service is down and was told to exit: first the logger comes to its end, then the supervisor. */
function settle(step: Step): Step {
  const { pair } = step;
  if (pair.service.want !== "exit" || !isGone(pair.service)) return step;
  const { log } = pair;
  if (log === undefined || (log.pid === 0 && log.want === "down" && !log.waiting)) {
    return over(step);
  }
  if (log.pid !== 0) {
    if (log.want === "exit") return step;
    const save: PairAction = { type: "unit", unit: "log", action: { type: "save" } };
    return closeLogPipe({
      pair: { ...pair, log: { ...log, want: "exit" } },
      actions: [...step.actions, save],
    });
  }
  // It has just died. What it left in the pipe decides whether it is needed once more.
  if (pair.checking || log.once || log.waiting) return step;
  return {
    pair: { ...pair, checking: true },
    actions: [...step.actions, { type: "checkLogPipe" }],
  };
}
