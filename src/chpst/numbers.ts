/**
 * Numbers as runit reads them: decimal digits, of which the low 64 bits count.
 *
 * @module
 */

/**
 * Reads digits.
 *
 * @returns 0 to 2^64 - 1, and 0 for no digits; `undefined` where there is anything else.
 */
function digits(text: string): bigint | undefined {
  if (!/^[0-9]*$/.test(text)) return undefined;
  return text === "" ? 0n : BigInt.asUintN(64, BigInt(text));
}

/**
 * A limit. Seen as a signed number, -1 is "as much as is allowed" and what is below it is no limit at all, as if it
 * had not been asked for.
 *
 * @returns The limit, 0 or more, or -1; `"none"` for no limit; `undefined` where it is no number.
 */
export function limitNumber(text: string): bigint | "none" | undefined {
  const value = digits(text);
  if (value === undefined) return undefined;
  const signed = BigInt.asIntN(64, value);
  return signed < -1n ? "none" : signed;
}

/**
 * What to add to the nice value: digits, with a sign before them or not, of which the low 32 bits count.
 *
 * @returns `undefined` where it is no number.
 */
export function niceNumber(text: string): number | undefined {
  const signed = text.startsWith("-") || text.startsWith("+");
  const value = digits(signed ? text.slice(1) : text);
  if (value === undefined) return undefined;
  return Number(BigInt.asIntN(32, text.startsWith("-") ? -value : value));
}

/**
 * A user or group id, of which the low 32 bits count.
 *
 * @returns `undefined` where it is no number.
 */
export function idNumber(text: string): number | undefined {
  const value = digits(text);
  return value === undefined ? undefined : Number(BigInt.asUintN(32, value));
}
