/**
 * Log lines as JSON objects, one a line: `{"time":"…","message":"…"}`.
 *
 * What is UTF-8 in a line stays as it is. A byte that is not becomes an escaped lone surrogate, U+DC80 to U+DCFF for 80 to
 * FF, so that nothing is lost: Python's `surrogateescape` reads it back. The text around it is valid UTF-8 and valid JSON.
 *
 * @module
 */

const encoder = new TextEncoder();

/** What stands before and after the time, and after the message. */
export const JSON_TIME: Uint8Array = encoder.encode('{"time":"');
export const JSON_MESSAGE: Uint8Array = encoder.encode('","message":"');
export const JSON_END: Uint8Array = encoder.encode('"}\n');

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SHORT: Readonly<Record<number, string>> = {
  0x08: "\\b",
  0x09: "\\t",
  0x0a: "\\n",
  0x0c: "\\f",
  0x0d: "\\r",
  [QUOTE]: '\\"',
  [BACKSLASH]: "\\\\",
};

/** For each ASCII byte that cannot stand for itself, its escape. */
const ESCAPES: readonly (Uint8Array | undefined)[] = Array.from({ length: 0x80 }, (_, byte) => {
  const short = SHORT[byte];
  if (short !== undefined) return encoder.encode(short);
  return byte < 0x20 || byte === 0x7f ? unicodeEscape(byte) : undefined;
});

function unicodeEscape(unit: number): Uint8Array {
  return encoder.encode(`\\u${unit.toString(16).padStart(4, "0")}`);
}

/** The most bytes that one byte of a line turns into. */
export const JSON_EXPANSION = 6;

/**
 * Length of the UTF-8 sequence at `bytes[at]`.
 *
 * @returns 0 if there is none that is whole and valid (RFC 3629, section 4).
 */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > end) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) {
    if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/**
 * Writes a piece of a message as the inside of a JSON string.
 *
 * @param out Must have room for {@linkcode JSON_EXPANSION} times the piece from `to` on.
 * @returns Where it ends in `out`.
 */
export function writeJsonPiece(
  out: Uint8Array,
  to: number,
  piece: Uint8Array,
  start: number,
  end: number,
): number {
  let o = to;
  for (let at = start; at < end;) {
    const byte = piece[at] ?? 0;
    if (byte < 0x80) {
      const escape = ESCAPES[byte];
      if (escape === undefined) {
        out[o++] = byte;
      } else {
        out.set(escape, o);
        o += escape.length;
      }
      at++;
      continue;
    }
    const length = sequenceLength(piece, at, end);
    if (length === 0) {
      out.set(unicodeEscape(0xdc00 + byte), o);
      o += 6;
      at++;
    } else {
      for (let i = 0; i < length; i++) out[o++] = piece[at++] ?? 0;
    }
  }
  return o;
}
