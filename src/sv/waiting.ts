import { type StatusRecord, taiSeconds } from "../service/status.ts";
import { isAvailable } from "./check_script.ts";
import type { ControlCommand } from "./commands.ts";
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

/** What a look at a service came to. */
type Outcome = "done" | "pending" | "check failed";

/**
 * Waits until a command has taken effect on all services or time is up, and reports each as it comes to that.
 *
 * @param wait How long to wait, in seconds. What comes before the reference would look for the first time after that
 * is in time.
 */
export async function waitForAll(
  commanded: Iterable<Commanded>,
  command: ControlCommand,
  wait: number,
  output: Output,
): Promise<void> {
  const deadline = performance.now() + lastLook(wait);
  const pending = new Set(commanded);
  let retry = FIRST_RETRY;
  for (let round = 0; pending.size > 0; round++) {
    // Most commands have had their effect at once, so that it would not pay to watch.
    using changes = round === 0 ? undefined : watch([...pending].map(({ service }) => service));
    const begun = performance.now();
    let checkFailed = false;
    for (const one of pending) {
      const outcome = await attend(one, command, begun >= deadline, output);
      if (outcome === "done") pending.delete(one);
      else if (outcome === "check failed") checkFailed = true;
    }
    output.flush();
    if (changes === undefined || pending.size === 0) continue;
    const cost = performance.now() - begun;
    const pause = Math.min(checkFailed ? retry : INTERVAL, deadline - performance.now());
    if (checkFailed) retry = Math.min(2 * retry, INTERVAL);
    if (!await changes.change(Math.max(pause, 0))) continue;
    // Of many services, more than one will have changed. No more than half of the time is spent looking.
    const rest = command.effects === "x" ? Math.max(cost, ENDING) : cost;
    if (rest > 1) await new Promise((resolve) => setTimeout(resolve, rest));
  }
}

/**
 * Looks at a service once, and reports it if there is something to report.
 *
 * @param late Whether there is no time left.
 */
async function attend(
  { service, before }: Commanded,
  command: ControlCommand,
  late: boolean,
  output: Output,
): Promise<Outcome> {
  const record = service.look(absenceFor(command));
  if (typeof record === "string") return "done";
  const verdict = hasTakenEffect(command.effects, record, before);
  const checked = verdict === "if checked" && await isAvailable(service, output);
  const effective = verdict === "yes" || checked;
  if (!effective && !late) return verdict === "no" ? "pending" : "check failed";
  const result = effective ? "ok" : command.kill ? "kill" : "timeout";
  const line = service.describe(record, now());
  output.print(`${result}: ${line ?? ""}\n`);
  if (!effective) output.fail();
  if (!effective && command.kill) service.send("k", "fail");
  return "done";
}

/** How it is taken that nobody supervises a service any more: it is what some commands are for. */
export function absenceFor(command: ControlCommand): Absence {
  return command.effects === "x" ? "ok" : "fail";
}

/** The time in TAI seconds. */
export function now(): bigint {
  return taiSeconds(Math.floor(Date.now() / 1000));
}

/** The reference gives up at its first look after the time is up. In milliseconds. */
function lastLook(seconds: number): number {
  return (Math.floor(seconds * 1000 / INTERVAL) + 1) * INTERVAL;
}
