import { reason } from "../os/error.ts";

const encoder = new TextEncoder();

/** Where lines go: standard error, or what a test collects. */
export type Sink = (bytes: Uint8Array) => void;

/**
 * Writes to standard error, all in one write so that lines of several processes do not mix.
 * A failure is nobody's to handle: there is nowhere left to say it.
 */
export function writeStderr(bytes: Uint8Array): void {
  writeTo(Deno.stderr, bytes);
}

/** Writes to standard output; a failure is ignored, as the reference does it. */
export function writeStdout(bytes: Uint8Array): void {
  writeTo(Deno.stdout, bytes);
}

function writeTo(file: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
  } catch {
    // Closed, full, or nobody reads it.
  }
}

/**
 * One-line diagnostics in runit's form: `NAME: fatal: WHAT: REASON`, with the same for `warning` and the like.
 */
export class Diagnostics {
  /** What every line begins with, such as `runsv ./www` or `svlogd`. */
  readonly name: string;
  readonly #sink: Sink;

  constructor(name: string, sink: Sink = writeStderr) {
    this.name = name;
    this.#sink = sink;
  }

  /**
   * Says a line.
   *
   * @param severity Such as `"warning"`.
   * @param what What was attempted or has happened.
   * @param error Why it failed; left out, there is no reason at the end.
   */
  say(severity: string, what: string, error?: unknown): void {
    const why = error === undefined ? "" : `: ${reason(error)}`;
    this.#sink(encoder.encode(`${this.name}: ${severity}: ${what}${why}\n`));
  }

  /** What goes on in spite of it. */
  warning(what: string, error?: unknown): void {
    this.say("warning", what, error);
  }

  /** What ends the tool, or the child that it happened to. */
  fatal(what: string, error?: unknown): void {
    this.say("fatal", what, error);
  }
}

/** Thrown to end a tool at once, from anywhere below its `main`, once the reason has been said. */
export class Exit extends Error {
  override readonly name = "Exit";
  /** The exit code. */
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** Says what promises are rejected with that nobody waits for, rather than die of it: for what others depend on. */
export function sayRejections(diagnostics: Diagnostics): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    diagnostics.warning("internal error", event.reason);
  });
}
