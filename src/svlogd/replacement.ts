const LINE_FEED = 0x0a;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

/** For each byte, what stands in its place. */
export type Replacement = Uint8Array;

/**
 * The replacement that `-r` and `-R` ask for: of bytes that are not printable ASCII, and of a set of others.
 *
 * @param by The byte that stands in their place.
 * @param set The others.
 */
export function replacement(by: number, set: Uint8Array): Replacement {
  const table = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) {
    table[byte] = byte < FIRST_PRINTABLE || byte > LAST_PRINTABLE ? by : byte;
  }
  for (const byte of set) table[byte] = by;
  return table;
}

/**
 * Replaces in place, in the first `length` bytes of each line; the rest of a longer line is left as it is.
 *
 * @param start Where a line begins.
 * @param end Where the last one ends, with or without its line feed.
 */
export function replace(
  table: Replacement,
  lines: Uint8Array,
  start: number,
  end: number,
  length: number,
): void {
  let stop = start + length;
  for (let at = start; at < end; at++) {
    const byte = lines[at] ?? 0;
    if (byte === LINE_FEED) stop = at + 1 + length;
    else if (at < stop) lines[at] = table[byte] ?? byte;
  }
}
