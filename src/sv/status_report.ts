import { errorCode, reason } from "../os/error.ts";
import * as controller from "../service/controller.ts";
import type { StatusRecord } from "../service/status.ts";
import type { Output } from "./output.ts";
import { describeFailure, type Service } from "./service.ts";

/** Exit codes of `status` in LSB mode. */
const RUNS = 0;
const FAILED = 1;
const IS_DOWN = 3;
const UNKNOWN = 4;

/**
 * Reports the status of a service, and of its log if it has one, in one line.
 *
 * @param now The time in TAI seconds.
 * @returns The exit code in LSB mode. The state that is told last decides, even where that is the log's.
 */
export function reportStatus(service: Service, now: bigint, output: Output): number {
  const record = service.look("fail");
  if (typeof record === "string") return record === "warning" ? UNKNOWN : FAILED;
  const line = service.describe(record, now);
  const log = describeLog(service, record, now, output);
  output.print(`${line ?? ""}${log.text}\n`);
  return log.code ?? codeOf(line, record);
}

interface LogReport {
  /** What follows the state of the service in its line. */
  readonly text: string;
  readonly code?: number;
}

function describeLog(
  service: Service,
  serviceRecord: StatusRecord,
  now: bigint,
  output: Output,
): LogReport {
  const dir = `${service.dir}/log`;
  // Most failures are that there is no log; this is quicker than having look() throw.
  if (!mayExist(dir)) return { text: "" };
  const found = controller.look(dir);
  const described = (record: StatusRecord, before: string): LogReport => {
    const line = service.describe(record, now, "log");
    return { text: `${before}${line ?? ""}`, code: codeOf(line, record) };
  };
  if (found.kind === "supervised") return described(found.record, "; ");
  const entry = found.kind === "failed" ? controller.entryError(dir) : undefined;
  if (entry !== undefined && errorCode(entry) === "ENOENT") return { text: "" };
  output.fail();
  const complain = (severity: string, what: string): string =>
    `; ${severity}: ${service.name}/log: ${what}`;
  if (entry !== undefined) {
    return { text: complain("warning", `unable to change directory: ${reason(entry)}`) };
  }
  if (found.kind === "not running") return { text: complain("fail", "runsv not running") };
  // As the reference has it, what is known of the service is said of the log, too.
  return described(serviceRecord, `${complain("warning", describeFailure(found))}\n`);
}

function mayExist(dir: string): boolean {
  try {
    return controller.exists(dir.slice(0, -"/log".length), "log");
  } catch {
    return true;
  }
}

function codeOf(line: string | undefined, record: StatusRecord): number {
  if (line === undefined) return UNKNOWN;
  return record.pid === 0 ? IS_DOWN : RUNS;
}
