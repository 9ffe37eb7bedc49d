import { type Sink, writeStderr, writeStdout } from "../cli/diagnostics.ts";
import { reason } from "../os/error.ts";

const encoder = new TextEncoder();

/** Where reports go, and how much has gone wrong. Lines are collected; the two streams keep their order. */
export class Output {
  readonly #stdout: Sink;
  readonly #stderr: Sink;
  #lines = "";
  #failures = 0;

  constructor(stdout: Sink = writeStdout, stderr: Sink = writeStderr) {
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  /** The number of failures so far. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure. */
  fail(): void {
    this.#failures++;
  }

  /** Collects text for standard output. */
  print(text: string): void {
    this.#lines += text;
  }

  /** Says on standard error what is no failure of a service. */
  warn(what: string, error: unknown): void {
    this.flush();
    this.#stderr(encoder.encode(`warning: ${what}: ${reason(error)}\n`));
  }

  /** Writes what is collected. */
  flush(): void {
    if (this.#lines === "") return;
    this.#stdout(encoder.encode(this.#lines));
    this.#lines = "";
  }
}
