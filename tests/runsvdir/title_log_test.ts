import { assertEquals } from "@std/assert";
import { shiftIn } from "../../src/runsvdir/title_log.ts";

function after(log: string, ...written: string[]): string {
  const bytes = new TextEncoder().encode(log);
  for (const text of written) shiftIn(bytes, new TextEncoder().encode(text));
  return new TextDecoder().decode(bytes);
}

Deno.test("what is written comes in at the right", () => {
  assertEquals(after("log: ........", "abc"), "log: .....abc");
  assertEquals(after("log: ........", "abc", "de"), "log: ...abcde");
});

Deno.test("the first five bytes stay", () => {
  assertEquals(after("log: ...", "abc", "def"), "log: def");
  assertEquals(after("xxxxxxx", "ab", "c"), "xxxxxbc");
});

Deno.test("of more than there is room for the end remains", () => {
  assertEquals(after("log: ....", "abcdefgh"), "log: efgh");
});

Deno.test("nothing written changes nothing", () => {
  assertEquals(after("log: abc", ""), "log: abc");
});

Deno.test("control characters are kept as they are", () => {
  assertEquals(after("log: ....", "a\n\t"), "log: .a\n\t");
});
