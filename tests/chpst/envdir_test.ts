import { assertEquals } from "@std/assert";
import { item } from "../../src/chpst/envdir.ts";

const encoder = new TextEncoder();

function text(name: string, content: string): string {
  return new TextDecoder().decode(item(encoder.encode(name), encoder.encode(content)));
}

Deno.test("item() takes the first line", () => {
  assertEquals(text("A", "one\ntwo\n"), "A=one");
  assertEquals(text("A", "one"), "A=one");
});

Deno.test("item() takes blanks and tabs off the end of it, and nothing else", () => {
  assertEquals(text("A", "a \t \nfoo"), "A=a");
  assertEquals(text("A", "a \t "), "A=a");
  assertEquals(text("A", "  a"), "A=  a");
  assertEquals(text("A", "a\r\n"), "A=a\r");
});

Deno.test("item() turns NULs into newlines once the end is trimmed", () => {
  assertEquals(text("A", "a\0b\0\n"), "A=a\nb\n");
  assertEquals(text("A", "q \0"), "A=q \n");
  assertEquals(text("A", "q\0 \0 "), "A=q\n \n");
});

Deno.test("item() sets an empty value for an empty line, and removes for an empty file", () => {
  assertEquals(text("A", "\n"), "A=");
  assertEquals(text("A", " \t\nx"), "A=");
  assertEquals(text("A", " "), "A=");
  assertEquals(text("A", ""), "A");
});

Deno.test("item() keeps bytes that are not UTF-8", () => {
  const bytes = item(new Uint8Array([0xff]), new Uint8Array([0xfe, 0x80]));
  assertEquals(bytes, new Uint8Array([0xff, 0x3d, 0xfe, 0x80]));
});
