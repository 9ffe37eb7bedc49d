import type { Diagnostics, Sink } from "../cli/diagnostics.ts";
import { argumentMemory } from "../os/arguments.ts";
import { duplicateTo, pipe, read, setNonblocking } from "../os/descriptor.ts";
import { errorCode } from "../os/error.ts";
import type { Reactor } from "../os/reactor.ts";
import { DOT_INTERVAL, shiftIn } from "./title_log.ts";

/** A log in the argument of this process that ps(1) shows, fed by a pipe. */
export class TitleLog {
  /** Takes what this process itself has to say. */
  readonly sink: Sink;
  /** The end of the pipe to write to. */
  readonly descriptor: number;

  private constructor(memory: Uint8Array, ends: { read: number; write: number }, reactor: Reactor) {
    this.descriptor = ends.write;
    // Through the pipe it could wait for a reader that is nobody but itself.
    this.sink = (bytes) => shiftIn(memory, bytes);
    const buffer = new Uint8Array(4096);
    setNonblocking(ends.read, true);
    reactor.onReadable(ends.read, () => {
      const length = read(ends.read, buffer) ?? 0;
      shiftIn(memory, buffer.subarray(0, length));
    });
    const dot = (): void => {
      shiftIn(memory, new Uint8Array([0x2e]));
      reactor.after(DOT_INTERVAL, dot);
    };
    dot();
  }

  /**
   * Redirects standard error, as what is started inherits it, into an argument of this process.
   *
   * @param name The name that this process was called by.
   * @param argv Its arguments.
   * @param index Which of them is the place for the log.
   * @returns `undefined`, and the reason has been said, where that cannot be.
   */
  static open(
    name: string,
    argv: readonly string[],
    index: number,
    reactor: Reactor,
    diagnostics: Diagnostics,
  ): TitleLog | undefined {
    const memory = argumentMemory(name, argv, index);
    if (memory === undefined) {
      diagnostics.warning("unable to find the log argument in memory.");
      return undefined;
    }
    try {
      const ends = pipe();
      duplicateTo(ends.write, 2);
      return new TitleLog(memory, ends, reactor);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      diagnostics.warning("unable to create pipe for log.");
      return undefined;
    }
  }
}
