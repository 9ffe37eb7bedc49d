import { reason } from "../os/error.ts";
import type { InitOs } from "./os.ts";
import { CONSOLE } from "./paths.ts";

const encoder = new TextEncoder();

/**
 * The console, as the standard streams of pid 1 and of what it starts.
 *
 * It is never waited for, as a terminal can be stopped by one key: what it does not take is lost.
 */
export class Console {
  readonly #os: InitOs;

  constructor(os: InitOs) {
    this.#os = os;
  }

  /** Has the console as these standard streams. Where it cannot be opened, that is said on the one there was, and it stays. */
  attach(streams: readonly number[]): void {
    let fd: number;
    try {
      fd = this.#os.open(CONSOLE, { access: "write", nonblocking: true });
    } catch (error) {
      this.warning(`unable to open ${CONSOLE}`, error);
      return;
    }
    for (const stream of streams) this.#os.duplicateTo(fd, stream);
    this.#os.close(fd);
  }

  /** Writes a line in runit's form. Never fails. */
  say(text: string): void {
    try {
      this.#os.write(2, encoder.encode(`- runit: ${text}\n`));
    } catch {
      // There is nowhere else to say it.
    }
  }

  /** What goes on in spite of it. */
  warning(what: string, error: unknown): void {
    this.say(`warning: ${what}: ${reason(error)}`);
  }

  /** What keeps something from being done. */
  fatal(what: string, error: unknown): void {
    this.say(`fatal: ${what}: ${reason(error)}`);
  }
}
