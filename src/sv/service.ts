import { reason } from "../os/error.ts";
import * as controller from "../service/controller.ts";
import type { StatusRecord } from "../service/status.ts";
import type { Output } from "./output.ts";
import { statusLine } from "./status_line.ts";

/** How it is taken that nobody supervises a service. */
export type Absence = "fail" | "ok";

/** What has been reported in place of a status: by its first word. */
export type Complaint = Absence | "warning";

/** A service that sv was given. What is wrong with it is reported at once. */
export class Service {
  /** As it was given. */
  readonly name: string;
  /** The path of its directory; empty where there can be none. */
  readonly dir: string;
  readonly #output: Output;

  /**
   * @param name A path if it starts with `.` or `/` or ends in `/`, otherwise the name of one of the services.
   * @param servicesDir The directory of the services.
   * @param output Where reports go.
   */
  constructor(name: string, servicesDir: string, output: Output) {
    this.name = name;
    this.dir = directoryOf(name, servicesDir);
    this.#output = output;
  }

  /**
   * Looks at the service.
   *
   * @param absence How to report that nobody supervises it.
   * @returns Its status, or what has been reported for want of one.
   */
  look(absence: Absence): StatusRecord | Complaint {
    const found = controller.look(this.dir);
    return found.kind === "supervised" ? found.record : this.#complain(found, absence);
  }

  /** Whether the directory can be entered; if not, that has been reported. */
  enter(): boolean {
    const error = controller.entryError(this.dir);
    if (error !== undefined) this.#sayInaccessible(error);
    return error === undefined;
  }

  /**
   * Sends control characters, unless what the first of them is for is wanted already.
   *
   * @param characters What to send.
   * @param absence As for {@linkcode look}.
   * @returns The status before, or what has been reported as nothing could be sent.
   */
  send(characters: string, absence: Absence): StatusRecord | Complaint {
    const record = this.look(absence);
    if (typeof record === "string" || isWanted(characters, record)) return record;
    const failure = controller.send(this.dir, characters);
    return failure === undefined ? record : this.#complain(failure, absence);
  }

  /**
   * A status in words, without a newline.
   *
   * @param now The time in TAI seconds.
   * @param part The service itself, or its log.
   * @returns `undefined` if it cannot be told whether there is a file `down`, which has been reported.
   */
  describe(
    record: StatusRecord,
    now: bigint,
    part: "service" | "log" = "service",
  ): string | undefined {
    const [dir, name] = part === "log" ? [`${this.dir}/log`, "log"] : [this.dir, this.name];
    try {
      return statusLine(name, record, controller.exists(dir, "down"), now);
    } catch (error) {
      this.#output.warn(`unable to stat ${this.name}/down`, error);
      return undefined;
    }
  }

  #complain(
    found: Exclude<controller.Look, { kind: "supervised" }>,
    absence: Absence,
  ): Complaint {
    const entry = found.kind === "failed" ? controller.entryError(this.dir) : undefined;
    if (entry !== undefined) return this.#sayInaccessible(entry);
    return found.kind === "failed"
      ? this.#say("warning", describeFailure(found))
      : this.#say(absence, "runsv not running");
  }

  #sayInaccessible(error: unknown): Complaint {
    return this.#say("fail", `unable to change to service directory: ${reason(error)}`);
  }

  #say(complaint: Complaint, what: string): Complaint {
    if (complaint !== "ok") this.#output.fail();
    this.#output.print(`${complaint}: ${this.name}: ${what}\n`);
    return complaint;
  }
}

/** What failed and why, without a newline. */
export function describeFailure(failure: controller.Failure): string {
  return failure.error === undefined ? failure.what : `${failure.what}: ${reason(failure.error)}`;
}

function directoryOf(name: string, servicesDir: string): string {
  if (name.startsWith("/") || name.startsWith(".") || name.endsWith("/")) return name;
  return name === "" || servicesDir === "" ? "" : `${servicesDir}/${name}`;
}

/**
 * Whether the record says already that what the first character is for is wanted. Down is asked for again until TERM
 * was sent.
 */
function isWanted(characters: string, record: StatusRecord): boolean {
  if (record.want !== characters.charCodeAt(0)) return false;
  return !characters.startsWith("d") || record.gotTerm === 1;
}
