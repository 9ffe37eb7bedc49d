import { assertEquals } from "@std/assert";
import { change } from "../../src/chpst/environment.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function changed(entries: readonly string[], ...items: readonly string[]): string[] {
  const environment = entries.map((entry) => encoder.encode(entry));
  for (const item of items) change(environment, encoder.encode(item));
  return environment.map((entry) => decoder.decode(entry));
}

Deno.test("change() adds a new variable at the end", () => {
  assertEquals(changed(["A=1"], "B=2"), ["A=1", "B=2"]);
  assertEquals(changed([], "B="), ["B="]);
});

Deno.test("change() puts the last entry where the old one was, as the reference does", () => {
  assertEquals(changed(["A=1", "B=2", "C=3", "D=4"], "B=new"), ["A=1", "D=4", "C=3", "B=new"]);
  assertEquals(changed(["A=1", "B=2", "C=3", "D=4"], "B"), ["A=1", "D=4", "C=3"]);
  assertEquals(changed(["A=1"], "A=x"), ["A=x"]);
  assertEquals(changed(["A=1"], "A"), []);
});

Deno.test("change() takes only the first of several entries with a name", () => {
  assertEquals(changed(["A=1", "B=1", "A=2", "A=3", "=x"], "A"), ["=x", "B=1", "A=2", "A=3"]);
});

Deno.test("change() leaves entries without an equals sign alone", () => {
  assertEquals(changed(["noeq", "A=1"], "noeq"), ["noeq", "A=1"]);
});

Deno.test("change() ends a name at its first equals sign, even to remove it", () => {
  assertEquals(changed(["A=1"], "A=B=x"), ["A=B=x"]);
  assertEquals(changed(["A=1"], "A=B"), ["A=B"]);
});

Deno.test("change() does not mix up names that begin alike", () => {
  assertEquals(changed(["AB=1", "A=1"], "A=2"), ["AB=1", "A=2"]);
  assertEquals(changed(["A=1"], "AB=2"), ["A=1", "AB=2"]);
});

Deno.test("change() keeps bytes that are not UTF-8", () => {
  const environment = [new Uint8Array([0x41, 0x3d, 0xff])];
  change(environment, new Uint8Array([0xfe, 0x3d, 0x80]));
  assertEquals(environment, [
    new Uint8Array([0x41, 0x3d, 0xff]),
    new Uint8Array([0xfe, 0x3d, 0x80]),
  ]);
});
