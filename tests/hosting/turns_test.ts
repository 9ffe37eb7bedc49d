import { assertEquals } from "@std/assert";
import type { Cancel } from "../../src/os/reactor.ts";
import { Gate, TurnBudget } from "../../src/hosting/turns.ts";
import { FakeReactor } from "../support/fake_reactor.ts";

Deno.test("the first of a turn may read, and the others until its time is over", async () => {
  let now = 0;
  const budget = new TurnBudget(() => now, 4);
  const asked: boolean[] = [];
  for (const at of [0, 1, 3, 4, 100]) {
    now = at;
    asked.push(budget.mayGoOn());
  }
  assertEquals(asked, [true, true, true, false, false]);
  // The turn ends when what runs now has returned.
  await Promise.resolve();
  assertEquals(budget.mayGoOn(), true);
});

function gate(usual: number, most: number): { gate: Gate; reactor: FakeReactor } {
  const reactor = new FakeReactor(() => false);
  const after = (ms: number, callback: () => void): Cancel => reactor.after(ms, callback);
  return { gate: new Gate({ usual, most, after }), reactor };
}

/** Some that pass a gate and stay inside until they are let out. */
function crowd(gate: Gate, count: number): {
  begun: number[];
  out: (i: number) => Promise<void>;
} {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = Array.from({ length: count }, (_, i) =>
    gate.pass(() => {
      begun.push(i);
      return new Promise<void>((end) => ends[i] = end);
    }));
  return {
    begun,
    out: async (i) => {
      ends[i]?.();
      await all[i];
      await Promise.resolve();
    },
  };
}

Deno.test("a gate lets so many through, and then one for each that leaves, in the order of their coming", async () => {
  const { gate: two } = gate(2, 2);
  const { begun, out } = crowd(two, 4);
  assertEquals(begun, [0, 1]);
  await out(1);
  assertEquals(begun, [0, 1, 2]);
  await out(0);
  assertEquals(begun, [0, 1, 2, 3]);
  await out(2);
  await out(3);
  assertEquals(two.inside, 0);
});

Deno.test("where those inside do not come out, others are let in all the same, so many and no more", async () => {
  const { gate: narrow, reactor } = gate(1, 3);
  const { begun, out } = crowd(narrow, 5);
  const step = async (milliseconds: number): Promise<number> => {
    reactor.advance(milliseconds);
    await Promise.resolve();
    return begun.length;
  };
  assertEquals(await step(49), 1);
  assertEquals(await step(1), 2);
  assertEquals(await step(50), 3);
  assertEquals(await step(1000), 3);
  assertEquals(narrow.inside, 3);
  // They are stuck no more: it goes back to one at a time.
  await out(1);
  await out(2);
  assertEquals([narrow.inside, begun.length], [1, 3]);
  await out(0);
  assertEquals(begun.length, 4);
  await out(3);
  await out(4);
  assertEquals([narrow.inside, reactor.pending], [0, 0]);
});

Deno.test("who fails leaves a gate like anybody else", async () => {
  const { gate: one } = gate(1, 1);
  const failing = one.pass(() => Promise.reject(new Error("no"))).catch(() => "failed");
  const next = one.pass(() => Promise.resolve("next"));
  assertEquals([await failing, await next, one.inside], ["failed", "next", 0]);
});
