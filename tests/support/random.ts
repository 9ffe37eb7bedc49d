/**
 * A generator of numbers that look random and are the same each time.
 *
 * @param seed Which row of numbers.
 * @returns A function that gives the next number, 0 or more and less than 1 (mulberry32).
 */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
