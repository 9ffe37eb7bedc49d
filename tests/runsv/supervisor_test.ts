/** The shell around the decisions, in a fake system: what is on disk, what is started how, and how all of it ends. */

import { assertEquals, assertThrows } from "@std/assert";
import { SuperviseError } from "../../src/service/supervise.ts";
import { OF_ONE, Supervised } from "./supervised.ts";

const WITH_LOG = { "run": "#!", "log/run": "#!" };

const OF_PIPE = 2;

Deno.test("Supervisor makes the files that runsv makes, with their modes", () => {
  const { os } = new Supervised(WITH_LOG).start();
  for (const prefix of ["", "log/"]) {
    const dir = `/service/${prefix}supervise`;
    assertEquals(os.tree.get(dir).mode, 0o700);
    const modes = os.tree.list(dir).map((name) => [name, os.tree.get(`${dir}/${name}`).mode]);
    assertEquals(Object.fromEntries(modes), {
      control: 0o600,
      lock: 0o600,
      ok: 0o600,
      pid: 0o644,
      stat: 0o644,
      status: 0o644,
    });
  }
});

Deno.test("Supervisor starts the logger, then the service, with a pipe from one to the other", () => {
  const s = new Supervised(WITH_LOG).start();
  assertEquals(s.running, ["log/./run", "./run"]);
  s.os.output(s.process("./run"), "hello\n");
  assertEquals(s.os.input(s.process("./run", "log")), "hello\n");
  assertEquals([s.stat(), s.stat("log/")], ["run", "run"]);
});

Deno.test("Supervisor gives all that it starts the standard error that is asked for", () => {
  const s = new Supervised({ ...WITH_LOG, "finish": "#!", "control/t": "#!" });
  const stderr = s.os.open("/service", { directory: true });
  s.start(stderr);
  const errorOf = (path: string, subdir?: string): number | undefined =>
    s.process(path, subdir).options.descriptors?.[2];
  assertEquals([errorOf("./run"), errorOf("./run", "log")], [stderr, stderr]);
  s.control("t");
  assertEquals(errorOf("control/t"), stderr);
  s.end("control/t", { code: 0 });
  s.end("./run");
  assertEquals(errorOf("./finish"), stderr);
});

Deno.test("Supervisor keeps its own descriptors few, and lets go of all at the end", () => {
  const plain = new Supervised().start();
  assertEquals(plain.os.openCount, plain.own + OF_ONE);
  const s = new Supervised(WITH_LOG).start();
  assertEquals(s.os.openCount, s.own + 2 * OF_ONE + OF_PIPE);
  s.terminate();
  s.end("./run", { signal: 15, code: -1 });
  assertEquals(s.os.input(s.process("./run", "log")), undefined, "the end of the pipe");
  s.end("./run", { subdir: "log" });
  assertEquals([s.exited, s.os.openCount], [true, s.own]);
  // What remains is the handler of Children.
  assertEquals(s.reactor.pending, 1);
});

Deno.test("Supervisor hands on what the pipe holds when the logger is killed", () => {
  const s = new Supervised(WITH_LOG).start();
  s.os.output(s.process("./run"), "one\n");
  s.end("./run", { subdir: "log", code: -1, signal: 9 });
  s.os.output(s.process("./run"), "two\n");
  assertEquals(s.os.input(s.process("./run", "log")), "one\ntwo\n");
});

Deno.test("Supervisor has what is left in the pipe logged before it exits", () => {
  const s = new Supervised(WITH_LOG).start();
  s.os.output(s.process("./run"), "last words\n");
  s.control("x");
  s.end("./run");
  s.end("./run", { subdir: "log", code: -1, signal: 9 });
  assertEquals([s.exited, s.running], [false, ["log/./run"]]);
  const log = s.process("./run", "log");
  assertEquals([s.os.input(log), s.os.input(log)], ["last words\n", undefined]);
  s.end("./run", { subdir: "log" });
  assertEquals([s.exited, s.os.openCount], [true, s.own]);
});

Deno.test("Supervisor follows a service through its states on disk", () => {
  const s = new Supervised({ run: "#!", finish: "#!" }).start();
  const run = s.process("./run");
  assertEquals(s.os.tree.text("/service/supervise/pid"), `${run.pid}\n`);
  s.control("p");
  assertEquals([s.stat(), s.status().paused], ["run, paused", true]);
  s.control("d");
  assertEquals(s.stat(), "run, paused, got TERM, want down");
  assertEquals(run.signals, ["STOP", "TERM", "CONT"]);
  s.end("./run", { code: -1, signal: 15 });
  const finish = s.process("./finish");
  assertEquals(finish.options.argv, ["./finish", "-1", "15"]);
  assertEquals([s.stat(), s.status().pid], ["finish, want down", finish.pid]);
  s.end("./finish");
  assertEquals([s.stat(), s.status().pid], ["down", 0]);
  assertEquals(s.os.tree.text("/service/supervise/pid"), "");
  assertEquals(s.running, []);
});

Deno.test("Supervisor stamps the record with the wall clock, whichever way that jumps", () => {
  const s = new Supervised().start();
  const at = (seconds: number): void => {
    s.os.wall = { seconds, nanoseconds: 123 };
  };
  for (const seconds of [1_800_000_000, 5, 4_000_000_000]) {
    at(seconds);
    s.end("./run");
    assertEquals(s.status().since, { seconds, nanoseconds: 123 });
    assertEquals(s.running, ["./run"], "started at once, as it ran for two seconds");
  }
});

Deno.test("Supervisor answers commands while a service rests", () => {
  const s = new Supervised().start();
  s.end("./run", { after: 10 });
  assertEquals(s.stat(), "down");
  assertEquals(s.reactor.nextTimer, 1000);
  s.control("d");
  assertEquals([s.status().want, s.running], ["down", []]);
  s.control("u");
  s.reactor.advance(999);
  assertEquals(s.running, []);
  s.reactor.advance(1);
  assertEquals(s.running, ["./run"]);
  assertEquals(s.reactor.nextTimer, undefined, "nothing more to wait for");
});

Deno.test("Supervisor runs control scripts beside the service, and minds their exit", () => {
  const s = new Supervised({ "run": "#!", "control/h": "#!", "control/1": "#!" }).start();
  const run = s.process("./run");
  s.control("h1");
  assertEquals(s.running, ["./run", "control/h"]);
  assertEquals(s.process("control/h").options.argv, ["control/h"]);
  s.end("control/h", { code: 0 });
  assertEquals([s.running, run.signals], [["./run", "control/1"], []]);
  s.end("control/1", { code: 1 });
  assertEquals([s.running, run.signals], [["./run"], ["USR1"]]);
});

Deno.test("Supervisor counts a control script that a signal ended as one that exited 0", () => {
  const s = new Supervised({ "run": "#!", "control/h": "#!" }).start();
  s.control("h");
  s.end("control/h", { code: -1, signal: 15 });
  assertEquals(s.process("./run").signals, []);
});

Deno.test("Supervisor takes ten thousand control characters in order, and does not start ten thousand times", () => {
  const s = new Supervised().start();
  s.control("1u2o".repeat(2500));
  assertEquals(s.process("./run").signals.length, 5000);
  assertEquals(s.process("./run").signals.slice(0, 4), ["USR1", "USR2", "USR1", "USR2"]);
  assertEquals([s.stat(), s.running], ["run, want down", ["./run"]]);
});

Deno.test("Supervisor fails where another one holds the service, and leaves nothing open", () => {
  const first = new Supervised(WITH_LOG).start();
  const { os } = first;
  const before = os.openCount;
  const error = assertThrows(() => first.start(), SuperviseError) as SuperviseError;
  assertEquals(error.message, "unable to lock supervise/lock");
  assertEquals(os.openCount, before);
  assertEquals(first.said, []);
});

Deno.test("Supervisor makes supervise where its symbolic link points, that of the log from log/", () => {
  const s = new Supervised(WITH_LOG);
  s.os.tree.directory("/var");
  s.os.tree.symlink("/service/supervise", "/var/s");
  s.os.tree.symlink("/service/log/supervise", "elsewhere");
  s.start();
  assertEquals(s.os.tree.get("/var/s").mode, 0o700);
  assertEquals(s.os.tree.get("/service/log/elsewhere").mode, 0o700);
  assertEquals(s.os.tree.list("/service/log/elsewhere").includes("status"), true);
});

Deno.test("Supervisor warns of a log that is no directory, and goes on without", () => {
  const s = new Supervised({ run: "#!", log: "" }).start();
  assertEquals(s.said, ["runsv s: warning: ./log: not a directory."]);
  assertEquals(s.running, ["./run"]);
});

Deno.test("Supervisor leaves what is normally down", () => {
  const s = new Supervised({ ...WITH_LOG, "down": "", "log/down": "" }).start();
  assertEquals(s.running, []);
  assertEquals([s.status().want, s.status("log/").want], ["down", "down"]);
  s.control("u");
  s.control("u", "log/");
  assertEquals(s.running, ["./run", "log/./run"]);
});
