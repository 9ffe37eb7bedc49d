/**
 * Every control character in every state: what is done, and which state that leads to.
 *
 * Where the reference defines it, the same is seen on processes in `tests/interop/runsv_states_test.ts`.
 */

import { assertEquals } from "@std/assert";
import { unitIn, type UnitStateName } from "./unit_states.ts";
import type { UnitWalk, UnitWalkOptions } from "./unit_walk.ts";

/** What is asked for, and the state after it. */
type Outcome = readonly [asked: string, after: string];

/** What a state makes of the characters that are not the same everywhere. */
interface Row {
  /** The state itself, in words. */
  readonly is: string;
  readonly u: Outcome;
  readonly d: Outcome;
  readonly o: Outcome;
  readonly x: Outcome;
  readonly p: Outcome;
  readonly c: Outcome;
  /** `""` where there is nothing to stop. */
  readonly t: Outcome | "";
  /** Whether the characters that are passed on as signals are. */
  readonly signals: boolean;
}

const START = "save, script u, start run, save";
const STOP = "script t, signal TERM, save, signal CONT";
const PAUSE = "script p, signal STOP, save";
const CONTINUE = "script c, signal CONT, save";
const GOING_DOWN = "run, want down, got TERM";
const EXITING = "run, want exit, got TERM";

const STATES: Readonly<Record<UnitStateName, Row>> = {
  "down": {
    is: "down, want down",
    u: [START, "run"],
    d: ["save", "down, want down"],
    o: [START, "run, want down"],
    x: ["save", "down, want exit"],
    p: ["save", "down, want down, paused"],
    c: ["save", "down, want down"],
    t: "",
    signals: false,
  },
  "held": {
    is: "down, held",
    u: ["save", "down, held"],
    d: ["save", "down, want down, held"],
    o: ["save", "down, want down, once, held"],
    x: ["save", "down, want exit, held"],
    p: ["save", "down, paused, held"],
    c: ["save", "down, held"],
    t: "",
    signals: false,
  },
  "held after fork failed": {
    is: "down, held",
    u: ["save", "down, held"],
    d: ["save", "down, want down, held"],
    o: ["save", "down, want down, once, held"],
    x: ["save", "down, want exit, held"],
    p: ["save", "down, paused, held"],
    c: ["save", "down, held"],
    t: "",
    signals: false,
  },
  "running": {
    is: "run",
    u: ["save", "run"],
    d: [`save, ${STOP}, script d`, GOING_DOWN],
    o: ["save", "run, want down"],
    x: [`save, ${STOP}, script x`, EXITING],
    p: [PAUSE, "run, paused"],
    c: [CONTINUE, "run"],
    t: ["script t, signal TERM, save", "run, got TERM"],
    signals: true,
  },
  "running once": {
    is: "run, want down",
    u: ["save", "run"],
    d: [`save, ${STOP}, script d`, GOING_DOWN],
    o: ["save", "run, want down"],
    x: [`save, ${STOP}, script x`, EXITING],
    p: [PAUSE, "run, want down, paused"],
    c: [CONTINUE, "run, want down"],
    // It is not to come back, so it is told as by d.
    t: [`${STOP}, script d`, GOING_DOWN],
    signals: true,
  },
  "paused": {
    is: "run, paused",
    u: ["save", "run, paused"],
    d: [`save, ${STOP}, script d`, "run, want down, paused, got TERM"],
    o: ["save", "run, want down, paused"],
    x: [`save, ${STOP}, script x`, "run, want exit, paused, got TERM"],
    p: [PAUSE, "run, paused"],
    c: [CONTINUE, "run"],
    t: ["script t, signal TERM, save", "run, paused, got TERM"],
    signals: true,
  },
  "told to restart": {
    is: "run, got TERM",
    u: ["save", "run, got TERM"],
    d: [`save, ${STOP}, script d`, GOING_DOWN],
    o: ["save", GOING_DOWN],
    x: [`save, ${STOP}, script x`, EXITING],
    p: [PAUSE, "run, paused, got TERM"],
    c: [CONTINUE, "run, got TERM"],
    t: ["script t, signal TERM, save", "run, got TERM"],
    signals: true,
  },
  "going down": {
    is: GOING_DOWN,
    u: ["save", "run, got TERM"],
    d: [`save, ${STOP}, script d`, GOING_DOWN],
    o: ["save", GOING_DOWN],
    x: [`save, ${STOP}, script x`, EXITING],
    p: [PAUSE, "run, want down, paused, got TERM"],
    c: [CONTINUE, GOING_DOWN],
    t: [`${STOP}, script d`, GOING_DOWN],
    signals: true,
  },
  "exiting": {
    is: EXITING,
    u: ["save", "run, got TERM"],
    d: [`save, ${STOP}, script d`, GOING_DOWN],
    o: ["save", GOING_DOWN],
    x: [`save, ${STOP}, script x`, EXITING],
    p: [PAUSE, "run, want exit, paused, got TERM"],
    c: [CONTINUE, EXITING],
    t: [`${STOP}, script x`, EXITING],
    signals: true,
  },
  "finishing": {
    is: "finish",
    u: ["save", "finish"],
    d: ["save", "finish, want down"],
    o: ["save", "finish, want down"],
    x: ["save", "finish, want exit"],
    p: ["save", "finish, paused"],
    c: ["save", "finish"],
    t: "",
    signals: false,
  },
  "finishing for good": {
    is: "finish, want down",
    u: ["save", "finish"],
    d: ["save", "finish, want down"],
    o: ["save", "finish, want down"],
    x: ["save", "finish, want exit"],
    p: ["save", "finish, want down, paused"],
    c: ["save", "finish, want down"],
    t: "",
    signals: false,
  },
  "finishing before exit": {
    is: "finish, want exit",
    u: ["save", "finish"],
    d: ["save", "finish, want down"],
    o: ["save", "finish, want down"],
    x: ["save", "finish, want exit"],
    p: ["save", "finish, want exit, paused"],
    c: ["save", "finish, want exit"],
    t: "",
    signals: false,
  },
};

const SIGNALS: Readonly<Record<string, string>> = {
  h: "HUP",
  a: "ALRM",
  i: "INT",
  q: "QUIT",
  k: "KILL",
  1: "USR1",
  2: "USR2",
};

/** What may come through the FIFO and means nothing. */
const UNKNOWN = ["z", "U", "\n", "\0", "3", "\xff"];

/** The whole row: each character, and what comes of it. */
function outcomes({ is, signals, t, ...row }: Row): Record<string, Outcome> {
  const all: Record<string, Outcome> = { ...row, t: t === "" ? ["", is] : t };
  for (const [character, signal] of Object.entries(SIGNALS)) {
    all[character] = [signals ? `script ${character}, signal ${signal}` : "", is];
  }
  for (const character of UNKNOWN) all[character] = ["", is];
  return all;
}

/** The same row, with something changed in each outcome. */
function changed(
  row: Record<string, Outcome>,
  change: (asked: string, after: string, character: string) => Outcome,
): Record<string, Outcome> {
  return Object.fromEntries(
    Object.entries(row).map(([character, [asked, after]]) => [
      character,
      change(asked, after, character),
    ]),
  );
}

/** What units in this state do make of these characters. */
function made(
  name: UnitStateName,
  characters: readonly string[],
  options: UnitWalkOptions,
): Record<string, Outcome> {
  return Object.fromEntries(characters.map((character) => {
    const walk = unitIn(name, options);
    return [character, [walk.control(character), walk.state]];
  }));
}

const rows = Object.entries(STATES) as [UnitStateName, Row][];

for (const [name, row] of rows) {
  const expected = outcomes(row);
  const characters = Object.keys(expected);

  Deno.test(`a service that is ${name} obeys each control character`, () => {
    assertEquals(unitIn(name).state, row.is);
    assertEquals(made(name, characters, {}), expected);
  });

  Deno.test(`a service that is ${name} gets no signal that a control script replaces`, () => {
    const replaced = changed(expected, (asked, after, character) => {
      // d and x send CONT whatever the scripts say; that of c is what control/c is there for.
      const kept = asked.split(", ").filter((word) =>
        !word.startsWith("signal") || (word === "signal CONT" && character !== "c")
      ).join(", ").replace(/script t, save/, "script t");
      const untold = asked.includes("TERM") && !row.is.includes("got TERM");
      return [kept, untold ? after.replace(", got TERM", "") : after];
    });
    assertEquals(made(name, characters, { scripts: "replace" }), replaced);
  });
}

// A logger has no finish, and ends when its service has.
const logRows = rows.filter(([name]) => name !== "exiting" && !name.startsWith("finishing"));

for (const [name, row] of logRows) {
  Deno.test(`a logger that is ${name} obeys each control character but x, and runs no script`, () => {
    const expected = changed(outcomes(row), (asked, after, character) => {
      if (character === "x") return ["", row.is];
      return [asked.split(", ").filter((word) => !word.startsWith("script")).join(", "), after];
    });
    assertEquals(made(name, Object.keys(expected), { kind: "log" }), expected);
  });
}

/** States in which a character has to wait: for a control script, or for word of a start. */
const WAITING: Readonly<Record<string, () => UnitWalk>> = {
  "whose control script runs": () => {
    const walk = unitIn("running", { scripts: "never" });
    walk.control("h");
    return walk;
  },
  "whose control/u runs": () => {
    const walk = unitIn("down", { scripts: "never" });
    walk.control("u");
    return walk;
  },
  "that is being started": () => {
    const walk = unitIn("down", { starts: "never" });
    walk.control("u");
    return walk;
  },
};

for (const [what, come] of Object.entries(WAITING)) {
  Deno.test(`a service ${what} keeps each control character for later`, () => {
    for (const character of Object.keys(outcomes(STATES.running))) {
      const walk = come();
      const before = walk.state;
      assertEquals([walk.control(character), walk.state], ["", before], character);
    }
  });
}
