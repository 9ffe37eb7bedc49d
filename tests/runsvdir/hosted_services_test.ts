/** One process for many services, in a system in memory: what goes wrong with one of them is that one's matter. */

import { assertEquals } from "@std/assert";
import type { HostedLogger } from "../../src/runsv/hosted_logger.ts";
import { Children } from "../../src/runsv/children.ts";
import { HostedServices } from "../../src/runsvdir/hosted_services.ts";
import type { ExitStatus, Signal } from "../../src/runsv/unit.ts";
import { FakeOs } from "../support/fake_os.ts";
import { FakeReactor } from "../support/fake_reactor.ts";

/** Services in memory; each file's path begins with the name of its service. */
class Hosted {
  readonly os: FakeOs = new FakeOs();
  readonly reactor: FakeReactor = new FakeReactor((fd) => this.os.hasInput(fd));
  readonly said: string[] = [];
  readonly ended: number[] = [];
  readonly services: HostedServices;
  /** What hosted loggers were told, and how each can be ended. */
  readonly told: Signal[] = [];
  readonly loggers: ((exit: ExitStatus) => void)[] = [];
  readonly #dir: number;

  constructor(
    files: readonly string[],
    options: { descriptors?: number; hosts?: boolean } = {},
  ) {
    for (const path of files) this.os.tree.file(`/services/${path}`, "#!");
    this.#dir = this.os.open("/services", { directory: true });
    const decoder = new TextDecoder();
    this.services = new HostedServices({
      os: this.os,
      reactor: this.reactor,
      children: new Children(this.os, this.reactor),
      events: { ended: (id) => this.ended.push(id) },
      session: false,
      sink: (bytes) => void this.said.push(decoder.decode(bytes).trimEnd()),
      descriptors: options.descriptors ?? Infinity,
      loggers: options.hosts === true
        ? { pids: [], start: ({ onEnd }) => this.#logger(onEnd) }
        : undefined,
    });
  }

  start(...names: string[]): void {
    const encoder = new TextEncoder();
    names.forEach((name, id) => this.services.start(id, encoder.encode(name), this.#dir));
    this.reactor.settle();
  }

  stat(name: string): string {
    return this.os.tree.text(`/services/${name}/supervise/stat`).trimEnd();
  }

  control(name: string, characters: string): void {
    this.os.writeFifo(`/services/${name}/supervise/control`, characters);
    this.reactor.settle();
  }

  #logger(onEnd: (exit: ExitStatus) => void): HostedLogger {
    this.loggers.push(onEnd);
    return { signal: (signal) => void this.told.push(signal) };
  }
}

const OTHERS = "the others are not touched";

Deno.test("each service has its supervisor, and none is confused with another", () => {
  const hosted = new Hosted(["a/run", "b/run", "c/run", "c/down"]);
  hosted.start("a", "b", "c");
  assertEquals(["a", "b", "c"].map((name) => hosted.stat(name)), ["run", "run", "down"]);
  hosted.control("a", "d");
  hosted.control("c", "u");
  assertEquals(["a", "b", "c"].map((name) => hosted.stat(name)), [
    "run, got TERM, want down",
    "run",
    "run",
  ]);
});

Deno.test("a stopped service is over when it is down, and nothing of it is left", () => {
  const hosted = new Hosted(["a/run", "b/run"]);
  hosted.start("b");
  assertEquals(hosted.services.size, 1);
  hosted.services.stop(0);
  const [process] = hosted.os.running;
  if (process !== undefined) hosted.os.end(process);
  hosted.reactor.raise("CHLD");
  hosted.reactor.settle();
  assertEquals(hosted.ended, [0]);
  // The services directory is the test's own.
  assertEquals([hosted.services.size, hosted.os.openCount], [0, 1]);
});

Deno.test("a directory that is not there is said, and ends at once", () => {
  const hosted = new Hosted(["b/run"]);
  hosted.start("a", "b");
  hosted.reactor.advance(0);
  assertEquals(hosted.said, [
    "runsv a: fatal: unable to change to directory: file does not exist",
  ]);
  assertEquals(hosted.ended, [0]);
  assertEquals(hosted.stat("b"), "run", OTHERS);
});

Deno.test("a service that another supervisor has is said, and ends at once", () => {
  const hosted = new Hosted(["a/run", "b/run"]);
  hosted.start("a", "a", "b");
  hosted.reactor.advance(0);
  assertEquals(hosted.said, ["runsv a: fatal: unable to lock supervise/lock: temporary failure"]);
  assertEquals(hosted.ended, [1]);
  assertEquals([hosted.stat("a"), hosted.stat("b")], ["run", "run"], OTHERS);
});

Deno.test("an unreadable directory costs nobody else anything", () => {
  const hosted = new Hosted(["a/run", "b/run"]);
  hosted.os.fail({ call: "open", code: "EACCES", path: /^a$/ });
  hosted.start("a", "b");
  hosted.reactor.advance(0);
  assertEquals(hosted.said, ["runsv a: fatal: unable to change to directory: access denied"]);
  assertEquals([hosted.ended, hosted.stat("b")], [[0], "run"], OTHERS);
});

Deno.test("a broken FIFO costs nobody else anything", () => {
  const hosted = new Hosted(["a/run", "a/supervise/control/x", "b/run"]);
  hosted.start("a", "b");
  hosted.reactor.advance(0);
  assertEquals(hosted.said, [
    "runsv a: fatal: supervise/control exists but is not a fifo",
  ]);
  assertEquals([hosted.ended, hosted.stat("b")], [[0], "run"], OTHERS);
});

Deno.test("a process that cannot be made is tried again, and the others go on", () => {
  const hosted = new Hosted(["a/run", "b/run"]);
  const mend = hosted.os.fail({ call: "spawn", code: "EAGAIN" });
  hosted.start("a");
  mend();
  assertEquals(hosted.said, ["runsv a: warning: unable to fork, sleeping: temporary failure"]);
  assertEquals([hosted.ended, hosted.stat("a")], [[], "down"]);
  hosted.reactor.advance(5000);
  assertEquals(hosted.stat("a"), "run");
});

Deno.test("a slip of ours while a service starts is said, and is that service's alone", () => {
  const hosted = new Hosted(["a/run", "b/run"]);
  const { stat } = hosted.os;
  Object.assign(hosted.os, {
    stat: (...args: Parameters<typeof stat>) => {
      Object.assign(hosted.os, { stat });
      throw new RangeError(`slip at ${args[0]}`);
    },
  });
  hosted.start("a", "b");
  hosted.reactor.advance(0);
  assertEquals(hosted.said.length, 1);
  assertEquals(hosted.ended.length + hosted.os.running.length, 2);
  assertEquals(hosted.stat("b"), "run", OTHERS);
});

Deno.test("a slip of ours while a service runs restarts its machine, with a word", () => {
  const hosted = new Hosted(["a/run", "b/run"]);
  hosted.start("a", "b");
  const { wallClock } = hosted.os;
  Object.assign(hosted.os, {
    wallClock: () => {
      Object.assign(hosted.os, { wallClock });
      throw new RangeError("slip");
    },
  });
  hosted.control("a", "d");
  assertEquals(hosted.said, ["runsv a: warning: internal error: slip"]);
  assertEquals([hosted.ended, hosted.stat("b")], [[], "run"], OTHERS);
  hosted.reactor.advance(1000);
  hosted.control("a", "d");
  assertEquals(hosted.stat("a"), "run, got TERM, want down");
});

Deno.test("no service is started with the last descriptors: those that run need them", () => {
  const hosted = new Hosted(["a/run", "b/run"], { descriptors: 70 });
  hosted.start("a", "b");
  hosted.reactor.advance(0);
  assertEquals(hosted.said, [
    "runsv b: fatal: unable to change to directory: process cannot open more files",
  ]);
  assertEquals([hosted.ended, hosted.stat("a")], [[1], "run"], OTHERS);
});

Deno.test("a logger that lives here is a process that nobody can kill, and is told instead", () => {
  const hosted = new Hosted(["a/run", "a/log/run"], { hosts: true });
  hosted.start("a");
  assertEquals(hosted.os.running.map(({ options }) => options.path), ["./run"]);
  assertEquals(hosted.os.tree.text("/services/a/log/supervise/pid"), "");
  assertEquals(hosted.stat("a/log"), "run");
  hosted.control("a/log", "ahpc");
  assertEquals(hosted.told, ["ALRM", "HUP", "STOP", "CONT"]);
  hosted.control("a/log", "d");
  assertEquals(hosted.stat("a/log"), "run, got TERM, want down");
  hosted.loggers[0]?.({ code: 0, signal: 0 });
  assertEquals(hosted.stat("a/log"), "down");
  hosted.reactor.advance(2000);
  hosted.control("a/log", "u");
  assertEquals([hosted.stat("a/log"), hosted.loggers.length], ["run", 2]);
});
