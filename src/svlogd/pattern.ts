/**
 * The patterns of a config file, as svlogd(8) has them under PATTERN MATCHING. They are not regular expressions, and
 * there is no going back:
 *
 * - a `*` runs up to the first byte equal to the one that follows it in the pattern, which is then matched; as the last
 *   of the pattern it takes all the rest;
 * - a `+` takes one or more of the byte that follows it. Where they reach to the end of the line, the line matches,
 *   whatever else the pattern asks for;
 * - any other byte stands for itself.
 *
 * @module
 */

/** What a step does, in its upper byte; the byte that it looks for is in its lower one. */
const LITERAL = 0 << 8;
const REPEAT = 1 << 8;
const SEEK = 2 << 8;
const REST = 3 << 8;

const STAR = 0x2a;
const PLUS = 0x2b;

/** A pattern, ready to be matched. */
export type Pattern = Uint16Array;

/** Makes a pattern ready to be matched. Any bytes are a pattern. */
export function compilePattern(source: Uint8Array): Pattern {
  const steps: number[] = [];
  for (let at = 0; at < source.length; at++) {
    const byte = source[at] ?? 0;
    const next = source[at + 1];
    if (byte === STAR) {
      // What it seeks is then a step of its own, even where that is a star or a plus.
      steps.push(next === undefined ? REST : SEEK | next);
    } else if (byte === PLUS) {
      steps.push(REPEAT | (next ?? 0));
      at++;
    } else {
      steps.push(LITERAL | byte);
    }
  }
  return Uint16Array.from(steps);
}

/** Whether a pattern matches `line[start..end)`, the line feed not among it. */
export function matchesPattern(
  pattern: Pattern,
  line: Uint8Array,
  start: number,
  end: number,
): boolean {
  let at = start;
  for (let step = 0; step < pattern.length; step++) {
    const operation = pattern[step] ?? 0;
    const byte = operation & 0xff;
    switch (operation & 0xff00) {
      case REST:
        return true;
      case SEEK:
        while (at < end && line[at] !== byte) at++;
        if (at === end) return false;
        break;
      case REPEAT:
        if (at === end || line[at] !== byte) return false;
        while (at < end && line[at] === byte) at++;
        if (at === end) return true;
        break;
      default:
        if (at === end || line[at] !== byte) return false;
        at++;
    }
  }
  return at === end;
}

/** A line of a config file that begins with `+`, `-`, `e` or `E`. */
export interface PatternRule {
  /** Whether a line that matches is taken (`+`, `e`) or left (`-`, `E`). */
  readonly take: boolean;
  readonly pattern: Pattern;
}

/**
 * Applies rules in their order; the last one that matches decides.
 *
 * @param initially What becomes of a line that none matches.
 */
export function decide(
  rules: readonly PatternRule[],
  initially: boolean,
  line: Uint8Array,
  start: number,
  end: number,
): boolean {
  for (let i = rules.length - 1; i >= 0; i--) {
    const rule = rules[i];
    if (rule !== undefined && matchesPattern(rule.pattern, line, start, end)) return rule.take;
  }
  return initially;
}
