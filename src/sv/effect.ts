/**
 * Whether a control character has done what it is for, judged by the status record.
 *
 * @module
 */

import type { StatusRecord } from "../service/status.ts";
import { CHECK } from "./commands.ts";

/** Yes, no, or yes if the service's `./check` says so. */
export type Verdict = "yes" | "no" | "if checked";

const RUN = 1;
const DOWN = 0;
const WANT_DOWN = "d".charCodeAt(0);

/**
 * Whether all characters of a command have taken effect. A supervisor that is gone is not judged here.
 *
 * @param characters Control characters, or {@linkcode CHECK}. Those that only send a signal have their effect at once.
 * @param now The status.
 * @param before The status just before the characters were sent; undefined if nothing was.
 */
export function hasTakenEffect(
  characters: string,
  now: StatusRecord,
  before: StatusRecord | undefined,
): Verdict {
  let verdict: Verdict = "yes";
  for (const character of characters) {
    const one = effectOf(character, now, before);
    if (one === "no") return "no";
    if (one === "if checked") verdict = one;
  }
  return verdict;
}

function effectOf(character: string, now: StatusRecord, before: StatusRecord | undefined): Verdict {
  const alive = now.pid !== 0;
  switch (character) {
    case "u":
      return alive && now.state === RUN ? "if checked" : "no";
    case "d":
      return !alive && now.state === DOWN ? "yes" : "no";
    case "t":
    case "k":
      if (!alive && now.want === WANT_DOWN) return "yes";
      return alive && now.gotTerm === 0 && !sameStart(now, before) ? "if checked" : "no";
    case "o":
      if (alive) return now.want === WANT_DOWN ? "yes" : "no";
      return sameStart(now, before) ? "no" : "yes";
    case "p":
      return alive && now.paused === 0 ? "no" : "yes";
    case "c":
      return alive && now.paused !== 0 ? "no" : "yes";
    case "x":
      return "no";
    case CHECK:
      return alive ? "if checked" : "yes";
    default:
      return "yes";
  }
}

/**
 * Whether the service has neither started nor gone down between two records.
 *
 * The stamps are compared to the nanosecond, with each other rather than with the time of the command: a start within
 * the same second is seen for what it is, and it does not matter what the clock was set to meanwhile.
 */
function sameStart(a: StatusRecord, b: StatusRecord | undefined): boolean {
  return a.tai === b?.tai && a.nanoseconds === b.nanoseconds;
}
