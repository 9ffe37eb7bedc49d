/** Starts, ends, and what lies between them: `finish`, the second of rest, what comes while something is under way. */

import { assertEquals } from "@std/assert";
import { encodeStatus } from "../../src/service/status.ts";
import { unitIn } from "./unit_states.ts";
import { UnitWalk } from "./unit_walk.ts";

const KILLED = { code: -1, signal: 9 };

Deno.test("a service that is normally up is started at the beginning, after control/u", () => {
  const walk = new UnitWalk();
  assertEquals(walk.begin(), "script u, start run, save");
  assertEquals(walk.state, "run");
});

Deno.test("a service that is normally down is not started at the beginning", () => {
  const walk = new UnitWalk({ want: "down" });
  assertEquals(walk.begin(), "");
  assertEquals(walk.state, "down, want down");
});

Deno.test("control/u cannot keep a service from starting", () => {
  for (const scripts of ["none", "replace"] as const) {
    assertEquals(new UnitWalk({ scripts }).begin(), "script u, start run, save");
  }
});

Deno.test("a service that has run for a second is started again at once, after control/u", () => {
  const walk = unitIn("running");
  walk.pass(1000);
  assertEquals(walk.end(), "save, script u, start run, save");
  assertEquals(walk.state, "run");
});

Deno.test("a service that has run for less rests for a second", () => {
  const walk = unitIn("running");
  walk.pass(999);
  assertEquals(walk.end(KILLED), "timer 1000, save");
  assertEquals(walk.state, "down, held");
  walk.pass(1000);
  assertEquals(walk.begin(), "script u, start run, save");
});

Deno.test("a service that was told to go down meanwhile is not started after its rest", () => {
  const walk = unitIn("held");
  walk.control("d");
  assertEquals(walk.begin(), "");
  assertEquals(walk.state, "down, want down");
});

Deno.test("a service that goes down quickly rests as well, and u waits for the end of that", () => {
  const walk = unitIn("going down");
  assertEquals(walk.end(KILLED), "timer 1000, save");
  assertEquals(walk.control("u"), "save");
  assertEquals(walk.begin(), "script u, start run, save");
});

Deno.test("o during the rest starts the service once after it", () => {
  const walk = unitIn("held");
  walk.control("o");
  assertEquals(walk.begin(), "script u, start run, save");
  walk.pass(2000);
  assertEquals(walk.end(), "save");
  assertEquals(walk.state, "down, want down");
});

Deno.test("d after o takes it back", () => {
  const walk = unitIn("held");
  walk.control("o");
  walk.control("d");
  assertEquals(walk.begin(), "");
});

Deno.test("o on a running service lets it run to its end, and that is that", () => {
  const walk = unitIn("running");
  walk.control("o");
  walk.pass(2000);
  assertEquals(walk.end(), "save");
  assertEquals(walk.state, "down, want down");
});

Deno.test("neither clock that is set makes the rest longer or shorter", () => {
  for (const jump of [-86_400, -1, 1, 86_400]) {
    const short = unitIn("running");
    short.pass(500);
    short.wall += jump;
    assertEquals(short.end(), "timer 1000, save", `${jump} s`);
    assertEquals(short.state, "down, held");

    const long = unitIn("running");
    long.pass(1500);
    long.wall += jump;
    assertEquals(long.end(), "save, script u, start run, save", `${jump} s`);
  }
});

Deno.test("the record's time is that of the wall clock at the last change into run or down", () => {
  const walk = new UnitWalk({ finish: true });
  walk.wall = 2000;
  walk.begin();
  assertEquals(walk.unit.since.seconds, 2000, "run");
  walk.wall = 1500;
  walk.control("t");
  assertEquals(walk.unit.since.seconds, 2000, "a signal changes nothing");
  walk.pass(5000);
  walk.end(KILLED);
  assertEquals([walk.unit.state, walk.unit.since.seconds], ["finish", 2000], "nor does finish");
  walk.wall = 1000;
  walk.control("d");
  walk.end();
  assertEquals([walk.unit.state, walk.unit.since.seconds], ["down", 1000], "down");
});

Deno.test("finish is told how run ended", () => {
  const exits = [{ code: 0, signal: 0 }, { code: 3, signal: 0 }, KILLED, { code: -1, signal: 139 }];
  for (const exit of exits) {
    const walk = new UnitWalk({ finish: true });
    walk.begin();
    walk.pass(2000);
    assertEquals(walk.end(exit), `save, start finish ${exit.code} ${exit.signal}, save`);
    assertEquals(walk.state, "finish");
  }
});

Deno.test("finish is told of exit code 111 where run could not be executed", () => {
  const walk = new UnitWalk({ finish: true, starts: "never" });
  walk.begin();
  assertEquals(walk.notExecuted(), "save, start finish 111 0");
});

Deno.test("without finish, a run that cannot be executed is tried again each second", () => {
  const walk = new UnitWalk({ starts: "never" });
  assertEquals(walk.begin(), "script u, start run");
  for (let i = 0; i < 3; i++) {
    assertEquals(walk.notExecuted(), "timer 1000, save");
    assertEquals(walk.state, "down, held");
    walk.pass(1000);
    assertEquals(walk.begin(), "script u, start run");
  }
});

Deno.test("a finish that cannot be executed counts as ended", () => {
  const walk = new UnitWalk({ finish: true });
  walk.begin();
  walk.starts = "never";
  walk.pass(5000);
  assertEquals(walk.end(), "save, start finish 0 0");
  assertEquals(walk.notExecuted(), "save, script u, start run");
});

Deno.test("the rest comes after finish, never before, and counts from the start of run", () => {
  const walk = new UnitWalk({ finish: true });
  walk.begin();
  walk.pass(100);
  assertEquals(walk.end(), "save, start finish 0 0, save");
  walk.pass(100);
  assertEquals(walk.end(), "timer 1000, save");

  const slow = new UnitWalk({ finish: true });
  slow.begin();
  slow.pass(100);
  slow.end();
  slow.pass(900);
  assertEquals(slow.end(), "save, script u, start run, save");
});

Deno.test("finish runs before down, and before exit", () => {
  for (const character of ["d", "x"]) {
    const walk = new UnitWalk({ finish: true });
    walk.begin();
    walk.control(character);
    walk.pass(2000);
    assertEquals(walk.end(KILLED), "save, start finish -1 9, save");
    assertEquals(walk.end(), "save");
    assertEquals(walk.state, character === "d" ? "down, want down" : "down, want exit");
  }
});

Deno.test("a logger has no finish and no control/u", () => {
  const walk = new UnitWalk({ kind: "log", finish: true });
  assertEquals(walk.begin(), "start run, save");
  walk.pass(2000);
  assertEquals(walk.end(), "save, start run, save");
});

Deno.test("a new process is neither paused nor has it got TERM", () => {
  const walk = unitIn("paused");
  walk.control("t");
  assertEquals(walk.state, "run, paused, got TERM");
  walk.pass(2000);
  walk.end(KILLED);
  assertEquals(walk.state, "run");
});

Deno.test("paused outlives the process where none follows", () => {
  const walk = unitIn("paused");
  walk.control("d");
  walk.pass(2000);
  walk.end(KILLED);
  assertEquals(walk.state, "down, want down, paused");
});

Deno.test("where no process can be made, run is tried again after five seconds", () => {
  const walk = new UnitWalk({ starts: "never" });
  walk.begin();
  assertEquals(walk.notForked(), "timer 5000");
  assertEquals(walk.state, "down, held");
  // control/u has said what it had to say of this start.
  assertEquals(walk.begin(), "start run");
  assertEquals(walk.started(), "save");
});

Deno.test("where no process can be made for finish, it is tried again too", () => {
  const walk = new UnitWalk({ finish: true });
  walk.begin();
  walk.starts = "never";
  walk.control("d");
  walk.pass(2000);
  walk.end(KILLED);
  assertEquals(walk.notForked(), "timer 5000");
  assertEquals(walk.begin(), "start finish -1 9");
  assertEquals(walk.started(), "save");
  assertEquals(walk.state, "finish, want down");
});

Deno.test("a service that waits for a process to be had can be told to go down", () => {
  const walk = unitIn("held after fork failed");
  assertEquals(walk.control("d"), "save");
  assertEquals(walk.begin(), "");
});

Deno.test("what comes while a control script runs is dealt with after it, in order", () => {
  const walk = unitIn("running", { scripts: "never" });
  assertEquals(walk.control("h"), "script h");
  for (const character of "1z2") assertEquals(walk.control(character), "");
  assertEquals(walk.endScript(false), "signal HUP, script 1");
  assertEquals(walk.endScript(true), "script 2");
  assertEquals(walk.endScript(false), "signal USR2");
  assertEquals(walk.state, "run");
});

Deno.test("the steps of d wait for each other, and what comes meanwhile waits for them all", () => {
  const walk = unitIn("running", { scripts: "never" });
  assertEquals(walk.control("d"), "save, script t");
  assertEquals(walk.control("u"), "");
  assertEquals(walk.endScript(false), "signal TERM, save, signal CONT, script d");
  assertEquals(walk.endScript(false), "save");
  assertEquals(walk.state, "run, got TERM");
});

Deno.test("no signal goes to a process that has ended while its control script ran", () => {
  const walk = unitIn("running", { scripts: "never" });
  walk.pass(2000);
  walk.control("k");
  assertEquals(walk.end(KILLED), "");
  assertEquals(walk.endScript(false), "save, script u");
  assertEquals(walk.endScript(true), "start run, save");
});

Deno.test("nor does one of the steps of d that are left", () => {
  const walk = unitIn("running", { scripts: "never" });
  walk.pass(2000);
  walk.control("d");
  walk.end(KILLED);
  assertEquals(walk.endScript(false), "save, script d");
  assertEquals(walk.endScript(false), "save");
  assertEquals(walk.state, "down, want down");
});

Deno.test("what comes while control/u runs decides whether run is started after it", () => {
  const walk = unitIn("down", { scripts: "never" });
  assertEquals(walk.control("u"), "save, script u");
  walk.control("d");
  assertEquals(walk.endScript(false), "start run, save, save, script t");
});

Deno.test("what comes while run is being started finds it running", () => {
  const walk = unitIn("down", { starts: "never" });
  assertEquals(walk.control("u"), "save, script u, start run");
  assertEquals(walk.control("h"), "");
  assertEquals(walk.started(), "save, script h, signal HUP");
});

// The two slips of the reference's: it calls a service down as soon as k comes.

Deno.test("a service that control/k spares is not started a second time by u", () => {
  const walk = unitIn("running", { scripts: "replace" });
  assertEquals(walk.control("k"), "script k");
  assertEquals(walk.control("u"), "save");
  assertEquals(walk.state, "run");
});

Deno.test("finish is not run once more by k while it runs", () => {
  const walk = unitIn("finishing for good");
  assertEquals(walk.control("k"), "");
  assertEquals(walk.end(), "save");
  assertEquals(walk.state, "down, want down");
});

Deno.test("a control script's word that nobody waits for changes nothing", () => {
  const walk = unitIn("running");
  assertEquals(walk.endScript(true), "");
  assertEquals(walk.state, "run");
});

Deno.test("ten thousand characters are taken in order", () => {
  const walk = unitIn("running", { scripts: "never" });
  walk.control("h");
  for (let i = 0; i < 5000; i++) {
    walk.control("u");
    walk.control("o");
  }
  walk.scripts = "none";
  walk.endScript(true);
  assertEquals(walk.state, "run, want down");
});

Deno.test("an event leaves the unit before it as it was", () => {
  const walk = unitIn("running", { scripts: "never" });
  const before = walk.unit;
  const copy = structuredClone(before);
  for (const character of "udothx") walk.control(character);
  walk.end(KILLED);
  assertEquals(before, copy);
});

Deno.test("a unit can be written as a status record in every state it gets to", () => {
  const walk = new UnitWalk({ finish: true });
  const records: string[] = [];
  const note = (): void => {
    const { unit } = walk;
    const want = unit.want === "up" ? "up" : "down";
    records.push([...encodeStatus({ ...unit, want }).subarray(12)].join(" "));
  };
  note();
  walk.begin();
  note();
  walk.control("p");
  note();
  walk.control("x");
  note();
  walk.pass(2000);
  walk.end(KILLED);
  note();
  walk.end();
  note();
  const [u, d] = [117, 100];
  assertEquals(records, [
    `0 0 0 0 0 ${u} 0 0`,
    `100 0 0 0 0 ${u} 0 1`,
    `100 0 0 0 1 ${u} 0 1`,
    `100 0 0 0 1 ${d} 1 1`,
    `101 0 0 0 0 ${d} 0 2`,
    `0 0 0 0 0 ${d} 0 0`,
  ]);
});
