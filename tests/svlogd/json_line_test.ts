import { assertEquals } from "@std/assert";
import { JSON_EXPANSION, writeJsonPiece } from "../../src/svlogd/json_line.ts";
import { random } from "../support/random.ts";

function piece(bytes: Uint8Array): { text: string; length: number } {
  const out = new Uint8Array(bytes.length * JSON_EXPANSION);
  const end = writeJsonPiece(out, 0, bytes, 0, bytes.length);
  // fatal: what comes out is UTF-8, whatever went in.
  const text = new TextDecoder("utf-8", { fatal: true }).decode(out.subarray(0, end));
  return { text: JSON.parse(`"${text}"`), length: end };
}

/** What Python calls surrogateescape, the other way round. */
function unescaped(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) bytes.push(code - 0xdc00);
    else bytes.push(...new TextEncoder().encode(character));
  }
  return Uint8Array.from(bytes);
}

Deno.test("text comes out of a JSON parser as it went in", () => {
  const text = 'plain "quoted" back\\slash \t\r\b\f\u0000\u001b\u007f é € 😀 \ud7ff \ue000';
  assertEquals(piece(new TextEncoder().encode(text)).text, text);
});

Deno.test("any bytes can be had back", () => {
  const next = random(11);
  const alphabet = [
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xed,
    0xef,
    0xf0,
    0xf4,
    0xf5,
    0xff,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0x41,
    0x22,
  ];
  for (let round = 0; round < 5000; round++) {
    const bytes = Uint8Array.from(
      { length: Math.floor(next() * 12) },
      () => alphabet[Math.floor(next() * alphabet.length)] ?? 0,
    );
    assertEquals(unescaped(piece(bytes).text), bytes);
  }
});

Deno.test("a character is taken for UTF-8 exactly when a strict decoder takes it", () => {
  for (
    const bytes of [
      [0xc0, 0x80],
      [0xe0, 0x9f, 0xbf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xf0, 0x8f, 0xbf, 0xbf],
    ]
  ) {
    const all = piece(Uint8Array.from(bytes)).text;
    assertEquals(all, bytes.map((byte) => String.fromCharCode(0xdc00 + byte)).join(""));
  }
});
