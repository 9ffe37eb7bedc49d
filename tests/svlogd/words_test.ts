import { assertEquals } from "@std/assert";
import { copy, copyLines, findLineFeed, SLACK, type Words, words } from "../../src/svlogd/words.ts";
import { random } from "../support/random.ts";

function of(bytes: Uint8Array): Words {
  const result = words(bytes.length);
  result.bytes.set(bytes);
  return result;
}

/** Bytes among which those that are easily mistaken for a line feed come often. */
function tricky(next: () => number, length: number): Uint8Array {
  const alphabet = [0x0a, 0x0b, 0x09, 0x8a, 0x8b, 0x00, 0x01, 0xff, 0x80, 0x7f, 0x0a ^ 0x80];
  return Uint8Array.from(
    { length },
    () =>
      next() < 0.5
        ? Math.floor(next() * 256)
        : alphabet[1 + Math.floor(next() * (alphabet.length - 1))] ?? 0,
  );
}

Deno.test("findLineFeed() finds the first, whatever bytes are around it", () => {
  const next = random(1);
  for (let round = 0; round < 3000; round++) {
    const bytes = tricky(next, 1 + Math.floor(next() * 40));
    bytes[bytes.length - 1] = 0x0a;
    const start = Math.floor(next() * bytes.length);
    assertEquals(findLineFeed(of(bytes), start), bytes.indexOf(0x0a, start));
  }
});

Deno.test("copy() copies any range to anywhere", () => {
  const next = random(2);
  for (let round = 0; round < 1000; round++) {
    const bytes = tricky(next, Math.floor(next() * 40));
    const start = Math.floor(next() * (bytes.length + 1));
    const end = start + Math.floor(next() * (bytes.length - start + 1));
    const at = Math.floor(next() * 9);
    const to = words(at + end - start);
    copy(of(bytes), start, end, to, at);
    assertEquals(to.bytes.slice(at, at + end - start), bytes.slice(start, end));
  }
});

Deno.test("copyLines() puts the lead before each line, as far as there is room", () => {
  const next = random(3);
  for (let round = 0; round < 2000; round++) {
    const bytes = tricky(next, 1 + Math.floor(next() * 200));
    bytes[bytes.length - 1] = 0x0a;
    const lead = tricky(next, Math.floor(next() * 40));
    const limit = bytes.length + lead.length + Math.floor(next() * 300);
    const to = words(limit);
    const expected: number[] = [];
    const copied: number[] = [];
    for (let at = 0; at < bytes.length;) {
      const result = copyLines(of(bytes), at, bytes.length, of(lead), lead.length, to, 0, limit);
      copied.push(...to.bytes.subarray(0, result.to));
      at = result.from;
    }
    for (let at = 0; at < bytes.length;) {
      const feed = bytes.indexOf(0x0a, at);
      expected.push(...lead, ...bytes.subarray(at, feed + 1));
      at = feed + 1;
    }
    assertEquals(copied, expected);
    assertEquals(to.bytes.length, limit + SLACK);
  }
});
