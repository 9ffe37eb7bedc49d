import type { StatusRecord } from "../service/status.ts";

const DOWN = 0;

/** What a line begins with, by state; a state that does not exist has no word. */
const WORDS = ["down: ", "run: ", "finish: "] as const;

/**
 * The state of a service in words, as `sv status` says it; no newline.
 *
 * @param name What the service is called.
 * @param record Its status.
 * @param normallyDown Whether there is a file `down`.
 * @param now The time in TAI seconds, as records have it.
 */
export function statusLine(
  name: string,
  record: StatusRecord,
  normallyDown: boolean,
  now: bigint,
): string {
  const alive = record.pid !== 0;
  const wants = (want: string): boolean => record.want === want.charCodeAt(0);
  const age = now > record.tai ? now - record.tai : 0n;
  let line = `${WORDS[record.state] ?? ""}${name}: `;
  if (record.state !== DOWN) line += `(pid ${record.pid}) `;
  line += `${age}s`;
  if (alive && normallyDown) line += ", normally down";
  if (!alive && !normallyDown) line += ", normally up";
  if (alive && record.paused !== 0) line += ", paused";
  if (!alive && wants("u")) line += ", want up";
  if (alive && wants("d")) line += ", want down";
  if (alive && record.gotTerm !== 0) line += ", got TERM";
  return line;
}
