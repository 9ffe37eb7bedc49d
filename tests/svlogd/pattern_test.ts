import { assert, assertEquals } from "@std/assert";
import { compilePattern, decide, matchesPattern } from "../../src/svlogd/pattern.ts";

const encoder = new TextEncoder();

function matches(pattern: string, line: string): boolean {
  const bytes = encoder.encode(`before${line}after`);
  return matchesPattern(compilePattern(encoder.encode(pattern)), bytes, 6, 6 + line.length);
}

Deno.test("a pattern without star or plus matches the line that is the same", () => {
  assert(matches("abc", "abc"));
  assert(!matches("abc", "ab"));
  assert(!matches("abc", "abcd"));
  assert(matches("", ""));
  assert(!matches("", "a"));
});

Deno.test("a star runs to the first of the byte that follows, and does not come back", () => {
  const line = "tcpsvd: info: pid 1977 from 10.4.1.14";
  assert(!matches("*pid*", line));
  assert(matches("*: *: pid *", line));
  assert(matches("*b", "ab"));
  assert(matches("*b", "b"));
  assert(!matches("*b", "abb"));
  assert(!matches("*b", "a"));
});

Deno.test("a star at the end matches any rest", () => {
  assert(matches("*", ""));
  assert(matches("*", "abc"));
  assert(matches("ab*", "ab"));
  assert(!matches("ab*", "a"));
});

Deno.test("a plus stands for one or more of the byte that follows", () => {
  assert(matches("a+bc", "abbbc"));
  assert(!matches("a+bc", "ac"));
  assert(matches("a+b", "abb"));
});

Deno.test("a plus that reaches the end of the line settles it", () => {
  assert(matches("a+bxyz", "abb"));
});

Deno.test("the last rule that matches decides", () => {
  const rules = [
    { take: false, pattern: compilePattern(encoder.encode("*")) },
    { take: true, pattern: compilePattern(encoder.encode("a*")) },
    { take: false, pattern: compilePattern(encoder.encode("ab*")) },
  ];
  const decision = (line: string): boolean =>
    decide(rules, true, encoder.encode(line), 0, line.length);
  assertEquals(["x", "a", "ac", "ab", "abc"].map(decision), [false, true, true, false, false]);
  assertEquals(decide([], true, encoder.encode("x"), 0, 1), true);
});
