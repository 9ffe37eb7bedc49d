import { assertEquals } from "@std/assert";
import { Gate, TurnBudget } from "../../src/hosting/turns.ts";

Deno.test("the first of a turn may read, and the others until its time is over", async () => {
  let now = 0;
  const budget = new TurnBudget(() => now);
  const asked: boolean[] = [];
  for (const at of [0, 1, 3, 4, 100]) {
    now = at;
    asked.push(budget.mayRead());
  }
  assertEquals(asked, [true, true, true, false, false]);
  // The turn ends when what runs now has returned.
  await Promise.resolve();
  assertEquals(budget.mayRead(), true);
});

Deno.test("a gate lets so many through, and then one for each that leaves, in the order of their coming", async () => {
  const gate = new Gate(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const all = [0, 1, 2, 3].map((i) =>
    gate.pass(() => {
      begun.push(i);
      return new Promise<void>((end) => ends[i] = end);
    })
  );
  assertEquals(begun, [0, 1]);
  ends[1]?.();
  await all[1];
  await Promise.resolve();
  assertEquals(begun, [0, 1, 2]);
  ends[0]?.();
  await all[0];
  await Promise.resolve();
  assertEquals(begun, [0, 1, 2, 3]);
  ends[2]?.();
  ends[3]?.();
  await Promise.all(all);
  assertEquals(gate.isEmpty, true);
});

Deno.test("who fails leaves a gate like anybody else", async () => {
  const gate = new Gate(1);
  const failing = gate.pass(() => Promise.reject(new Error("no"))).catch(() => "failed");
  const next = gate.pass(() => Promise.resolve("next"));
  assertEquals([await failing, await next, gate.isEmpty], ["failed", "next", true]);
});
