import { assert, assertEquals } from "@std/assert";
import { nextStamp, oldFiles, toRemove, toSacrifice } from "../../src/svlogd/old_files.ts";
import { portion } from "../../src/svlogd/rotation.ts";
import { random } from "../support/random.ts";

const encoder = new TextEncoder();

/** The sizes of the files that a text is split into. */
function sizes(text: string, maxSize: number, lineLength: number): number[] {
  const bytes = encoder.encode(text);
  const result: number[] = [];
  let size = 0;
  for (let at = 0; at < bytes.length;) {
    const { end, rotate } = portion(bytes, at, size, { maxSize, lineLength });
    size += end - at;
    at = end;
    if (!rotate) continue;
    result.push(size);
    size = 0;
  }
  return [...result, size];
}

Deno.test("lines are not split, unless len is more than the size", () => {
  const text = "x".repeat(29) + "\n";
  assertEquals(sizes(text.repeat(9), 200, 50), [150, 120]);
  assertEquals(sizes(text.repeat(9), 100, 99), Array(9).fill(30).concat(0));
  assertEquals(sizes(text.repeat(9), 100, 100), Array(9).fill(30).concat(0));
  assertEquals(sizes(text.repeat(9), 100, 101), [100, 100, 70]);
});

Deno.test("a size of 0 is no limit", () => {
  assertEquals(sizes("abc\n".repeat(1000), 0, 10), [4000]);
});

Deno.test("a file that is too large already is rotated first", () => {
  const bytes = encoder.encode("abc\n");
  assertEquals(portion(bytes, 0, 200, { maxSize: 100, lineLength: 10 }), { end: 0, rotate: true });
});

Deno.test("it makes no difference whether lines come one by one or all at once", () => {
  const next = random(5);
  for (let round = 0; round < 300; round++) {
    const lineLength = 10 + Math.floor(next() * 40);
    const maxSize = 100 + Math.floor(next() * 100);
    const lines = Array.from(
      { length: 40 },
      () => "x".repeat(Math.floor(next() * lineLength)) + "\n",
    );
    const files: number[] = [];
    let size = 0;
    for (const line of lines) {
      const bytes = encoder.encode(line);
      const { end, rotate } = portion(bytes, 0, size, { maxSize, lineLength });
      assertEquals(end, bytes.length);
      size += end;
      if (!rotate) continue;
      assert(size >= maxSize - lineLength && size <= maxSize);
      files.push(size);
      size = 0;
    }
    assertEquals(sizes(lines.join(""), maxSize, lineLength), [...files, size]);
  }
});

const A = "@400000000000000a00000001";
const B = "@400000000000000a00000002";
const C = "@400000000000000a00000003";

Deno.test("names are sorted into what is finished, unprocessed and half done", () => {
  const names = [`${C}.s`, `${A}.u`, `${B}.t`, `${A}.s`, "current", `${A}.foo`, "@x", `${B}.x`];
  assertEquals(oldFiles(names), {
    finished: [`${A}.s`, `${B}.x`, `${C}.s`],
    unprocessed: [`${A}.u`],
    partial: [`${B}.t`],
  });
});

Deno.test("at a rotation the oldest goes if there were as many as are kept", () => {
  const files = oldFiles([`${A}.s`, `${B}.s`, `${C}.s`]);
  assertEquals(toRemove(files, `${C}.s`, 3), undefined);
  assertEquals(toRemove(files, `${C}.s`, 2), `${A}.s`);
  assertEquals(toRemove(files, `${C}.s`, 1), `${A}.s`);
  assertEquals(toRemove(files, `${C}.s`, 0), undefined);
  assertEquals(toRemove(files, `${C}.u`, 3), `${A}.s`);
});

Deno.test("on a full disk the oldest goes if there are more than the least", () => {
  const files = oldFiles([`${A}.s`, `${B}.s`]);
  assertEquals(toSacrifice(files, { minFiles: 1, maxFiles: 10 }), `${A}.s`);
  assertEquals(toSacrifice(files, { minFiles: 2, maxFiles: 10 }), undefined);
  assertEquals(toSacrifice(files, { minFiles: 0, maxFiles: 10 }), undefined);
  assertEquals(toSacrifice(files, { minFiles: 1, maxFiles: 1 }), undefined);
  assertEquals(toSacrifice(files, { minFiles: 1, maxFiles: 0 }), undefined);
});

Deno.test("stamps go on from the last where the clock was set back", () => {
  const now = { seconds: 10, nanoseconds: 5 };
  assertEquals(nextStamp(now, undefined), now);
  assertEquals(nextStamp(now, { seconds: 9, nanoseconds: 7 }), now);
  assertEquals(nextStamp(now, now), { seconds: 10, nanoseconds: 6 });
  assertEquals(nextStamp(now, { seconds: 20, nanoseconds: 999_999_999 }), {
    seconds: 21,
    nanoseconds: 0,
  });
});
