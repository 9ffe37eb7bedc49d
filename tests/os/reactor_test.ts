import { assert, assertEquals, assertRejects } from "@std/assert";
import { close, open, pipe, read, setNonblocking, writeAll } from "../../src/os/descriptor.ts";
import { PollReactor } from "../../src/os/reactor.ts";
import { disposition } from "../../src/os/signal.ts";
import { osTest } from "../support/os.ts";

const byte = new Uint8Array([1]);

/** Runs until the reactor is stopped; should a test forget that, it fails by its deadline rather than hang. */
async function run(reactor: PollReactor): Promise<void> {
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    reactor.stop();
  }, 20_000);
  await reactor.run();
  clearTimeout(deadline);
  assert(!late, "what was waited for has not happened");
}

/** A pipe, and a function that takes a byte out of it. */
function bytePipe(): { read: number; write: number; take: () => void; close: () => void } {
  const ends = pipe();
  setNonblocking(ends.read, true);
  const buffer = new Uint8Array(1);
  return {
    ...ends,
    take: () => read(ends.read, buffer),
    close: () => {
      close(ends.read);
      close(ends.write);
    },
  };
}

osTest("PollReactor calls back when a descriptor can be read from, again and again", async () => {
  const reactor = new PollReactor();
  const one = bytePipe();
  let count = 0;
  reactor.onReadable(one.read, () => {
    one.take();
    if (++count === 3) reactor.stop();
    else writeAll(one.write, byte);
  });
  writeAll(one.write, byte);
  await run(reactor);
  assertEquals(count, 3);
  one.close();
});

osTest("PollReactor calls back at the end of a pipe, and when one can be written to", async () => {
  const reactor = new PollReactor();
  const one = bytePipe();
  const seen: string[] = [];
  const cancel = reactor.onWritable(one.write, () => {
    seen.push("writable");
    cancel();
    close(one.write);
  });
  reactor.onReadable(one.read, () => {
    seen.push("end");
    reactor.stop();
  });
  await run(reactor);
  assertEquals(seen, ["writable", "end"]);
  close(one.read);
});

osTest("PollReactor wakes up for a watch that is made while it waits", async () => {
  const reactor = new PollReactor();
  const one = bytePipe();
  reactor.after(20, () => {
    writeAll(one.write, byte);
    reactor.onReadable(one.read, () => reactor.stop());
  });
  await run(reactor);
  one.close();
});

osTest(
  "PollReactor forgets a watch that is cancelled, in the same turn and while it waits",
  async () => {
    const reactor = new PollReactor();
    const [one, other] = [bytePipe(), bytePipe()];
    const seen: string[] = [];
    // Both can be read from at once; the first to be called back takes the other away.
    const cancelOne = reactor.onReadable(one.read, () => {
      seen.push("one");
      cancelOne();
      cancelOther();
      cancelOther();
      reactor.after(30, () => reactor.stop());
    });
    const cancelOther = reactor.onReadable(other.read, () => seen.push("other"));
    writeAll(one.write, byte);
    writeAll(other.write, byte);
    await run(reactor);
    assertEquals(seen, ["one"]);
    one.close();
    other.close();
  },
);

osTest(
  "PollReactor calls timers back once, the earlier first, and not those that are cancelled",
  async () => {
    const reactor = new PollReactor();
    const seen: string[] = [];
    const start = reactor.now();
    reactor.after(60, () => {
      seen.push("late");
      reactor.stop();
    });
    reactor.after(0.2, () => seen.push("early"));
    const cancel = reactor.after(10, () => seen.push("never"));
    cancel();
    cancel();
    reactor.after(5_000, () => seen.push("after the end"));
    await run(reactor);
    assertEquals(seen, ["early", "late"]);
    assert(reactor.now() - start >= 60);
  },
);

osTest("PollReactor calls back on a signal, and leaves HUP and INT as they were", async () => {
  // As long as this is there, a signal that comes late does not end the tests.
  const guard = (): void => {};
  Deno.addSignalListener("SIGUSR2", guard);
  const before = [disposition("HUP"), disposition("INT")];
  const reactor = new PollReactor();
  let count = 0;
  reactor.onSignal("USR2", () => {
    count++;
    reactor.stop();
  });
  assertEquals([disposition("HUP"), disposition("INT")], before);
  reactor.after(10, () => Deno.kill(Deno.pid, "SIGUSR2"));
  await run(reactor);
  assertEquals(count, 1);
  Deno.removeSignalListener("SIGUSR2", guard);
});

osTest("PollReactor.stop() may come before run(), and twice", async () => {
  const reactor = new PollReactor();
  reactor.stop();
  reactor.stop();
  await run(reactor);
});

osTest(
  "PollReactor hands on what a callback throws, or goes on if it has whom to tell",
  async () => {
    const fragile = new PollReactor();
    const one = bytePipe();
    fragile.onReadable(one.read, () => {
      throw new Error("out of luck");
    });
    writeAll(one.write, byte);
    await assertRejects(() => fragile.run(), Error, "out of luck");
    fragile.stop();

    const told: unknown[] = [];
    const robust = new PollReactor({ onError: (error) => told.push(error) });
    robust.onReadable(one.read, () => {
      one.take();
      robust.after(1, () => robust.stop());
      throw new Error("out of luck");
    });
    await run(robust);
    assertEquals(told.map((error) => (error as Error).message), ["out of luck"]);
    one.close();
  },
);

osTest("PollReactor watches many descriptors at once", async () => {
  const reactor = new PollReactor();
  const one = bytePipe();
  const fds = Array.from({ length: 500 }, () => open("/dev/zero"));
  // They can always be read from; each is cancelled when it was.
  let left = fds.length;
  for (const fd of fds) {
    const cancel = reactor.onReadable(fd, () => {
      cancel();
      if (--left === 0) reactor.stop();
    });
  }
  reactor.onReadable(one.read, () => {});
  await run(reactor);
  assertEquals(left, 0);
  for (const fd of fds) close(fd);
  one.close();
});
