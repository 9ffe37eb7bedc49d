import { assertEquals } from "@std/assert";
import { INITIAL, step } from "../../src/init/stages.ts";
import type { Action, Event, Files, Request, State } from "../../src/init/state.ts";

const NONE: Files = { stop: false, reboot: false, ctrlaltdel: false };
const STOP: Files = { ...NONE, stop: true };
const PROGRAM: Files = { ...NONE, ctrlaltdel: true };

type Stage = "1" | "2" | "3" | "ctrlaltdel";

/** An action in words. */
function words(action: Action): string {
  switch (action.type) {
    case "say":
      return `${action.severity ?? "say"}: ${action.text}`;
    case "start":
      return `start ${action.program.slice("/etc/runit/".length)}`;
    case "kill":
      return `${action.signal} to ${action.target}`;
    case "wait":
      return `wait ${action.milliseconds}`;
    case "finish":
      return `finish: ${action.how}`;
    default:
      return action.type;
  }
}

/** Goes through events one after the other. */
class Walk {
  #state: State = INITIAL;

  /** What is done on an event. */
  on(event: Event, files: Files = NONE): string[] {
    const { state, actions } = step(this.#state, event, files);
    this.#state = state;
    return actions.map(words);
  }

  ended(stage: Stage, code = 0, files: Files = NONE): string[] {
    return this.on({ type: "ended", program: `/etc/runit/${stage}`, exit: { code } }, files);
  }

  request(request: Request, files: Files = NONE): string[] {
    return this.on({ type: "request", request }, files);
  }

  time(files: Files = NONE): string[] {
    return this.on({ type: "time" }, files);
  }

  get phase(): string {
    return this.#state.phase.name;
  }

  /** As it is once stage 2 runs. */
  static inStage2(): Walk {
    const walk = new Walk();
    walk.on({ type: "begin" });
    walk.ended("1");
    return walk;
  }

  /** As it is once stage 2 was told to end. */
  static stopping(): Walk {
    const walk = Walk.inStage2();
    walk.request("CONT", STOP);
    return walk;
  }

  static inCtrlaltdel(): Walk {
    const walk = Walk.inStage2();
    walk.request("INT", PROGRAM);
    return walk;
  }
}

const END_OF_2 = ["say: leave stage: /etc/runit/2", "start 3"];
const STOP_2 = ["take back stop", "TERM to stage 2", "wait 5000"];
const CTRLALTDEL = ["say: ctrl-alt-del request...", "start ctrlaltdel"];
const OUT_OF_PLACE = "warning: signals only work in stage 2.";

const DOWN = [
  "say: leave stage: /etc/runit/3",
  "say: sending KILL signal to all processes...",
  "KILL to everything",
];

Deno.test("the stages follow each other, and then the power is switched off", () => {
  const walk = new Walk();
  assertEquals(walk.on({ type: "begin" }), ["start 1"]);
  assertEquals(walk.ended("1"), ["say: leave stage: /etc/runit/1", "start 2"]);
  assertEquals(walk.ended("2"), END_OF_2);
  assertEquals(walk.ended("3"), [...DOWN, "say: power off...", "finish: power off"]);
});

Deno.test("stage 1 that exits 100 is followed by stage 3", () => {
  const walk = new Walk();
  walk.on({ type: "begin" });
  assertEquals(walk.ended("1", 100), [
    "warning: child failed: /etc/runit/1",
    "say: leave stage: /etc/runit/1",
    "warning: skipping stage 2...",
    "start 3",
  ]);
});

Deno.test("stage 1 that fails in another way is complained of, and followed by stage 2", () => {
  for (const code of [1, 99, 101, 111, 255]) {
    const walk = new Walk();
    walk.on({ type: "begin" });
    assertEquals(walk.ended("1", code), [
      "warning: child failed: /etc/runit/1",
      "say: leave stage: /etc/runit/1",
      "start 2",
    ]);
  }
});

Deno.test("the death of a stage by signal is passed over in silence", () => {
  const walk = new Walk();
  walk.on({ type: "begin" });
  assertEquals(walk.ended("1", -1), ["say: leave stage: /etc/runit/1", "start 2"]);
  assertEquals(walk.ended("2", -1), END_OF_2);
  assertEquals(walk.ended("3", -1)[0], DOWN[0]);
});

Deno.test("stage 2 that exits 111 is started again after a while, its process group killed", () => {
  const walk = Walk.inStage2();
  for (let i = 0; i < 3; i++) {
    assertEquals(walk.ended("2", 111), [
      "warning: child failed: /etc/runit/2",
      "warning: killing all processes in stage 2...",
      "KILL to group of stage 2",
      "wait 5000",
    ]);
    assertEquals(walk.time(), ["warning: restarting.", "start 2"]);
  }
});

Deno.test("stage 2 that ends in another way is followed by stage 3", () => {
  for (const code of [1, 100, 255]) {
    assertEquals(Walk.inStage2().ended("2", code), [
      "warning: child failed: /etc/runit/2",
      ...END_OF_2,
    ]);
  }
});

Deno.test("stage 3 that fails is complained of, and the system goes down", () => {
  const walk = Walk.inStage2();
  walk.ended("2");
  assertEquals(walk.ended("3", 111), [
    "warning: child failed: /etc/runit/3",
    ...DOWN,
    "say: power off...",
    "finish: power off",
  ]);
});

Deno.test("the system is booted again where that is asked for when stage 3 has ended", () => {
  const walk = Walk.inStage2();
  walk.ended("2", 0, { ...NONE, reboot: false });
  assertEquals(walk.ended("3", 0, { ...NONE, reboot: true }), [
    ...DOWN,
    "say: system reboot.",
    "finish: reboot",
  ]);
});

Deno.test("CONT ends stage 2 where a shutdown is asked for, and means nothing otherwise", () => {
  const walk = Walk.inStage2();
  assertEquals(walk.request("CONT"), []);
  assertEquals(walk.request("CONT", STOP), STOP_2);
  assertEquals(walk.ended("2"), ["stop waiting", ...END_OF_2]);
});

Deno.test("PWR ends stage 2 whether or not a shutdown is asked for", () => {
  assertEquals(Walk.inStage2().request("PWR"), STOP_2);
  assertEquals(Walk.inStage2().request("PWR", STOP), STOP_2);
});

Deno.test("the exit code of a stage 2 that was told to end makes no difference", () => {
  for (const code of [1, 100, 111, -1]) {
    assertEquals(Walk.stopping().ended("2", code), ["stop waiting", ...END_OF_2]);
  }
});

Deno.test("a stage 2 that does not end is killed, and its end not waited for", () => {
  const walk = Walk.stopping();
  assertEquals(walk.time(), [
    "warning: stage 2 not terminated, sending sigkill...",
    "KILL to stage 2",
    ...END_OF_2,
  ]);
  assertEquals(walk.ended("2", -1), []);
  assertEquals(walk.phase, "stage 3");
});

Deno.test("ALRM is passed on to stage 2", () => {
  assertEquals(Walk.inStage2().request("ALRM"), ["ALRM to stage 2"]);
  assertEquals(Walk.inCtrlaltdel().request("ALRM"), ["ALRM to stage 2"]);
});

Deno.test("signals in other stages are complained of, and that is all", () => {
  const first = new Walk();
  first.on({ type: "begin" });
  const last = Walk.inStage2();
  last.ended("2");
  for (const request of ["CONT", "INT", "PWR", "ALRM"] as const) {
    for (const walk of [first, last]) {
      const { phase } = walk;
      assertEquals(walk.request(request, { ...STOP, ctrlaltdel: true }), [OUT_OF_PLACE]);
      assertEquals(walk.phase, phase);
    }
  }
});

Deno.test("INT means nothing where there is no program for it", () => {
  assertEquals(Walk.inStage2().request("INT"), []);
  assertEquals(Walk.inStage2().request("INT", STOP), []);
});

Deno.test("INT runs a program, and its end is a CONT", () => {
  for (const code of [0, 1, 100, 111]) {
    const walk = Walk.inStage2();
    assertEquals(walk.request("INT", PROGRAM), CTRLALTDEL);
    assertEquals(walk.ended("ctrlaltdel", code), ["say: leave stage: /etc/runit/ctrlaltdel"]);
    assertEquals(walk.phase, "stage 2");
    walk.request("INT", PROGRAM);
    assertEquals(walk.ended("ctrlaltdel", code, STOP), [
      "say: leave stage: /etc/runit/ctrlaltdel",
      ...STOP_2,
    ]);
  }
});

Deno.test("the program for INT that dies by signal is complained of", () => {
  assertEquals(Walk.inCtrlaltdel().ended("ctrlaltdel", -1), [
    "warning: child crashed: /etc/runit/ctrlaltdel",
    "say: leave stage: /etc/runit/ctrlaltdel",
  ]);
});

Deno.test("what is asked for while the ctrl-alt-del program runs is done when it has ended", () => {
  const power = Walk.inCtrlaltdel();
  assertEquals(power.request("PWR"), []);
  assertEquals(power.ended("ctrlaltdel").slice(1), STOP_2);

  const again = Walk.inCtrlaltdel();
  assertEquals(again.request("INT", PROGRAM), []);
  assertEquals(again.ended("ctrlaltdel", 0, PROGRAM).slice(1), CTRLALTDEL);
  assertEquals(again.ended("ctrlaltdel", 0, PROGRAM).slice(1), []);
});

Deno.test("stage 2 that ends while the ctrl-alt-del program runs is left after it", () => {
  const walk = Walk.inCtrlaltdel();
  assertEquals(walk.ended("2", 1), []);
  assertEquals(walk.ended("ctrlaltdel", 0, STOP), [
    "say: leave stage: /etc/runit/ctrlaltdel",
    "warning: child failed: /etc/runit/2",
    ...END_OF_2,
  ]);
});

Deno.test("stage 2 that asks for a restart while the ctrl-alt-del program runs gets it after it", () => {
  const walk = Walk.inCtrlaltdel();
  walk.ended("2", 111);
  assertEquals(walk.ended("ctrlaltdel").at(-1), "wait 5000");
  assertEquals(walk.time(), ["warning: restarting.", "start 2"]);
});

Deno.test("signals while stage 2 ends are complained of once, in stage 3", () => {
  const walk = Walk.stopping();
  assertEquals(walk.request("CONT", STOP), []);
  assertEquals(walk.request("INT", PROGRAM), []);
  assertEquals(walk.ended("2"), ["stop waiting", ...END_OF_2, OUT_OF_PLACE]);
  assertEquals(walk.ended("3").includes(OUT_OF_PLACE), false);
});

Deno.test("a shutdown in the pause before a restart is not kept waiting", () => {
  for (const request of ["CONT", "PWR"] as const) {
    const walk = Walk.inStage2();
    walk.ended("2", 111);
    assertEquals(walk.request("ALRM"), []);
    assertEquals(walk.request("CONT"), []);
    assertEquals(walk.request(request, STOP), ["take back stop", "stop waiting", ...END_OF_2]);
  }
});

Deno.test("INT in the pause before a restart is served after it", () => {
  const walk = Walk.inStage2();
  walk.ended("2", 111);
  assertEquals(walk.request("INT", PROGRAM), []);
  assertEquals(walk.time(PROGRAM), ["warning: restarting.", "start 2", ...CTRLALTDEL]);
});

Deno.test("once the system is on its way down, nothing matters any more", () => {
  const walk = Walk.inStage2();
  walk.ended("2");
  walk.ended("3");
  for (const request of ["CONT", "INT", "PWR", "ALRM"] as const) {
    assertEquals(walk.request(request, { ...STOP, ctrlaltdel: true }), []);
  }
  assertEquals(walk.ended("2"), []);
  assertEquals(walk.time(), []);
});

Deno.test("from every state, stage 2's end or the patience with it leads on to the end", () => {
  const events: readonly Event[] = [
    { type: "ended", program: "/etc/runit/1", exit: { code: 0 } },
    ...[0, 1, 100, 111, -1].map((code): Event => ({
      type: "ended",
      program: "/etc/runit/2",
      exit: { code },
    })),
    { type: "ended", program: "/etc/runit/ctrlaltdel", exit: { code: 0 } },
    ...(["CONT", "INT", "PWR", "ALRM"] as const).map((request): Event => ({
      type: "request",
      request,
    })),
    { type: "time" },
  ];
  const seen = new Map<string, State>();
  const key = ({ phase, pending }: State): string =>
    JSON.stringify([phase, [...pending].toSorted()]);
  const todo: State[] = [INITIAL];
  const all: Files[] = [NONE, STOP, PROGRAM, { ...STOP, ctrlaltdel: true }];
  for (let state = todo.pop(); state !== undefined; state = todo.pop()) {
    if (seen.has(key(state))) continue;
    seen.set(key(state), state);
    for (const event of events) for (const files of all) todo.push(step(state, event, files).state);
  }
  for (let state of seen.values()) {
    const from = key(state);
    for (let i = 0; i < 6 && state.phase.name !== "over"; i++) {
      for (const program of ["1", "ctrlaltdel", "2", "3"] as const) {
        const exit = { code: 0 };
        state = step(state, { type: "ended", program: `/etc/runit/${program}`, exit }, NONE).state;
      }
      state = step(state, { type: "time" }, NONE).state;
    }
    assertEquals(state.phase.name, "over", from);
  }
});
