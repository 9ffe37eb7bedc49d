import { assertEquals } from "@std/assert";
import { Console } from "../../src/init/console.ts";
import { Init } from "../../src/init/init.ts";
import type { ReadableSignal } from "../../src/os/signal_descriptor.ts";
import { type Call, FakeInitOs } from "./fake_init_os.ts";

const ETC_STOPIT = "/etc/runit/stopit";
const ETC_REBOOT = "/etc/runit/reboot";
const RUN_STOPIT = "/run/runit.stopit";
const RUN_REBOOT = "/run/runit.reboot";

/** Pid 1 of a machine in memory, with a clock that a test turns on. */
class Machine {
  readonly os = new FakeInitOs();
  readonly init: Init;
  readonly #timers = new Set<{ readonly due: number; readonly callback: () => void }>();
  #now = 0;

  constructor() {
    this.init = new Init({
      os: this.os,
      console: new Console(this.os),
      after: (milliseconds, callback) => {
        const timer = { due: this.#now + milliseconds, callback };
        this.#timers.add(timer);
        return () => this.#timers.delete(timer);
      },
    });
  }

  /** Lets time pass. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of [...this.#timers]) {
      if (timer.due <= this.#now && this.#timers.delete(timer)) timer.callback();
    }
  }

  signal(...signals: ReadableSignal[]): void {
    this.init.take(signals);
  }

  end(which: string | number, code = 0): void {
    this.os.end(which, code);
    this.signal("CHLD");
  }

  static inStage2(): Machine {
    const machine = new Machine();
    machine.init.begin();
    machine.end("/etc/runit/1");
    return machine;
  }

  /** Through stage 3 to the end. */
  async down(): Promise<void> {
    this.end("/etc/runit/2");
    await this.downFromStage3();
  }

  async downFromStage3(): Promise<void> {
    this.end("/etc/runit/3");
    await settled();
  }
}

/** Lets promises go on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("stage 1 shares the session of pid 1 and may read from the console, the others do not", async () => {
  const machine = Machine.inStage2();
  await machine.down();
  const { started } = machine.os;
  assertEquals(started.map(({ options }) => options.session), [false, true, true]);
  assertEquals(started.map(({ options }) => options.descriptors?.[0] !== undefined), [
    true,
    false,
    false,
  ]);
  assertEquals(started.map(({ options }) => options.argv), [
    ["/etc/runit/1"],
    ["/etc/runit/2"],
    ["/etc/runit/3"],
  ]);
  assertEquals([...machine.os.descriptors], []);
});

Deno.test("the program for INT has the session of pid 1, and CONT has its effect there", () => {
  const machine = Machine.inStage2();
  machine.os.modes.set("/etc/runit/ctrlaltdel", 0o700);
  machine.signal("INT");
  const { started } = machine.os;
  assertEquals(started.map(({ options }) => options.session), [false, true, false]);
  assertEquals(
    started.map(({ options }) => options.defaultSignals?.includes("CONT")),
    [false, false, true],
  );
});

Deno.test("at the end everything is killed, the disks are written, and the power is off, in this order", async () => {
  const machine = Machine.inStage2();
  await machine.down();
  assertEquals(machine.os.done.slice(0, 3), ["KILL to -1", "sync", "power off"]);
});

Deno.test("disks are not written where nosync exists, whatever its mode", async () => {
  const machine = Machine.inStage2();
  machine.os.modes.set("/etc/runit/nosync", 0);
  await machine.down();
  assertEquals(machine.os.done.includes("sync"), false);
});

Deno.test("a machine whose power stays on is halted", async () => {
  const machine = Machine.inStage2();
  await machine.down();
  assertEquals(machine.os.done.at(-1), "power off");
  machine.pass(2000);
  assertEquals(machine.os.lines.at(-1), "system halt.");
  assertEquals(machine.os.done.at(-1), "halt");
});

Deno.test("a machine that does not reboot is left as it is", async () => {
  const machine = Machine.inStage2();
  machine.os.modes.set(RUN_REBOOT, 0o100);
  await machine.down();
  machine.pass(60_000);
  assertEquals(machine.os.done.at(-1), "reboot");
});

Deno.test("orphans are collected, all that there are", () => {
  const machine = Machine.inStage2();
  for (let pid = 1000; pid < 1100; pid++) machine.os.end(pid);
  machine.signal("CHLD");
  assertEquals(machine.os.collected, true);
  assertEquals(machine.os.programs, ["1", "2"]);
});

Deno.test("a shutdown is asked for in either place, and taken back in both", () => {
  for (const stopit of [ETC_STOPIT, RUN_STOPIT]) {
    const machine = Machine.inStage2();
    machine.os.modes.set(ETC_STOPIT, 0o66).set(RUN_STOPIT, 0o66);
    machine.signal("CONT");
    assertEquals(machine.os.done, []);
    machine.os.modes.set(stopit, 0o100);
    machine.signal("CONT");
    assertEquals(machine.os.done, ["TERM to 102"]);
    assertEquals([...machine.os.modes.values()], [0, 0]);
  }
});

Deno.test("a reboot is looked for where the shutdown was asked for", async () => {
  const cases: [stopit: string[], reboot: string[], expected: string][] = [
    [[ETC_STOPIT], [ETC_REBOOT], "reboot"],
    [[ETC_STOPIT], [RUN_REBOOT], "power off"],
    [[RUN_STOPIT], [ETC_REBOOT], "power off"],
    [[RUN_STOPIT], [RUN_REBOOT], "reboot"],
    [[RUN_STOPIT, ETC_STOPIT], [RUN_REBOOT], "reboot"],
    [[RUN_STOPIT, ETC_STOPIT], [], "power off"],
  ];
  for (const [stopit, reboot, expected] of cases) {
    const machine = Machine.inStage2();
    for (const path of [...stopit, ...reboot]) machine.os.modes.set(path, 0o100);
    machine.signal("CONT");
    await machine.down();
    assertEquals(machine.os.done.at(-1), expected, `${stopit}, ${reboot}`);
  }
});

Deno.test("where no file asked for the shutdown, either place can ask for the reboot", async () => {
  for (const reboot of [ETC_REBOOT, RUN_REBOOT]) {
    const machine = Machine.inStage2();
    machine.os.modes.set(reboot, 0o700);
    await machine.down();
    assertEquals(machine.os.done.at(-1), "reboot");
  }
});

Deno.test("the process group of stage 2 is killed before stage 2 is started again", () => {
  const machine = Machine.inStage2();
  machine.end("/etc/runit/2", 111);
  assertEquals(machine.os.done, ["KILL to -102"]);
  assertEquals(machine.os.programs, ["1", "2"]);
  machine.pass(4999);
  assertEquals(machine.os.programs, ["1", "2"]);
  machine.pass(1);
  assertEquals(machine.os.programs, ["1", "2", "2"]);
});

Deno.test("a signal is not sent to a process that has the number of a stage 2 that was collected", () => {
  const machine = Machine.inStage2();
  machine.os.modes.set("/etc/runit/ctrlaltdel", 0o700);
  machine.signal("INT");
  machine.end("/etc/runit/2");
  machine.signal("ALRM");
  assertEquals(machine.os.done, []);
});

Deno.test("a request that comes with the end of stage 1 is one in stage 1", () => {
  const machine = new Machine();
  machine.init.begin();
  machine.os.end("/etc/runit/1");
  machine.signal("CHLD", "PWR");
  assertEquals(machine.os.done, []);
  assertEquals(machine.os.programs, ["1", "2"]);
});

Deno.test("a stage that is not there is said to be so, and counts as one that has ended well", () => {
  const machine = new Machine();
  machine.os.failing.set("spawn", "ENOENT");
  machine.init.begin();
  machine.os.failing.clear();
  machine.pass(0);
  assertEquals(machine.os.lines, [
    "enter stage: /etc/runit/1",
    "fatal: unable to start child: /etc/runit/1: file does not exist",
    "leave stage: /etc/runit/1",
    "enter stage: /etc/runit/2",
  ]);
});

Deno.test("where no process can be made, it is tried again every five seconds", () => {
  const machine = new Machine();
  machine.os.failing.set("spawn", "EAGAIN");
  machine.init.begin();
  machine.pass(5000);
  machine.pass(4999);
  assertEquals(machine.os.programs, []);
  const said = `fatal: unable to fork for "/etc/runit/1" pausing: temporary failure`;
  assertEquals(machine.os.lines.filter((line) => line === said).length, 2);
  machine.os.failing.clear();
  machine.pass(1);
  assertEquals(machine.os.programs, ["1"]);
});

Deno.test("a shutdown does not wait until a process can be made for stage 2", async () => {
  const machine = new Machine();
  machine.init.begin();
  machine.os.failing.set("spawn", "ENOMEM");
  machine.end("/etc/runit/1");
  machine.signal("PWR");
  machine.os.failing.clear();
  machine.pass(0);
  assertEquals(machine.os.programs, ["1", "3"]);
  await machine.downFromStage3();
  machine.pass(60_000);
  assertEquals(machine.os.programs, ["1", "3"]);
});

Deno.test("a console that cannot be opened is said so, and all goes on", async () => {
  const machine = new Machine();
  machine.os.failing.set("open", "EIO");
  machine.init.begin();
  machine.end("/etc/runit/1");
  await machine.down();
  assertEquals(machine.os.programs, ["1", "2", "3"]);
  assertEquals(
    machine.os.lines[1],
    "warning: unable to open /dev/console: input/output error",
  );
});

/** Those that can fail, but for what the tests above are about. */
const CALLS: readonly Call[] = [
  "open",
  "duplicateTo",
  "write",
  "modeOf",
  "changeModeOf",
  "kill",
  "syncDisks",
  "endSystem",
];

Deno.test("whichever call fails, the stages go on to the end", async () => {
  for (const call of CALLS) {
    const machine = new Machine();
    machine.os.failing.set(call, "EIO");
    machine.os.modes.set(RUN_STOPIT, 0o100);
    machine.init.begin();
    machine.end("/etc/runit/1");
    machine.signal("ALRM", "INT", "CONT", "PWR");
    machine.pass(5000);
    await machine.downFromStage3();
    assertEquals(machine.os.programs, ["1", "2", "3"], call);
    assertEquals(machine.os.done.includes("power off"), true, call);
  }
});

Deno.test("children that cannot be collected now are collected later", () => {
  const machine = new Machine();
  machine.init.begin();
  machine.os.failing.set("waitChild", "EIO");
  machine.end("/etc/runit/1");
  assertEquals(machine.os.programs, ["1"]);
  assertEquals(machine.os.lines.at(-1), "warning: unable to collect children: input/output error");
  machine.os.failing.clear();
  machine.signal("CHLD");
  assertEquals(machine.os.programs, ["1", "2"]);
});
