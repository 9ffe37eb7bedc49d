/**
 * Standard input of `svlogd`: what comes is fed to the log writer at once, in blocks as large as they come.
 *
 * @module
 */

import { hasInput, read, setPipeSize } from "../os/descriptor.ts";
import type { Cancel, Reactor } from "../os/reactor.ts";
import { wallClock } from "../os/clock.ts";
import { type InputBlock, inputBlock, type LogWriter } from "./log_writer.ts";

/**
 * Bytes that are read at a time from a pipe: what is in memory, and would be lost if the process were killed. More
 * is hardly faster.
 */
const PIPE_BLOCK = 64 * 1024;

/** The same for anything else, which does not go away by being read. */
const FILE_BLOCK = 256 * 1024;

/** Bytes that a pipe is asked to hold, where a writer need not wait for them, and they outlive this process. */
const PIPE_SIZE = 256 * 1024;

/** Milliseconds after which signals and timers have their turn, however much there is to read. */
const TURN = 10;

/** What an {@linkcode Input} is made from. */
export interface InputOptions {
  readonly fd: number;
  readonly reactor: Pick<Reactor, "onReadable" | "now">;
  readonly writer: LogWriter;
  /** `len`. */
  readonly lineLength: number;
  /** Where it reads to, if that is shared with others. @default {a block of its own} */
  readonly block?: InputBlock;
  /** Asked before each read but the first of a turn's, or of any where others take turns too. */
  readonly mayRead?: () => boolean;
  /** Is called once, when no more will come: at the end of the file, after an error, or as asked for. */
  readonly onEnd: (error?: unknown) => void;
}

/** Reads a descriptor for a log writer. */
export class Input {
  readonly #options: InputOptions;
  readonly #block: InputBlock;
  #cancel: Cancel | undefined;
  #held = false;
  #enlarged = false;
  #stopping = false;
  #ended = false;

  constructor(options: InputOptions) {
    this.#options = options;
    if (options.block !== undefined) {
      this.#block = options.block;
      return;
    }
    const isPipe = this.#enlarge();
    this.#block = inputBlock(isPipe ? PIPE_BLOCK : FILE_BLOCK, options.lineLength);
  }

  /** Goes on reading, unless the writer is busy. To be called at the start, and whenever that has changed. */
  resume(): void {
    if (this.#ended) return;
    const { writer, reactor, fd } = this.#options;
    if (writer.isBusy || this.#held) {
      this.#pause();
      return;
    }
    if (this.#stopping && !writer.isInLine) {
      this.#end();
      return;
    }
    this.#cancel ??= reactor.onReadable(fd, () => this.#turn());
  }

  /**
   * Stops at the end of the line that is being read. Where none is, that is at once.
   */
  stop(): void {
    this.#stopping = true;
    this.resume();
  }

  /** Leaves data where it is until {@linkcode Input.release}. */
  hold(): void {
    this.#held = true;
    this.resume();
  }

  /** Goes on after {@linkcode Input.hold}. */
  release(): void {
    this.#held = false;
    this.resume();
  }

  /** Reads no more. `onEnd` is not called. */
  close(): void {
    this.#ended = true;
    this.#pause();
  }

  #turn(): void {
    const { fd, reactor, writer, mayRead } = this.#options;
    const until = reactor.now() + TURN;
    do {
      if (mayRead?.() === false || !this.#read()) return;
      if (writer.isBusy || this.#stopping && !writer.isInLine) {
        this.resume();
        return;
      }
    } while (hasInput(fd) && reactor.now() < until);
  }

  /** Reads once. Returns whether there may be more. */
  #read(): boolean {
    const { fd, writer } = this.#options;
    const { bytes, start, size } = this.#block;
    // What follows the line is left for whoever reads next.
    const area = bytes.subarray(start, start + (this.#stopping ? 1 : size));
    let count: number | undefined;
    try {
      count = read(fd, area);
    } catch (error) {
      this.#end(error);
      return false;
    }
    if (count === undefined) return false;
    if (count === 0) {
      this.#end();
      return false;
    }
    // Whoever fills a whole block has more than a pipe holds, and waits less often with a larger one.
    if (count === size && !this.#enlarged) this.#enlarge();
    writer.feed(this.#block, count, wallClock());
    return true;
  }

  /** Has the pipe hold more. Returns whether it is one. */
  #enlarge(): boolean {
    this.#enlarged = true;
    return setPipeSize(this.#options.fd, PIPE_SIZE) !== undefined;
  }

  #pause(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #end(error?: unknown): void {
    this.#ended = true;
    this.#pause();
    this.#options.onEnd(error);
  }
}
