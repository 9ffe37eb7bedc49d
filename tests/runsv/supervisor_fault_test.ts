/** What the shell does where a call fails: supervision goes on, something is said once, and nothing is left open. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Os } from "../../src/os/os.ts";
import { SuperviseError } from "../../src/service/supervise.ts";
import type { FakeOs } from "../support/fake_os.ts";
import { OF_ONE, Supervised } from "./supervised.ts";

const WITH_LOG = { "run": "#!", "log/run": "#!" };

/** Ways in which the state cannot be written down: what fails, and what is said of it. */
const UNWRITABLE: readonly (readonly [keyof Os, string, RegExp, string])[] = [
  ["open", "EMFILE", /\.new$/, "unable to open supervise/pid.new: process cannot open more files"],
  ["open", "EROFS", /\.new$/, "unable to open supervise/pid.new: read-only file system"],
  ["open", "ENOSPC", /\.new$/, "unable to open supervise/pid.new: out of disk space"],
  ["writeAll", "ENOSPC", /\.new$/, "unable to write supervise/pid.new: out of disk space"],
  ["writeAll", "EIO", /\.new$/, "unable to write supervise/pid.new: input/output error"],
  [
    "rename",
    "EROFS",
    /\.new$/,
    "unable to rename pid.new to supervise/pid: read-only file system",
  ],
];

for (const [call, code, path, said] of UNWRITABLE) {
  Deno.test(`where ${call} of the status files fails with ${code}, supervision goes on`, () => {
    const s = new Supervised().start();
    const open = s.os.openCount;
    const mend = s.os.fail({ call, code, path });
    const before = s.status();
    s.end("./run");
    assertEquals(s.running, ["./run"], "it is started again");
    s.control("1");
    assertEquals(s.process("./run").signals, ["USR1"], "it can be told");
    s.end("./run");
    assertEquals(s.status(), before, "nothing is written");
    assertEquals(s.said, [`runsv s: warning: ${said}`], "and that is said once");
    assertEquals(s.os.openCount, open);

    mend();
    s.reactor.advance(60_000);
    assertEquals(s.status().pid, s.process("./run").pid, "what is on disk catches up by itself");
    assertEquals(s.os.tree.text("/service/supervise/pid"), `${s.process("./run").pid}\n`);
    assertEquals(s.reactor.nextTimer, undefined, "and is not tried again");
    assertEquals(s.os.openCount, open);
  });
}

Deno.test("a state that cannot be written is tried again ever more rarely, once a minute at last", () => {
  const s = new Supervised().start();
  s.os.fail({ call: "open", code: "ENOSPC", path: /\.new$/ });
  s.end("./run");
  const waits = [];
  for (let i = 0; i < 9; i++) {
    const wait = s.reactor.nextTimer ?? 0;
    waits.push(wait);
    s.reactor.advance(wait);
  }
  assertEquals(waits, [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  assertEquals(s.said.length, 1);
});

Deno.test("a warning is said again if the failure comes back after it was mended", () => {
  const s = new Supervised().start();
  for (let i = 0; i < 2; i++) {
    const mend = s.os.fail({ call: "open", code: "ENOSPC", path: /\.new$/ });
    s.end("./run");
    mend();
    s.reactor.advance(60_000);
  }
  assertEquals(s.said.length, 2);
});

Deno.test("a disk that is full from the beginning does not keep a service from starting", () => {
  const s = new Supervised(WITH_LOG);
  const mend = s.os.fail({ call: "writeAll", code: "ENOSPC" });
  s.start();
  assertEquals(s.running, ["log/./run", "./run"]);
  assertEquals(s.said, [
    "runsv s: warning: unable to write supervise/status.new: out of disk space",
    "runsv s: warning: unable to write log/supervise/status.new: out of disk space",
    "runsv s: warning: unable to write supervise/pid.new: out of disk space",
    "runsv s: warning: unable to write log/supervise/pid.new: out of disk space",
  ]);
  mend();
  s.reactor.advance(60_000);
  assertEquals([s.stat(), s.stat("log/")], ["run", "run"]);
});

Deno.test("where no descriptor is left, services are started again all the same", () => {
  const s = new Supervised({ "run": "#!", "finish": "#!", "control/t": "#!" }).start();
  s.os.limit = s.os.openCount;
  s.control("t");
  s.end("control/t", { code: 1 });
  s.end("./run", { code: -1, signal: 15 });
  assertEquals(s.running, ["./finish"], "finish is not forgotten, though it cannot be opened");
  s.end("./finish");
  assertEquals(s.running, ["./run"]);
  s.os.limit += 1;
  s.reactor.advance(60_000);
  assertEquals(s.stat(), "run");
});

Deno.test("where no descriptor is left and there is no finish, that does no harm", () => {
  const s = new Supervised().start();
  s.os.limit = s.os.openCount;
  s.end("./run");
  assertEquals(s.running, ["./run"]);
  assertEquals(s.said, [
    "runsv s: warning: unable to open supervise/pid.new: process cannot open more files",
  ], "not a word of finish");
});

for (const code of ["EAGAIN", "ENOMEM"]) {
  Deno.test(`where fork fails with ${code}, run is tried every five seconds, and commands are heard`, () => {
    const s = new Supervised().start();
    const mend = s.os.fail({ call: "spawn", code });
    s.end("./run");
    const words = code === "EAGAIN" ? "temporary failure" : "out of memory";
    assertEquals(s.said, [`runsv s: warning: unable to fork, sleeping: ${words}`]);
    s.control("d");
    s.reactor.advance(5000);
    assertEquals([s.said.length, s.status().want], [1, "down"], "d is heard meanwhile");
    s.control("u");
    assertEquals(s.said.length, 2, "u starts it at once, as it is not at rest any more");
    mend();
    s.reactor.advance(4999);
    assertEquals(s.running, []);
    s.reactor.advance(1);
    assertEquals(s.running, ["./run"]);
  });
}

Deno.test("where fork fails for a control script, the signal is sent", () => {
  const s = new Supervised({ "run": "#!", "control/h": "#!" }).start();
  s.os.fail({ call: "spawn", code: "EAGAIN", path: /^control/ });
  s.control("h");
  assertEquals(s.process("./run").signals, ["HUP"]);
  assertEquals(s.said, ["runsv s: warning: unable to fork for control/h: temporary failure"]);
});

/** Programs that cannot be started, and the words for it. */
const UNSTARTABLE: readonly (readonly [string, (os: FakeOs, path: string) => void, string])[] = [
  ["is missing", (os, path) => os.tree.remove(path), "file does not exist"],
  ["is not executable", (os, path) => os.tree.file(path, "#!", 0o644), "access denied"],
  ["is a directory", (os, path) => {
    os.tree.remove(path);
    os.tree.directory(path);
  }, "access denied"],
  [
    "is neither script nor program",
    (os, path) => os.tree.file(path, "x", 0o755),
    "exec format error",
  ],
];

for (const [how, spoil, words] of UNSTARTABLE) {
  Deno.test(`a run that ${how} counts as exit 111 for finish, and is tried again each second`, () => {
    const s = new Supervised({ run: "#!", finish: "#!" });
    spoil(s.os, "/service/run");
    s.start();
    assertEquals(s.said, [`runsv s: fatal: unable to start ./run: ${words}`]);
    assertEquals(s.process("./finish").options.argv, ["./finish", "111", "0"]);
    s.end("./finish", { after: 10 });
    assertEquals(s.stat(), "down");
    s.os.tree.file("/service/run", "#!");
    s.reactor.advance(1000);
    assertEquals(s.running, ["./run"]);
    assertEquals(s.os.openCount, s.own + OF_ONE);
  });

  Deno.test(`a log/run that ${how} is tried again each second`, () => {
    const s = new Supervised(WITH_LOG);
    spoil(s.os, "/service/log/run");
    s.start();
    assertEquals(s.said, [`runsv s: fatal: unable to start log/./run: ${words}`]);
    s.reactor.advance(1000);
    assertEquals(s.said.length, 2);
    assertEquals(s.running, ["./run"]);
  });
}

Deno.test("a finish that is readable and cannot be executed is reported, and run starts again", () => {
  const s = new Supervised({ run: "#!" });
  s.os.tree.file("/service/finish", "#!", 0o644);
  s.start();
  s.end("./run");
  assertEquals(s.said, ["runsv s: fatal: unable to start ./finish: access denied"]);
  assertEquals(s.running, ["./run"]);
});

/** Control scripts that do not run, and what is said. */
const UNCONTROLLABLE: readonly (readonly [string, (os: FakeOs) => void, string[]])[] = [
  ["is not executable", (os) => os.tree.file("/service/control/h", "#!", 0o644), []],
  ["has no interpreter line", (os) => os.tree.file("/service/control/h", "x", 0o755), [
    "runsv s: fatal: unable to run control/?: exec format error",
  ]],
  ["is a directory", (os) => os.tree.directory("/service/control/h"), [
    "runsv s: fatal: unable to run control/?: access denied",
  ]],
  ["lies under a file", (os) => os.tree.file("/service/control", ""), [
    "runsv s: warning: unable to stat control/h: not a directory",
  ]],
  ["cannot be looked at", (os) => os.fail({ call: "stat", code: "EIO", path: /^control\// }), [
    "runsv s: warning: unable to stat control/h: input/output error",
  ]],
];

for (const [how, spoil, said] of UNCONTROLLABLE) {
  Deno.test(`where control/h ${how}, HUP is sent`, () => {
    const s = new Supervised().start();
    const open = s.os.openCount;
    spoil(s.os);
    s.control("h");
    assertEquals([s.process("./run").signals, s.said], [["HUP"], said]);
    assertEquals(s.os.openCount, open);
  });
}

for (const name of ["control", "ok"]) {
  const path = `/service/supervise/${name}`;

  Deno.test(`a file in the place of the FIFO ${name} is replaced at the start`, () => {
    const s = new Supervised();
    s.os.tree.file(path, "left by echo");
    s.start();
    assertEquals(s.said, [
      `runsv s: warning: supervise/${name} exists but is not a fifo, replaced`,
    ]);
    assertEquals(s.os.tree.get(path).type, "fifo");
    s.control("1");
    assertEquals(s.process("./run").signals, ["USR1"]);
  });

  Deno.test(`the FIFO ${name} is made anew where it was replaced or removed meanwhile`, () => {
    for (const replacement of ["file", "nothing"]) {
      const s = new Supervised().start();
      const open = s.os.openCount;
      s.os.tree.remove(path);
      if (replacement === "file") s.os.tree.file(path, "left by echo");
      s.end("./run");
      assertEquals(s.os.tree.get(path).type, "fifo", replacement);
      assert(s.os.hasReader(path));
      s.control("1");
      assertEquals(s.process("./run").signals, ["USR1"]);
      assertEquals(s.os.openCount, open);
    }
  });

  Deno.test(`where the FIFO ${name} cannot be made anew, the old one stays, and the next time may do`, () => {
    const s = new Supervised().start();
    const open = s.os.openCount;
    s.os.tree.remove(path);
    const mend = s.os.fail({ call: "makeFifo", code: "ENOSPC" });
    s.end("./run");
    assertEquals([s.running, s.os.openCount], [["./run"], open]);
    mend();
    s.end("./run");
    assertEquals(s.os.tree.get(path).type, "fifo");
    assertEquals(s.os.openCount, open);
  });
}

Deno.test("a directory in the place of the FIFO control keeps it from starting, and leaves nothing open", () => {
  const s = new Supervised(WITH_LOG);
  const pending = s.reactor.pending;
  s.os.tree.directory("/service/supervise/control");
  const error = assertThrows(() => s.start(), SuperviseError) as SuperviseError;
  assertEquals(error.message, "supervise/control exists but is not a fifo");
  assertEquals([s.os.openCount, s.reactor.pending], [s.own, pending]);
});

Deno.test("a directory in the place of the FIFO ok is warned of, once, and that is all", () => {
  const s = new Supervised();
  s.os.tree.directory("/service/supervise/ok");
  s.start();
  s.end("./run");
  assertEquals(s.said, ["runsv s: warning: supervise/ok exists but is not a fifo"]);
  assertEquals([s.running, s.os.openCount], [["./run"], s.own + OF_ONE]);
});

Deno.test("a service directory that is removed is supervised for as long as its service runs", () => {
  const s = new Supervised(WITH_LOG).start();
  const open = s.os.openCount;
  s.os.tree.remove("/service");
  s.reactor.advance(2000);
  s.os.end(s.process("./run"));
  s.reactor.raise("CHLD");
  assertEquals(s.said, [
    "runsv s: fatal: unable to start ./run: file does not exist",
    "runsv s: warning: unable to open supervise/pid.new: file does not exist",
  ]);
  s.terminate();
  s.end("./run", { subdir: "log" });
  assertEquals([s.exited, open - s.os.openCount], [true, open - s.own]);
});

/** Calls that the start needs, each with how often it is made before the one that fails. */
const NEEDED: readonly (readonly [keyof Os, string, RegExp, string])[] = [
  ["pipe", "EMFILE", /(?:)/, "unable to create log pipe"],
  ["open", "EACCES", /^supervise\/lock$/, "unable to open supervise/lock"],
  ["open", "EACCES", /^log\/supervise\/lock$/, "unable to open log/supervise/lock"],
  ["makeFifo", "ENOSPC", /^supervise\/control$/, "unable to stat supervise/control"],
  ["open", "EMFILE", /^supervise\/control$/, "unable to open supervise/control"],
  ["open", "EMFILE", /^log\/supervise\/control$/, "unable to open log/supervise/control"],
  ["open", "EMFILE", /^supervise\/ok$/, "unable to read supervise/ok"],
  ["open", "EMFILE", /^log\/supervise\/ok$/, "unable to read log/supervise/ok"],
];

for (const [call, code, path, message] of NEEDED) {
  Deno.test(`a start fails with «${message}» and leaves nothing behind it: no descriptor, no watch, no timer`, () => {
    const s = new Supervised(WITH_LOG);
    const pending = s.reactor.pending;
    s.os.fail({ call, code, path });
    const error = assertThrows(() => s.start(), SuperviseError) as SuperviseError;
    assertEquals(error.message, message);
    assertEquals([s.os.openCount, s.reactor.pending], [s.own, pending]);
  });
}

Deno.test("a start finds each limit of descriptors without leaving one open", () => {
  const started = new Supervised(WITH_LOG).start().os.openCount;
  for (let limit = 1; limit < started; limit++) {
    const s = new Supervised(WITH_LOG);
    const pending = s.reactor.pending;
    s.os.limit = limit;
    assertThrows(() => s.start(), SuperviseError);
    assertEquals([s.os.openCount, s.reactor.pending], [s.own, pending], `limit ${limit}`);
  }
});
