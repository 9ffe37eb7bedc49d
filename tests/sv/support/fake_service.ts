import { close, open, read } from "../../../src/os/descriptor.ts";
import { makeFifo } from "../../../src/os/file.ts";
import type { ServiceStatus } from "../../../src/service/status.ts";
import { encodeStatus } from "../../../src/service/status.ts";
import { until } from "../../support/until.ts";

/** What a service directory looks like in an experiment. */
export interface FakeServiceOptions {
  /** Whether somebody holds the FIFOs open, as runsv does. @default {true} */
  readonly supervised?: boolean;
  /** The status record, whole or in parts; raw bytes for a broken one; `null` for none. */
  readonly status?: Partial<ServiceStatus> | Uint8Array | null;
  /** Whether there is a regular file `lock`, held open, as runsv has it. @default {false} */
  readonly lock?: boolean;
  /** Whether there is a file `down`. @default {false} */
  readonly down?: boolean;
  /** The log service. */
  readonly log?: FakeServiceOptions;
  /** The script `check`. */
  readonly check?: string;
  /** What else is to be done to the directory, after everything. */
  readonly prepare?: (dir: string) => void;
}

const COMMON: ServiceStatus = {
  since: { seconds: 1_000_000_000, nanoseconds: 5 },
  pid: 0,
  paused: false,
  want: "up",
  gotTerm: false,
  state: "run",
};

/** The record of a running service, or what is said of it. */
export function record(part: Partial<ServiceStatus> = {}): Uint8Array {
  return encodeStatus({ ...COMMON, pid: part.state === "down" ? 0 : 1234, ...part });
}

/** A service directory whose supervisor is the test: it holds the FIFOs, writes the status, and does nothing. */
export class FakeService implements Disposable {
  /** Path of the service directory. */
  readonly dir: string;
  /** The log service, if there is one. */
  readonly log: FakeService | undefined;
  #ok: number | undefined;
  #control: number | undefined;
  #lock: number | undefined;
  readonly #options: FakeServiceOptions;
  #sent = "";

  /** Makes the directory; its parent exists. */
  constructor(dir: string, options: FakeServiceOptions = {}) {
    this.dir = dir;
    this.#options = options;
    Deno.mkdirSync(`${dir}/supervise`, { recursive: true });
    makeFifo(`${dir}/supervise/ok`, 0o600);
    makeFifo(`${dir}/supervise/control`, 0o600);
    if (options.supervised !== false) this.hold();
    const status = options.status;
    if (status !== null) this.setStatus(status);
    if (options.down === true) Deno.writeTextFileSync(`${dir}/down`, "");
    if (options.check !== undefined) {
      Deno.writeTextFileSync(`${dir}/check`, options.check, { mode: 0o755 });
    }
    this.log = options.log === undefined ? undefined : new FakeService(`${dir}/log`, options.log);
    options.prepare?.(dir);
  }

  /** Opens the FIFOs, as runsv does when it starts. */
  hold(): void {
    if (this.#options.lock === true) {
      this.#lock = open(`${this.dir}/supervise/lock`, { access: "write", create: true });
    }
    this.#ok = open(`${this.dir}/supervise/ok`, { nonblocking: true });
    this.#control = open(`${this.dir}/supervise/control`, { access: "both", nonblocking: true });
  }

  /** Replaces the status record in one step. */
  setStatus(status: Partial<ServiceStatus> | Uint8Array = {}): void {
    const bytes = status instanceof Uint8Array ? status : record(status);
    Deno.writeFileSync(`${this.dir}/supervise/status.new`, bytes);
    Deno.renameSync(`${this.dir}/supervise/status.new`, `${this.dir}/supervise/status`);
  }

  /** All characters that have come through the control FIFO so far. */
  get sent(): string {
    if (this.#control !== undefined) {
      const buffer = new Uint8Array(4096);
      this.#sent += new TextDecoder().decode(buffer.subarray(0, read(this.#control, buffer) ?? 0));
    }
    return this.#sent;
  }

  /** Waits until these characters, the first, have come. */
  async receive(characters: string): Promise<void> {
    await until(`${characters} is sent to ${this.dir}`, () => this.sent.startsWith(characters));
  }

  /** Closes the FIFOs, as the end of runsv does. */
  release(): void {
    this.#sent = this.sent;
    for (const fd of [this.#lock, this.#ok, this.#control]) if (fd !== undefined) close(fd);
    this.#lock = this.#ok = this.#control = undefined;
  }

  [Symbol.dispose](): void {
    this.log?.[Symbol.dispose]();
    this.release();
  }
}
