/**
 * A log writer: blocks of bytes in, lines in log directories out. `svlogd` is one with a process of its own; a supervisor
 * may host many.
 *
 * @module
 */

import type { Time } from "../os/clock.ts";
import { datagramSocket, sendDatagram, type SocketAddress } from "../os/datagram.ts";
import { Channel, type LineForm } from "./channel.ts";
import { DEFAULT_CONFIG } from "./config.ts";
import type { LogHost } from "./host.ts";
import { LogDirectory, type LogDirectoryOptions } from "./log_directory.ts";
import { replace, type Replacement } from "./replacement.ts";
import type { StampFormat } from "./stamp.ts";
import { type Words, words } from "./words.ts";

const LINE_FEED = 0x0a;

/** How a log writer treats lines. */
export interface LogWriterOptions {
  /** What lines are stamped with. */
  readonly stamp?: StampFormat | undefined;
  /** What is replaced in lines. */
  readonly replacement?: Replacement | undefined;
  /** `len`: how many bytes of a line are matched, replaced and alerted. */
  readonly lineLength: number;
}

/** A buffer to read log data into: the first bytes are kept free for the start of a line that came earlier. */
export interface InputBlock extends Words {
  /** Where data begins: at least `len` bytes after the start. */
  readonly start: number;
  /** How much data there is room for. */
  readonly size: number;
}

/**
 * Makes a buffer for {@linkcode LogWriter.feed}; one will do for many writers.
 *
 * @param size Room for data, in bytes.
 * @param lineLength The greatest `len` among the writers.
 */
export function inputBlock(size: number, lineLength: number): InputBlock {
  return { ...words(lineLength + size), start: lineLength, size };
}

/** Writes log data into one or several log directories. */
export class LogWriter {
  readonly #host: LogHost;
  readonly #options: LogWriterOptions;
  readonly #names: readonly string[];
  readonly #onReady: () => void;
  #directories: LogDirectory[] = [];
  #channels: { readonly names: readonly string[]; readonly channel: Channel }[] = [];
  /** The start of a line that has not come to its end, shorter than `len`. */
  #carry: Uint8Array = new Uint8Array(0);
  /** When its first byte was read. */
  #carryTime: Time | undefined;
  /** Whether what comes next is the rest of a line longer than `len`. */
  #inLong = false;
  #reopening: Promise<void> | undefined;
  /** What was fed meanwhile. */
  #held: { readonly bytes: Uint8Array; readonly time: Time }[] = [];
  #hangup = false;
  #closing = false;
  #socket: number | undefined;

  /**
   * Opens the log directories. One that cannot be opened is left out, after a warning: see {@linkcode LogWriter.isFunctional}.
   *
   * @param onReady Is called when the writer was busy, and is no longer.
   */
  constructor(
    names: readonly string[],
    options: LogWriterOptions,
    host: LogHost,
    onReady: () => void,
  ) {
    this.#host = host;
    this.#options = options;
    this.#names = names;
    this.#onReady = onReady;
    for (const name of names) this.#open(name);
    this.#makeChannels();
  }

  /** Whether it has a log directory to write to. */
  get isFunctional(): boolean {
    return this.#directories.length > 0 || this.#reopening !== undefined;
  }

  /**
   * Whether something has to be waited for: a disk that is full, a processor that still runs, a rotation. It still
   * takes what is fed, and keeps it in memory; better to leave data where it is, until `onReady` is called.
   */
  get isBusy(): boolean {
    return this.#reopening !== undefined || this.#directories.some((directory) => directory.busy);
  }

  /** Whether the last line that came has not come to its end. */
  get isInLine(): boolean {
    return this.#inLong || this.#carry.length > 0;
  }

  /**
   * Takes data. When it returns, all whole lines are in their files, unless the writer is busy.
   *
   * @param input Where the data is; the room before it is written to, and so is the data.
   * @param length How much data there is.
   * @param time When it was read.
   */
  feed(input: InputBlock, length: number, time: Time): void {
    const { bytes } = input;
    if (this.#reopening !== undefined) {
      this.#held.push({ bytes: bytes.slice(input.start, input.start + length), time });
      return;
    }
    const { lineLength, replacement } = this.#options;
    const start = input.start - this.#carry.length;
    const end = input.start + length;
    bytes.set(this.#carry, start);
    const rest = this.#inLong ? lineEnd(bytes, start, end) : start;
    this.#inLong &&= bytes[rest - 1] !== LINE_FEED;
    const lines = Math.max(rest, bytes.subarray(rest, end).lastIndexOf(LINE_FEED) + 1 + rest);
    const beginsLong = !this.#inLong && end - lines >= lineLength;
    const stop = beginsLong ? end : lines;
    const firstTime = this.#carryTime ?? time;
    if (replacement !== undefined) replace(replacement, bytes, rest, stop, lineLength);
    if (start < stop) {
      const block = { input, start, rest, lines, end: stop, firstTime, time };
      for (const { channel } of this.#channels) channel.take(block);
    }
    this.#inLong ||= beginsLong;
    this.#carry = stop < end ? bytes.slice(stop, end) : NOTHING;
    if (this.#carry.length === 0) this.#carryTime = undefined;
    else if (stop > start || this.#carryTime === undefined) this.#carryTime = time;
  }

  /** Ends a last line that lacks its line feed: it is kept like any other. */
  endLine(): void {
    if (!this.isInLine) return;
    const input = inputBlock(1, this.#options.lineLength);
    input.bytes[input.start] = LINE_FEED;
    this.feed(input, 1, this.#host.system.wallClock());
  }

  /** Rotates every current that is not empty. */
  rotate(): void {
    if (this.#closing) return;
    for (const directory of this.#directories) directory.rotate();
  }

  /** Closes and reopens all log directories, and reads their configs; what waits is tried again at once. */
  reopen(): void {
    if (this.#closing) return;
    this.#hangup = true;
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined;
      this.#feedHeld();
      this.#onReady();
    });
  }

  /**
   * Writes what is left, waits for processors and closes the log directories. From then on it takes no data, and neither
   * rotates nor reopens.
   */
  async close(): Promise<void> {
    this.#closing = true;
    while (this.#reopening !== undefined) await this.#reopening;
    await Promise.all(this.#directories.map((directory) => directory.close()));
    this.#directories = [];
    this.#closeSocket();
  }

  /**
   * Closes the log directories without waiting for what fails; what could not be written by then is lost. Feed it
   * nothing afterwards.
   */
  async abandon(): Promise<void> {
    await Promise.all(this.#directories.map((directory) => directory.release()));
    if (this.#reopening !== undefined) {
      await this.#reopening;
      await Promise.all(this.#directories.map((directory) => directory.release()));
    }
    this.#directories = [];
    this.#closeSocket();
  }

  #closeSocket(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) this.#host.system.close(socket);
  }

  async #reopen(): Promise<void> {
    while (this.#hangup) {
      this.#hangup = false;
      const old = this.#directories;
      const pending = await Promise.all(old.map((directory) => directory.release()));
      this.#directories = [];
      for (const name of this.#names) {
        const index = old.findIndex((directory) => directory.name === name);
        const former = old[index];
        const directory = this.#open(name, former);
        for (const bytes of pending[index] ?? []) directory?.append(bytes);
      }
      this.#makeChannels();
    }
  }

  #feedHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const { bytes, time } of held) {
      const input = inputBlock(bytes.length, this.#options.lineLength);
      input.bytes.set(bytes, input.start);
      this.feed(input, bytes.length, time);
    }
  }

  #open(name: string, former?: LogDirectory): LogDirectory | undefined {
    const options: LogDirectoryOptions = {
      host: this.#host,
      lineLength: this.#options.lineLength,
      onReady: () => {
        if (!this.isBusy) this.#onReady();
      },
      ...(former && { config: former.config }),
    };
    const directory = LogDirectory.open(name, options);
    if (directory !== undefined) this.#directories.push(directory);
    return directory;
  }

  /** One channel for each form of line, so that directories with the same form share the work. */
  #makeChannels(): void {
    // A long line that is under way goes on where it has begun.
    const began = new Set(
      this.#channels.flatMap(({ names, channel }) => channel.isInLong ? names : []),
    );
    const groups = new Map<string, LogDirectory[]>();
    for (const directory of this.#directories) {
      const form = `${began.has(directory.name)} ${formKey(directory.config)}`;
      const group = groups.get(form);
      if (group === undefined) groups.set(form, [directory]);
      else group.push(directory);
    }
    this.#channels = [...groups.values()].map((directories) => {
      const names = directories.map(({ name }) => name);
      return { names, channel: this.#channel(directories, began.has(names[0] ?? "")) };
    });
  }

  #channel(directories: readonly LogDirectory[], inLong: boolean): Channel {
    const form = directories[0]?.config ?? DEFAULT_CONFIG;
    return new Channel(form, { stamp: undefined, ...this.#options, inLong }, {
      write: (bytes) => {
        for (const directory of directories) directory.append(bytes);
      },
      alert: this.#host.alert,
      send: (line) => this.#send(line, form.udp),
    });
  }

  #send(line: Uint8Array<ArrayBuffer>, to: SocketAddress | undefined): boolean {
    if (to === undefined) return true;
    try {
      this.#socket ??= datagramSocket();
      return sendDatagram(this.#socket, line, to) === line.length;
    } catch {
      return false;
    }
  }
}

const NOTHING = new Uint8Array(0);

/** The index after the first line feed in `bytes[start..end)`, or `end`. */
function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  const feed = bytes.indexOf(LINE_FEED, start);
  return feed < 0 || feed >= end ? end : feed + 1;
}

/** The same for configs whose lines have the same form. What alerts or sends has one of its own. */
function formKey(form: LineForm): string {
  const { prefix, select, alert, udp, localTime, json } = form;
  const rules = select.map(({ take, pattern }) => `${take}${pattern}`);
  const own = alert.length > 0 || udp !== undefined ? crypto.randomUUID() : "";
  return [prefix, localTime, json, ...rules, own].join(" ");
}
