import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";

// The copy of @std/assert from npm has no types of its own; scripts/setup/assert.d.ts gives it those of JSR's package.
// Without them this file does not pass the type check: its @ts-expect-error comments would expect nothing.

Deno.test("assertEquals() takes two values of one type", () => {
  assertEquals([1], [1]);
  // @ts-expect-error: a number is no string
  const unlike = (): void => assertEquals<number>(1, "1");
  assertEquals(typeof unlike, "function");
});

Deno.test("assert() and assertInstanceOf() narrow", () => {
  const text = ["a"].at(0);
  assert(text !== undefined);
  assertEquals(text.length, 1);
  const error: unknown = new RangeError("x");
  assertInstanceOf(error, RangeError);
  assertEquals(error.message, "x");
});

Deno.test("assertRejects() gives the error back with its type", async () => {
  const error = await assertRejects(() => Promise.reject(new RangeError("x")), RangeError);
  // @ts-expect-error: a RangeError has no such field
  assertEquals(error.nonsense, undefined);
});
