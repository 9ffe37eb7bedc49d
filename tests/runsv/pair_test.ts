/** A service and its logger: in which order they start and end, and what becomes of what is left in their pipe. */

import { assertEquals } from "@std/assert";
import {
  newPair,
  type Pair,
  type PairAction,
  type PairEvent,
  stepPair,
  type UnitName,
} from "../../src/runsv/pair.ts";

/** What a {@linkcode PairWalk} starts from. */
interface PairWalkOptions {
  /** @default {"up"} */
  readonly want?: "up" | "down";
  /** @default {"up"} */
  readonly log?: "up" | "down" | "none";
  /** Whether the service has a `./finish`. @default {false} */
  readonly finish?: boolean;
}

/** Drives a pair; scripts end at once without effect, and starts succeed unless told otherwise. */
class PairWalk {
  pair: Pair;
  /** Whether there are bytes in the log pipe. */
  unread = false;
  /** What comes of starts. */
  starts: "started" | "notExecuted" | "notForked" | "unanswered" = "started";
  now = 0;
  readonly #finish: boolean;
  #asked: string[] = [];
  #pid = 100;

  constructor({ want = "up", log = "up", finish = false }: PairWalkOptions = {}) {
    this.#finish = finish;
    const since = { seconds: 0, nanoseconds: 0 };
    this.pair = newPair({ want, since, ...(log !== "none" && { logWant: log }) });
  }

  /** One event, and what its actions bring about. Returns what was asked for, but for saves and scripts. */
  step(event: PairEvent): string {
    this.#take(event);
    const asked = this.#asked.join(", ");
    this.#asked = [];
    return asked;
  }

  begin(): string {
    return this.step({ type: "begin" });
  }

  control(unit: UnitName, character: string): string {
    return this.step({ type: "unit", unit, event: { type: "control", character } });
  }

  /** The process ends, two seconds after what was before. */
  end(unit: UnitName, milliseconds = 2000): string {
    this.now += milliseconds;
    const exit = { code: 0, signal: 0 };
    const finish = unit === "service" && this.#finish;
    return this.step({ type: "unit", unit, event: { type: "ended", exit, finish } });
  }

  due(unit: UnitName): string {
    return this.step({ type: "unit", unit, event: { type: "due" } });
  }

  #take(event: PairEvent): void {
    const wall = { seconds: 0, nanoseconds: 0 };
    const { pair, actions } = stepPair(this.pair, event, { wall, monotonic: this.now });
    this.pair = pair;
    for (const action of actions) this.#perform(action);
  }

  #perform(action: PairAction): void {
    if (action.type !== "unit") {
      this.#asked.push(action.type);
      if (action.type === "checkLogPipe") {
        this.#take({ type: "logPipeChecked", unread: this.unread });
      }
      return;
    }
    const { unit, action: what } = action;
    if (what.type === "save") return;
    if (what.type === "script") {
      this.#take({ type: "unit", unit, event: { type: "scriptEnded", replaced: false } });
      return;
    }
    if (what.type === "start") {
      this.#asked.push(`start ${unit} ${what.program}`);
      if (this.starts === "unanswered") return;
      const event = this.starts === "started"
        ? { type: "started", pid: this.#pid++ } as const
        : this.starts === "notForked"
        ? { type: "notForked" } as const
        : { type: "notExecuted", finish: this.#finish } as const;
      this.#take({ type: "unit", unit, event });
      return;
    }
    this.#asked.push(
      what.type === "signal" ? `${what.signal} ${unit}` : `timer ${unit} ${what.milliseconds}`,
    );
  }
}

/** A pair that has begun. */
function begun(options: PairWalkOptions = {}): PairWalk {
  const walk = new PairWalk(options);
  walk.begin();
  return walk;
}

Deno.test("the logger is started before the service", () => {
  assertEquals(new PairWalk().begin(), "start log run, start service run");
});

Deno.test("each of the two may be normally down", () => {
  assertEquals(new PairWalk({ log: "down" }).begin(), "start service run");
  assertEquals(new PairWalk({ want: "down" }).begin(), "start log run");
});

Deno.test("a logger that is being started once is waited for, wanted or not", () => {
  const walk = begun({ want: "down", log: "down" });
  walk.starts = "unanswered";
  assertEquals(walk.control("log", "o"), "start log run");
  assertEquals(walk.control("service", "x"), "");
  const started = { type: "started", pid: 7 } as const;
  assertEquals(walk.step({ type: "unit", unit: "log", event: started }), "closeLogPipe");
  assertEquals(walk.end("log"), "checkLogPipe, exit");
});

Deno.test("without a logger, the end of the service is the end", () => {
  const walk = begun({ log: "none" });
  assertEquals(walk.control("service", "x"), "TERM service, CONT service");
  assertEquals(walk.end("service"), "exit");
});

Deno.test("with a logger, the pipe is closed after the service, and the end is that of the logger", () => {
  const walk = begun();
  assertEquals(walk.control("service", "x"), "TERM service, CONT service");
  assertEquals(walk.end("service"), "closeLogPipe");
  assertEquals(walk.end("log"), "checkLogPipe, exit");
});

Deno.test("terminate is the same as x", () => {
  const walk = begun();
  assertEquals(walk.step({ type: "terminate" }), "TERM service, CONT service");
  assertEquals(walk.end("service"), "closeLogPipe");
  assertEquals(walk.end("log"), "checkLogPipe, exit");
});

Deno.test("finish writes to the log as well", () => {
  const walk = begun({ finish: true });
  walk.control("service", "x");
  assertEquals(walk.end("service"), "start service finish");
  assertEquals(walk.end("service"), "closeLogPipe");
});

Deno.test("x on a service that is down ends at once, after its logger", () => {
  assertEquals(begun({ want: "down", log: "none" }).control("service", "x"), "exit");
  assertEquals(begun({ want: "down" }).control("service", "x"), "closeLogPipe");
});

Deno.test("the exit does not wait for the second of rest", () => {
  const walk = begun({ log: "none" });
  walk.control("service", "x");
  assertEquals(walk.end("service", 10), "timer service 1000, exit");
});

Deno.test("a logger that is down, as it was told to be, is not started to see the end", () => {
  const walk = begun({ log: "down" });
  walk.unread = true;
  walk.control("service", "x");
  assertEquals(walk.end("service"), "exit");
});

Deno.test("x on the logger does nothing", () => {
  const walk = begun();
  assertEquals(walk.control("log", "x"), "");
});

Deno.test("a logger that ends while the service runs is started again, with the same pipe", () => {
  const walk = begun();
  assertEquals(walk.end("log"), "start log run");
  assertEquals(walk.end("log", 10), "timer log 1000");
  assertEquals(walk.due("log"), "start log run");
});

Deno.test("a logger that is killed while it empties the pipe gets what is left", () => {
  const walk = begun();
  walk.control("service", "x");
  walk.end("service");
  walk.unread = true;
  assertEquals(walk.end("log"), "checkLogPipe, start log run");
  walk.unread = false;
  assertEquals(walk.end("log"), "checkLogPipe, exit");
});

Deno.test("a logger that dies of each piece is started for the next, but not more than once a second", () => {
  const walk = begun();
  walk.control("service", "x");
  walk.end("service");
  walk.unread = true;
  walk.end("log");
  assertEquals(walk.end("log", 10), "timer log 1000, checkLogPipe");
  assertEquals(walk.due("log"), "start log run");
  walk.unread = false;
  assertEquals(walk.end("log", 10), "timer log 1000, checkLogPipe, exit");
});

Deno.test("a logger that is at rest when the service ends gets what is left in the pipe", () => {
  const walk = begun();
  walk.end("log", 10);
  walk.unread = true;
  walk.control("service", "x");
  assertEquals(walk.end("service"), "checkLogPipe, closeLogPipe");
  assertEquals(walk.due("log"), "start log run");
  walk.unread = false;
  assertEquals(walk.end("log"), "checkLogPipe, exit");
});

Deno.test("a logger that is at rest when the service ends is not waited for where nothing is left", () => {
  const walk = begun();
  walk.end("log", 10);
  walk.control("service", "x");
  assertEquals(walk.end("service"), "checkLogPipe, exit");
});

Deno.test("a logger that cannot be executed for what is left is given up", () => {
  const walk = begun();
  walk.control("service", "x");
  walk.end("service");
  walk.unread = true;
  walk.starts = "notExecuted";
  assertEquals(walk.end("log"), "checkLogPipe, start log run, timer log 1000, exit");
});

Deno.test("a logger for which no process can be had is tried again, until x gives it up", () => {
  const walk = begun();
  walk.control("service", "x");
  walk.end("service");
  walk.unread = true;
  walk.starts = "notForked";
  assertEquals(walk.end("log"), "checkLogPipe, start log run, timer log 5000");
  assertEquals(walk.due("log"), "start log run, timer log 5000");
  assertEquals(walk.control("service", "x"), "exit");
});

Deno.test("a logger that empties the pipe cannot be stopped from it by u, d or o, only by a signal", () => {
  const walk = begun();
  walk.control("service", "x");
  walk.end("service");
  for (const character of "udo") assertEquals(walk.control("log", character), "", character);
  assertEquals(walk.control("log", "t"), "TERM log, CONT log");
  assertEquals(walk.end("log"), "checkLogPipe, exit");
});

Deno.test("x, u and TERM do not hurry a logger that still runs", () => {
  const walk = begun();
  walk.control("service", "x");
  walk.end("service");
  assertEquals(walk.control("service", "x"), "");
  assertEquals(walk.control("service", "u"), "");
  assertEquals(walk.step({ type: "terminate" }), "");
  assertEquals(walk.end("log"), "checkLogPipe, exit");
});

Deno.test("u before the service has ended takes x back", () => {
  const walk = begun();
  walk.control("service", "x");
  walk.control("service", "u");
  assertEquals(walk.end("service"), "start service run");
  assertEquals(walk.pair.logPipeClosed, false);
});

Deno.test("what has been asked to look at the pipe is not asked twice", () => {
  const walk = begun();
  walk.control("service", "x");
  walk.end("service");
  const wall = { seconds: 0, nanoseconds: 0 };
  const at = { wall, monotonic: 10_000 };
  const exit = { code: 0, signal: 0 };
  const event = { type: "ended", exit, finish: false } as const;
  const asked = stepPair(walk.pair, { type: "unit", unit: "log", event }, at);
  assertEquals(asked.pair.checking, true);
  const due = stepPair(asked.pair, { type: "unit", unit: "log", event: { type: "due" } }, at);
  assertEquals(due.actions.filter(({ type }) => type === "checkLogPipe"), []);
});

Deno.test("once it is over, nothing happens any more", () => {
  const walk = begun({ log: "none" });
  walk.control("service", "x");
  walk.end("service");
  for (const character of "uotx") assertEquals(walk.control("service", character), "");
  assertEquals(walk.begin(), "");
  assertEquals(walk.step({ type: "terminate" }), "");
});
