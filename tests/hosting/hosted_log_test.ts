/** A logger without a process of its own, over a log directory in memory: what goes wrong in it is its own matter. */

import { assert, assertEquals } from "@std/assert";
import { HostedLog } from "../../src/hosting/hosted_log.ts";
import { close, hasInput, open, pipe, writeAll } from "../../src/os/descriptor.ts";
import type { ExitStatus } from "../../src/runsv/unit.ts";
import type { LogSystem } from "../../src/svlogd/host.ts";
import { inputBlock } from "../../src/svlogd/log_writer.ts";
import { parseCommandLine } from "../../src/svlogd/options.ts";
import { FakeReactor } from "../support/fake_reactor.ts";
import { osTest } from "../support/os.ts";
import { FakeHost, settled } from "../svlogd/fake_host.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A logger on a pipe, and its log directory `log`. */
class Bench implements Disposable {
  readonly host = new FakeHost();
  readonly reactor = new FakeReactor(hasInput);
  readonly #pipe = pipe();
  readonly said: string[] = [];
  readonly ended: ExitStatus[] = [];
  /** What goes on where a disk is waited for. */
  inBackground: <T>(work: () => T) => Promise<T> = (work) => Promise.resolve().then(work);
  /** Called before each call of the system. */
  before: (name: keyof LogSystem) => void = () => {};
  mayRead: () => boolean = () => true;

  constructor(config: string) {
    this.host.put("config", config);
  }

  start(): HostedLog {
    const line = parseCommandLine(["-l", "20", "log"]);
    assert("names" in line);
    return new HostedLog({
      line,
      place: { dir: -1, path: "." },
      input: open(`/dev/fd/${this.#pipe.read}`, { nonblocking: true }),
      reactor: this.reactor,
      system: this.#system(),
      // The disk is in memory.
      inBackground: () => this.inBackground(() => {}),
      onChildEnd: this.host.onEnd,
      sink: (bytes) => void this.said.push(decoder.decode(bytes).trimEnd()),
      block: inputBlock(1024, 20),
      mayRead: () => this.mayRead(),
      onEnd: (exit) => void this.ended.push(exit),
    });
  }

  write(text: string): void {
    writeAll(this.#pipe.write, encoder.encode(text));
  }

  /** Lets everything happen that does not take time, and then what takes so many seconds. */
  async settle(seconds = 0): Promise<void> {
    for (let i = 0; i <= seconds; i++) {
      for (let turn = 0; turn < 3; turn++) {
        await settled();
        this.reactor.settle();
      }
      await settled();
      for (const child of this.host.children.splice(0)) {
        child.write(child.input);
        child.end(0);
      }
      if (i < seconds) {
        this.reactor.advance(1000);
      }
    }
  }

  get logged(): string {
    const { old } = this.host;
    // What is processed may still be there as it was.
    const names = old.filter((name) =>
      !old.includes(name.replace(/u$/, "s")) || name.endsWith("s")
    );
    return [...names, "current"].map((name) => this.host.text(name)).join("");
  }

  [Symbol.dispose](): void {
    close(this.#pipe.write);
    close(this.#pipe.read);
  }

  #system(): LogSystem {
    const { system } = this.host;
    const guarded = { ...system };
    for (const name of Object.keys(system) as (keyof LogSystem)[]) {
      Object.assign(guarded, {
        [name]: (...args: never[]): unknown => {
          this.before(name);
          return (system[name] as (...args: never[]) => unknown)(...args);
        },
      });
    }
    const { write, changeMode, sync } = guarded;
    return {
      ...guarded,
      writeInBackground: (fd, bytes) => this.inBackground(() => write(fd, bytes) ?? 0),
      changeModeInBackground: (fd, mode) => this.inBackground(() => changeMode(fd, mode)),
      sync: (fd) => this.inBackground(() => sync(fd)).then(() => {}),
    };
  }
}

const LINES = Array.from({ length: 4 }, (_, i) => `line ${i}\n`);

/** Feeds all lines, starting the logger again when it has ended, as its supervisor does; ends it in the end. */
async function live(bench: Bench): Promise<void> {
  let log = bench.start();
  let said = 0;
  // What was said is tried again after three seconds.
  const settle = async (): Promise<void> => {
    await bench.settle();
    if (bench.said.length > said) await bench.settle(4);
    said = bench.said.length;
  };
  for (const line of LINES) {
    bench.write(line);
    await settle();
    if (bench.ended.pop() !== undefined) log = bench.start();
  }
  await settle();
  assertEquals(bench.ended, []);
  log.signal("TERM");
  await settle();
  assertEquals(bench.ended, [{ code: 0, signal: 0 }]);
}

for (
  const [what, config] of Object.entries({
    "": "s30\nn0\n",
    ", with a processor": "s30\nn0\n!cat\n",
  })
) {
  osTest(`a slip of ours in any call of a hosted logger costs no line${what}`, async () => {
    let calls = Infinity;
    for (let slipping = 0; slipping < calls; slipping++) {
      using bench = new Bench(config);
      let count = 0;
      bench.before = (name) => {
        // It never fails, nor is there anything of ours in it.
        if (name !== "close" && ++count === slipping) throw new RangeError("slip");
      };
      await live(bench);
      assert(slipping > 0 || bench.said.length === 0, `${bench.said}`);
      assertEquals(bench.logged, LINES.join(""), `call ${slipping}`);
      assertEquals(bench.host.openCount, 0, `call ${slipping}`);
      if (slipping === 0) calls = count;
    }
    assert(calls > 30);
  });
}

osTest(
  "a slip of ours between the calls of a hosted logger is said, and it begins anew",
  async () => {
    using bench = new Bench("s30\nn0\n!cat\n");
    const { close } = bench.host.system;
    let slips = 0;
    Object.assign(bench.host.system, {
      // In the place of one: after each file that it is done with.
      close: (fd: number) => {
        close(fd);
        if (++slips % 5 === 0) throw new RangeError("slip");
      },
    });
    const log = bench.start();
    for (const line of LINES) {
      bench.write(line);
      await bench.settle(8);
    }
    assert(slips > 10);
    assertEquals(bench.logged, LINES.join(""));
    assert(bench.said.some((line) => line.endsWith("slip")), `${bench.said}`);
    log.signal("KILL");
  },
);

osTest(
  "a slip of ours while it reads ends a hosted logger with a word, and the next one goes on",
  async () => {
    using bench = new Bench("s1000\n");
    bench.start();
    await bench.settle();
    bench.mayRead = () => {
      throw new RangeError("slip");
    };
    bench.write("one\n");
    await bench.settle();
    assertEquals(bench.said, ["svlogd: warning: internal error: slip"]);
    assertEquals(bench.ended.splice(0), [{ code: 111, signal: 0 }]);
    assertEquals(bench.host.openCount, 0);
    bench.mayRead = () => true;
    const log = bench.start();
    await bench.settle();
    assertEquals(bench.logged, "one\n");
    log.signal("TERM");
    await bench.settle();
    assertEquals(bench.ended, [{ code: 0, signal: 0 }]);
  },
);

for (const signals of [["TERM"], ["ALRM", "TERM"], ["HUP", "TERM"], ["KILL"]] as const) {
  osTest(
    `on ${signals.join(" and ")}, a hosted logger asks no disk that may not answer`,
    async () => {
      using bench = new Bench("s1000\n");
      const log = bench.start();
      bench.write("one\n");
      await bench.settle();
      const stuck: (() => void)[] = [];
      bench.inBackground = async (work) => {
        await new Promise<void>((go) => stuck.push(go));
        return work();
      };
      const asked: string[] = [];
      bench.before = (name) => asked.push(name);
      for (const signal of signals) log.signal(signal);
      await bench.settle(10);
      assertEquals([asked, bench.ended], [[], []]);
      while (stuck.length > 0) {
        for (const go of stuck.splice(0)) go();
        await bench.settle(1);
      }
      assertEquals(bench.logged, "one\n");
      assertEquals(bench.ended.length, 1);
      assertEquals(bench.host.openCount, 0);
    },
  );
}
