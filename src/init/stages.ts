/**
 * What pid 1 does next: a function of the state and of what has happened. It has no clock, no process and no file.
 *
 * The rules are those of runit(8), and where that is silent or wrong, those that the reference was seen to follow;
 * `tests/interop/init_stages_test.ts` sets the two beside each other.
 *
 * @module
 */

import type { Program } from "./paths.ts";
import type { Action, Event, Exit, Files, Request, State, Step } from "./state.ts";

/** How long stage 2 has to end after TERM, and how long the pause is before it is started again; as the reference has it. */
const PATIENCE = 5000;

const STAGE_1: Program = "/etc/runit/1";
const STAGE_2: Program = "/etc/runit/2";
const STAGE_3: Program = "/etc/runit/3";
const CTRLALTDEL: Program = "/etc/runit/ctrlaltdel";

/** The exit code by which stage 1 skips stage 2. */
const SKIP = 100;
/** The exit code by which stage 2 asks for another start. */
const RESTART = 111;

const NOTHING: ReadonlySet<Request> = new Set();

/** Before anything has happened. */
export const INITIAL: State = { phase: { name: "stage 1" }, pending: NOTHING };

/**
 * Decides.
 *
 * @param state What was before.
 * @param event What has happened.
 * @param files What the files say.
 * @returns What is now, and what is to be done.
 */
export function step(state: State, event: Event, files: Files): Step {
  switch (event.type) {
    case "begin":
      return { state: INITIAL, actions: [{ type: "start", program: STAGE_1 }] };
    case "ended":
      return ended(state, event.program, event.exit, files);
    case "request":
      return requested(state, event.request, files);
    case "time":
      return timeIsUp(state, files);
  }
}

function ended(state: State, program: Program, exit: Exit, files: Files): Step {
  const { phase } = state;
  switch (phase.name) {
    case "stage 1":
      if (program === STAGE_1) return endOfStage1(state, exit);
      break;
    case "stage 2":
      if (program === STAGE_2) return endOfStage2(state, exit);
      break;
    case "ctrlaltdel":
      if (program === CTRLALTDEL) return endOfCtrlaltdel(state, exit, phase.ended, files);
      if (program === STAGE_2) {
        return { state: { ...state, phase: { ...phase, ended: exit } }, actions: [] };
      }
      break;
    case "stopping":
      // Its exit code says nothing: it was told to end.
      if (program === STAGE_2) return stage3(state, [{ type: "stop waiting" }, leave(STAGE_2)]);
      break;
    case "stage 3":
      if (program === STAGE_3) return endOfStage3(exit, files);
      break;
    case "restarting":
    case "over":
      break;
  }
  return { state, actions: [] };
}

function endOfStage1(state: State, exit: Exit): Step {
  const actions = [...complaint(STAGE_1, exit), leave(STAGE_1)];
  if (exit.code === SKIP) return stage3(state, [...actions, warning("skipping stage 2...")]);
  return {
    state: { ...state, phase: { name: "stage 2" } },
    actions: [...actions, { type: "start", program: STAGE_2 }],
  };
}

function endOfStage2(state: State, exit: Exit): Step {
  const said = complaint(STAGE_2, exit);
  if (exit.code !== RESTART) return stage3(state, [...said, leave(STAGE_2)]);
  return {
    state: { ...state, phase: { name: "restarting" } },
    actions: [
      ...said,
      warning("killing all processes in stage 2..."),
      { type: "kill", target: "group of stage 2", signal: "KILL" },
      { type: "wait", milliseconds: PATIENCE },
    ],
  };
}

/**
 * The end of the ctrl-alt-del program is taken for a CONT; then comes what had to wait for it. Here it is not the exit
 * code that is complained of, but the death by signal.
 */
function endOfCtrlaltdel(
  state: State,
  exit: Exit,
  stage2: Exit | undefined,
  files: Files,
): Step {
  const actions: Action[] = [
    ...(exit.code < 0 ? [warning(`child crashed: ${CTRLALTDEL}`)] : []),
    leave(CTRLALTDEL),
  ];
  const after: State = { phase: { name: "stage 2" }, pending: NOTHING };
  const next = stage2 === undefined
    ? serve(after, new Set([...state.pending, "CONT"]), files)
    : endOfStage2({ ...after, pending: state.pending }, stage2);
  return preceded(actions, next);
}

/** Serves what was asked for at one time, that which ends the stage first. */
function serve(state: State, requests: ReadonlySet<Request>, files: Files): Step {
  const stop = requests.has("PWR") || (requests.has("CONT") && files.stop);
  if (stop) {
    const pending = new Set(requests);
    pending.delete("PWR");
    pending.delete("CONT");
    return stopStage2({ ...state, pending });
  }
  return requests.has("INT") ? requested(state, "INT", files) : { state, actions: [] };
}

function endOfStage3(exit: Exit, files: Files): Step {
  const how = files.reboot ? "reboot" : "power off";
  return {
    state: { phase: { name: "over" }, pending: NOTHING },
    actions: [
      ...complaint(STAGE_3, exit),
      leave(STAGE_3),
      say("sending KILL signal to all processes..."),
      { type: "kill", target: "everything", signal: "KILL" },
      say(how === "reboot" ? "system reboot." : "power off..."),
      { type: "finish", how },
    ],
  };
}

function requested(state: State, request: Request, files: Files): Step {
  switch (state.phase.name) {
    case "stage 1":
    case "stage 3":
      return { state, actions: [outOfPlace()] };
    case "stage 2":
      return requestedInStage2(state, request, files);
    case "restarting":
      if (request === "INT") return postponed(state, request);
      if (request === "PWR" || (request === "CONT" && files.stop)) {
        return stage3(state, [
          { type: "take back stop" },
          { type: "stop waiting" },
          leave(STAGE_2),
        ]);
      }
      return { state, actions: [] };
    case "ctrlaltdel":
      return request === "ALRM" ? { state, actions: [passOnAlarm()] } : postponed(state, request);
    case "stopping":
      return postponed(state, request);
    case "over":
      return { state, actions: [] };
  }
}

function requestedInStage2(state: State, request: Request, files: Files): Step {
  switch (request) {
    case "ALRM":
      return { state, actions: [passOnAlarm()] };
    case "CONT":
      return files.stop ? stopStage2(state) : { state, actions: [] };
    case "PWR":
      return stopStage2(state);
    case "INT":
      if (!files.ctrlaltdel) return { state, actions: [] };
      return {
        state: { ...state, phase: { name: "ctrlaltdel", ended: undefined } },
        actions: [say("ctrl-alt-del request..."), { type: "start", program: CTRLALTDEL }],
      };
  }
}

function postponed(state: State, request: Request): Step {
  return { state: { ...state, pending: new Set([...state.pending, request]) }, actions: [] };
}

function stopStage2(state: State): Step {
  return {
    state: { ...state, phase: { name: "stopping" } },
    actions: [
      { type: "take back stop" },
      { type: "kill", target: "stage 2", signal: "TERM" },
      { type: "wait", milliseconds: PATIENCE },
    ],
  };
}

function timeIsUp(state: State, files: Files): Step {
  switch (state.phase.name) {
    case "restarting": {
      const actions = [warning("restarting."), { type: "start", program: STAGE_2 } as const];
      const after: State = { phase: { name: "stage 2" }, pending: NOTHING };
      return preceded(actions, serve(after, state.pending, files));
    }
    case "stopping":
      // Its end is not waited for: a process that hangs in the kernel must not keep the system from going down.
      return stage3(state, [
        warning("stage 2 not terminated, sending sigkill..."),
        { type: "kill", target: "stage 2", signal: "KILL" },
        leave(STAGE_2),
      ]);
    default:
      return { state, actions: [] };
  }
}

function stage3(state: State, actions: readonly Action[]): Step {
  return {
    state: { phase: { name: "stage 3" }, pending: NOTHING },
    actions: [
      ...actions,
      { type: "start", program: STAGE_3 },
      ...(state.pending.size > 0 ? [outOfPlace()] : []),
    ],
  };
}

function preceded(actions: readonly Action[], next: Step): Step {
  return { state: next.state, actions: [...actions, ...next.actions] };
}

function say(text: string): Action {
  return { type: "say", text };
}

function warning(text: string): Action {
  return { type: "say", severity: "warning", text };
}

function leave(program: Program): Action {
  return say(`leave stage: ${program}`);
}

/** So it reaches runsvdir, which then looks at its directory anew. */
function passOnAlarm(): Action {
  return { type: "kill", target: "stage 2", signal: "ALRM" };
}

function outOfPlace(): Action {
  return warning("signals only work in stage 2.");
}

/** Of an exit code other than 0. A death by signal is passed over in silence, as the reference does it. */
function complaint(program: Program, { code }: Exit): Action[] {
  return code > 0 ? [warning(`child failed: ${program}`)] : [];
}
