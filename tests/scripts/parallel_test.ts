import { assertEquals, assertRejects } from "@std/assert";
import { inParallel } from "../../scripts/build/parallel.ts";

Deno.test("inParallel() keeps the order of the items and never does more than the limit", async () => {
  let running = 0;
  let most = 0;
  const results = await inParallel(2, [30, 1, 20, 5], async (ms) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, ms));
    running--;
    return ms * 2;
  });
  assertEquals(results, [60, 2, 40, 10]);
  assertEquals(most, 2);
});

Deno.test("inParallel() starts nothing more after a failure, and throws it when the rest has ended", async () => {
  const done: number[] = [];
  await assertRejects(
    () =>
      inParallel(2, [1, 2, 3, 4], async (item) => {
        if (item === 1) throw new Error("first");
        await new Promise((resolve) => setTimeout(resolve, 10));
        done.push(item);
      }),
    Error,
    "first",
  );
  assertEquals(done, [2]);
});
