/**
 * What a supervisor does with one process, the service or its logger, as a pure function: an event comes in, the
 * next state and what is to be done come out. No clock, no descriptor, no process.
 *
 * The rules are those of runsv(8); what it leaves out was settled by experiment against runit 2.1.2
 * (`tests/interop/runsv_states_test.ts`).
 *
 * @module
 */

import {
  type ExitStatus,
  FORK_HOLD,
  HOLD,
  type Instant,
  NOT_EXECUTED,
  type Signal,
  type Step,
  type Unit,
  type UnitAction,
  type UnitEvent,
  type UnitWant,
} from "./unit.ts";

/** Control characters that only pass a signal on. */
const PASSED: Readonly<Record<string, Signal>> = {
  h: "HUP",
  a: "ALRM",
  i: "INT",
  // The reference calls the service down at this moment, whatever the signal does. Where control/k has replaced it,
  // the next "u" starts the service a second time; and while finish runs, finish runs once more. Not so ours.
  k: "KILL",
  q: "QUIT",
  "1": "USR1",
  "2": "USR2",
};

type Draft = { -readonly [Key in keyof Unit]: Unit[Key] };

/**
 * One event.
 *
 * @param unit The unit before it; it is left as it is.
 * @param event What happened.
 * @param at When.
 * @returns The unit after it, and what is to be done, in that order.
 */
export function stepUnit(
  unit: Unit,
  event: UnitEvent,
  at: Instant,
): { unit: Unit; actions: UnitAction[] } {
  const draft: Draft = { ...unit };
  const actions: UnitAction[] = [];
  const answers = event.type === "scriptEnded" || event.type === "started" ||
    event.type === "notExecuted" || event.type === "notForked";
  if (draft.waiting && !answers) {
    draft.inbox = [...draft.inbox, event];
    return { unit: draft, actions };
  }
  if (answers) draft.waiting = false;
  handle(draft, event, at, actions);
  proceed(draft, actions);
  while (!draft.waiting && draft.inbox.length > 0) {
    const next = draft.inbox[0];
    draft.inbox = draft.inbox.slice(1);
    if (next !== undefined) handle(draft, next, at, actions);
    proceed(draft, actions);
  }
  return { unit: draft, actions };
}

/** Whether a process of the unit would get a signal: none does while finish runs. */
function isRunning(unit: Unit): boolean {
  return unit.pid !== 0 && unit.state !== "finish";
}

function handle(draft: Draft, event: UnitEvent, at: Instant, actions: UnitAction[]): void {
  switch (event.type) {
    case "control":
      return control(draft, event.character, actions);
    case "started":
      if (draft.state !== "finish") begin(draft, at);
      draft.pid = event.pid;
      draft.paused = false;
      draft.gotTerm = false;
      draft.once = false;
      draft.announced = false;
      actions.push({ type: "save" });
      return;
    case "notExecuted":
      if (draft.state !== "finish") begin(draft, at);
      draft.once = false;
      draft.announced = false;
      return ended(draft, NOT_EXECUTED, event.finish, at, actions);
    case "notForked":
      draft.steps = [];
      draft.held = true;
      actions.push({ type: "timer", milliseconds: FORK_HOLD });
      return;
    case "ended":
      return ended(draft, event.exit, event.finish, at, actions);
    case "scriptEnded":
      return scriptEnded(draft, event.replaced, actions);
    case "due":
      draft.held = false;
      return;
  }
}

function begin(draft: Draft, at: Instant): void {
  draft.state = "run";
  draft.since = at.wall;
  draft.started = at.monotonic;
}

function ended(
  draft: Draft,
  exit: ExitStatus,
  finish: boolean,
  at: Instant,
  actions: UnitAction[],
): void {
  draft.pid = 0;
  draft.gotTerm = false;
  if (draft.kind === "service" && draft.state !== "finish" && finish) {
    draft.state = "finish";
    draft.exit = exit;
  } else {
    draft.state = "down";
    draft.since = at.wall;
    if (at.monotonic - draft.started < HOLD) {
      draft.held = true;
      actions.push({ type: "timer", milliseconds: HOLD });
    }
  }
  actions.push({ type: "save" });
}

function control(draft: Draft, character: string, actions: UnitAction[]): void {
  switch (character) {
    case "u":
      draft.want = "up";
      break;
    case "d":
      draft.want = "down";
      draft.once = false;
      break;
    case "o":
      draft.want = "down";
      draft.once = draft.pid === 0;
      break;
    case "x":
      if (draft.kind === "log") return;
      draft.want = "exit";
      draft.once = false;
      break;
    case "t":
      if (isRunning(draft)) draft.steps = stop(draft.want);
      return;
    case "p":
    case "c":
      draft.steps = [{ type: "paused", paused: character === "p" }];
      if (isRunning(draft)) {
        const otherwise = character === "p" ? "STOP" : "CONT";
        draft.steps = [{ type: "script", character, otherwise }, ...draft.steps];
      }
      return;
    default: {
      const signal = PASSED[character];
      if (signal === undefined || !isRunning(draft)) return;
      draft.steps = [{ type: "script", character, otherwise: signal }];
      return;
    }
  }
  actions.push({ type: "save" });
  if ((character === "d" || character === "x") && isRunning(draft)) draft.steps = stop(draft.want);
}

/** TERM, and where the service is not to come back, CONT, so that a stopped one gets it. */
function stop(want: UnitWant): Step[] {
  const steps: Step[] = [{ type: "script", character: "t", otherwise: "TERM" }];
  if (want === "up") return steps;
  const character = want === "down" ? "d" : "x";
  steps.push({ type: "signal", signal: "CONT" });
  steps.push({ type: "script", character, otherwise: undefined });
  return steps;
}

/** The first of the steps is the script that has ended. */
function scriptEnded(draft: Draft, replaced: boolean, actions: UnitAction[]): void {
  const [step, ...rest] = draft.steps;
  draft.steps = rest;
  if (step?.type !== "script") return;
  if (step.character === "u") draft.announced = true;
  if (replaced || step.otherwise === undefined) return;
  send(draft, step.otherwise, actions);
  if (step.otherwise === "TERM") {
    draft.gotTerm = true;
    actions.push({ type: "save" });
  }
}

function send(draft: Draft, signal: Signal, actions: UnitAction[]): void {
  // While its script ran it may have ended; then the number may be another's by now.
  if (draft.inbox.some((event) => event.type === "ended")) return;
  actions.push({ type: "signal", signal });
}

/** Does step after step, until one has to be waited for. */
function proceed(draft: Draft, actions: UnitAction[]): void {
  for (;;) {
    if (draft.steps.length === 0) draft.steps = nextStart(draft);
    const [step, ...rest] = draft.steps;
    if (step === undefined) return;
    switch (step.type) {
      case "script":
        if (draft.kind === "log") {
          scriptEnded(draft, false, actions);
          continue;
        }
        draft.waiting = true;
        actions.push({ type: "script", character: step.character });
        return;
      case "start":
        draft.steps = rest;
        draft.waiting = true;
        actions.push({ type: "start", program: step.program, exit: draft.exit });
        return;
      case "signal":
        send(draft, step.signal, actions);
        break;
      case "paused":
        draft.paused = step.paused;
        actions.push({ type: "save" });
        break;
    }
    draft.steps = rest;
  }
}

/** The steps to the start that is owed, if one is. */
function nextStart(draft: Draft): Step[] {
  if (draft.pid !== 0 || draft.held || draft.inbox.length > 0) return [];
  if (draft.state === "finish") return [{ type: "start", program: "finish" }];
  if (draft.want !== "up" && !draft.once) return [];
  const start: Step = { type: "start", program: "run" };
  if (draft.announced || draft.kind === "log") return [start];
  return [{ type: "script", character: "u", otherwise: undefined }, start];
}
