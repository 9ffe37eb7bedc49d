/**
 * When current is rotated because of its size.
 *
 * @module
 */

const LINE_FEED = 0x0a;

/** Sizes in bytes. */
export interface SizeLimits {
  /** Size at which current is rotated; 0 for never. */
  readonly maxSize: number;
  /** `len`: at the end of a line, current is rotated when there are no more than so many bytes left. */
  readonly lineLength: number;
}

/** What of some bytes goes into current, and whether it is to be rotated then. */
export interface Portion {
  readonly end: number;
  readonly rotate: boolean;
}

/**
 * How much of `bytes[start..)` goes into a current of `size` bytes: up to the end of the first line that comes within
 * `lineLength` bytes of the limit; no more than up to the limit, in the middle of a line if need be.
 *
 * Where `maxSize` is below `lineLength`, the ends of lines do not count. (The reference takes the difference of
 * two unsigned numbers there.)
 */
export function portion(
  bytes: Uint8Array,
  start: number,
  size: number,
  limits: SizeLimits,
): Portion {
  const { maxSize, lineLength } = limits;
  if (maxSize === 0) return { end: bytes.length, rotate: false };
  const room = start + Math.max(0, maxSize - size);
  const soft = maxSize - lineLength;
  if (soft >= 0) {
    // The index at which a line feed makes the size reach the soft limit.
    const from = Math.max(start, start + soft - size - 1);
    if (from < bytes.length) {
      const feed = bytes.indexOf(LINE_FEED, from);
      if (feed >= 0 && feed < room) return { end: feed + 1, rotate: true };
    }
  }
  return bytes.length > room ? { end: room, rotate: true } : { end: bytes.length, rotate: false };
}
