/**
 * Drives a unit through events and writes down, in words, what it does and where it gets to.
 *
 * @module
 */

import { stepUnit } from "../../src/runsv/step_unit.ts";
import {
  type ExitStatus,
  type Instant,
  newUnit,
  type Unit,
  type UnitAction,
  type UnitEvent,
} from "../../src/runsv/unit.ts";

/** What a {@linkcode UnitWalk} starts from, and how its surroundings behave. */
export interface UnitWalkOptions {
  /** @default {"service"} */
  readonly kind?: Unit["kind"];
  /** @default {"up"} */
  readonly want?: "up" | "down";
  /** Whether there is a `./finish`. @default {false} */
  readonly finish?: boolean;
  /**
   * How the control scripts end: `none`, as where there is none or it fails; `replace`, with exit code 0; `never`,
   * so that the test ends them.
   *
   * @default {"none"}
   */
  readonly scripts?: "none" | "replace" | "never";
  /** What comes of a start: a process, or none until the test says so. @default {"started"} */
  readonly starts?: "started" | "never";
}

/** The first process id that a walk gives. */
const FIRST_PID = 100;

/** A unit, a clock, and what has been asked for. */
export class UnitWalk {
  unit: Unit;
  /** Milliseconds of the monotonic clock. */
  now = 0;
  /** Seconds of the wall clock. */
  wall = 1_000_000;
  /** How scripts end from now on. */
  scripts: "none" | "replace" | "never";
  /** What comes of starts from now on. */
  starts: "started" | "never";
  readonly #finish: boolean;
  #asked: string[] = [];
  #pid = FIRST_PID;

  constructor(options: UnitWalkOptions = {}) {
    const { kind = "service", want = "up", finish = false } = options;
    this.#finish = finish;
    this.scripts = options.scripts ?? "none";
    this.starts = options.starts ?? "started";
    this.unit = newUnit(kind, want, this.#instant().wall);
  }

  /** One event, and what its actions bring about at once. Returns what was asked for, such as `"save, signal TERM"`. */
  step(event: UnitEvent): string {
    this.#take(event);
    const asked = this.#asked.join(", ");
    this.#asked = [];
    return asked;
  }

  /** The supervisor has everything in place. */
  begin(): string {
    return this.step({ type: "due" });
  }

  /** A control character comes. */
  control(character: string): string {
    return this.step({ type: "control", character });
  }

  /** The process ends, by default with exit code 0. */
  end(exit: Partial<ExitStatus> = {}): string {
    return this.step({
      type: "ended",
      exit: { code: 0, signal: 0, ...exit },
      finish: this.#finish,
    });
  }

  /** The control script under way ends. */
  endScript(replaced: boolean): string {
    return this.step({ type: "scriptEnded", replaced });
  }

  /** A start is answered: by a process. */
  started(): string {
    return this.step({ type: "started", pid: this.#pid++ });
  }

  /** A start is answered: the program cannot be executed. */
  notExecuted(): string {
    return this.step({ type: "notExecuted", finish: this.#finish });
  }

  /** A start is answered: the system can make no process. */
  notForked(): string {
    return this.step({ type: "notForked" });
  }

  /** Time passes on both clocks; a timer that comes due is the test's to tell. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.wall += milliseconds / 1000;
  }

  /** Where the unit is, such as `"run, want down, got TERM"`. */
  get state(): string {
    const { unit } = this;
    const words: string[] = [unit.state];
    if (unit.want !== "up") words.push(`want ${unit.want}`);
    if (unit.once) words.push("once");
    if (unit.paused) words.push("paused");
    if (unit.gotTerm) words.push("got TERM");
    if (unit.held) words.push("held");
    if (unit.waiting) words.push("waiting");
    if (unit.pid === 0 && unit.state === "run") words.push("no process");
    return words.join(", ");
  }

  #instant(): Instant {
    return {
      wall: { seconds: Math.floor(this.wall), nanoseconds: 0 },
      monotonic: this.now,
    };
  }

  #take(event: UnitEvent): void {
    const { unit, actions } = stepUnit(this.unit, event, this.#instant());
    this.unit = unit;
    for (const action of actions) {
      this.#asked.push(words(action));
      if (action.type === "script" && this.scripts !== "never") {
        this.#take({ type: "scriptEnded", replaced: this.scripts === "replace" });
      }
      if (action.type === "start" && this.starts === "started") {
        this.#take({ type: "started", pid: this.#pid++ });
      }
    }
  }
}

function words(action: UnitAction): string {
  switch (action.type) {
    case "save":
      return "save";
    case "start": {
      const { code, signal } = action.exit;
      return action.program === "run" ? "start run" : `start finish ${code} ${signal}`;
    }
    case "script":
      return `script ${action.character}`;
    case "signal":
      return `signal ${action.signal}`;
    case "timer":
      return `timer ${action.milliseconds}`;
  }
}
