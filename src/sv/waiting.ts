import { type StatusRecord, taiSeconds } from "../service/status.ts";
import { isAvailable } from "./check_script.ts";
import type { Command } from "./commands.ts";
import { hasTakenEffect } from "./effect.ts";
import type { Output } from "./output.ts";
import type { Absence, Service } from "./service.ts";
import { watch } from "./watch.ts";

/** A service that was given a command. */
export interface Commanded {
  readonly service: Service;
  /** Its status just before; undefined where nothing was sent. */
  readonly before: StatusRecord | undefined;
}

/** How often the reference looks, in milliseconds: at least as often is looked where no change is seen. */
const INTERVAL = 420;
/** After the first failure of a `./check`, it is asked again so many milliseconds later; then twice as many, and so on. */
const FIRST_RETRY = 20;
/** The time from the release of a supervisor's lock to its end, in milliseconds, is less than this. */
const ENDING = 5;

/**
 * Waits until a command has taken effect on all services or time is up, and reports each as it comes to that.
 *
 * @param wait How long to wait, in seconds. What comes before the reference would look for the first time after that
 * is in time.
 */
export async function waitForAll(
  commanded: Iterable<Commanded>,
  command: Extract<Command, { kind: "control" }>,
  wait: number,
  output: Output,
): Promise<void> {
  const deadline = performance.now() + lastLook(wait);
  const absence: Absence = command.effects === "x" ? "ok" : "fail";
  const pending = new Set(commanded);
  let retry = FIRST_RETRY;

  /** Looks at one service once, and reports what is to be reported. Returns whether it is done with. */
  async function attend({ service, before }: Commanded, late: boolean): Promise<boolean> {
    const record = service.look(absence);
    if (typeof record === "string") return true;
    let verdict = hasTakenEffect(command.effects, record, before);
    if (verdict === "if checked") {
      verdict = await isAvailable(service, output) ? "yes" : verdict;
    }
    if (verdict === "if checked") checksFailed = true;
    if (verdict !== "yes" && !late) return false;
    const prefix = verdict === "yes" ? "ok" : command.kill ? "kill" : "timeout";
    const line = service.describe(record, now());
    output.print(`${prefix}: ${line ?? ""}\n`);
    if (verdict === "yes") return true;
    output.fail();
    if (command.kill) service.send("k", "fail");
    return true;
  }

  let checksFailed = false;
  for (let round = 0; pending.size > 0; round++) {
    // Most commands have had their effect at once, so that it would not pay to watch.
    using changes = round === 0 ? undefined : watch([...pending].map(({ service }) => service));
    const begun = performance.now();
    checksFailed = false;
    for (const one of pending) {
      if (await attend(one, begun >= deadline)) pending.delete(one);
    }
    output.flush();
    if (changes === undefined || pending.size === 0) continue;
    const cost = performance.now() - begun;
    const pause = Math.min(checksFailed ? retry : INTERVAL, deadline - performance.now());
    if (checksFailed) retry = Math.min(2 * retry, INTERVAL);
    if (!await changes.change(Math.max(pause, 0))) continue;
    // Of many services, more than one will have changed. No more than half of the time is spent looking.
    const rest = absence === "ok" ? Math.max(cost, ENDING) : cost;
    if (rest > 1) await new Promise((resolve) => setTimeout(resolve, rest));
  }
}

/** The time in TAI seconds. */
export function now(): bigint {
  return taiSeconds(Math.floor(Date.now() / 1000));
}

/** The reference gives up at its first look after the time is up. In milliseconds. */
function lastLook(seconds: number): number {
  return (Math.floor(seconds * 1000 / INTERVAL) + 1) * INTERVAL;
}
