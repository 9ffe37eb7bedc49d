/**
 * A block of log data, as it goes into the log directories that have the same form of line.
 *
 * This is the hot path: a block in, at most a block or so out for each directory, and nothing allocated for a line.
 *
 * @module
 */

import type { Time } from "../os/clock.ts";
import type { LogConfig } from "./config.ts";
import { JSON_END, JSON_EXPANSION, JSON_MESSAGE, JSON_TIME, writeJsonPiece } from "./json_line.ts";
import { decide } from "./pattern.ts";
import { Stamper, type StampFormat } from "./stamp.ts";
import { copy, copyLines, findLineFeed, SLACK, type Words, words } from "./words.ts";

const LINE_FEED = 0x0a;
const ELLIPSIS = new TextEncoder().encode("...");
const NOTHING = new Uint8Array(0);

/**
 * A block of log data, cut at its line feeds:
 * `[start, rest)` ends a line that began in an earlier block and is longer than `len`;
 * `[rest, lines)` are whole lines, each with its line feed;
 * `[lines, end)` begins a line longer than `len`, or is empty.
 */
export interface Block {
  readonly input: Words;
  readonly start: number;
  readonly rest: number;
  readonly lines: number;
  readonly end: number;
  /** When the first byte at `rest` was read: perhaps with an earlier block. */
  readonly firstTime: Time;
  /** When the other lines were read. */
  readonly time: Time;
}

/** Where a channel's bytes go. */
export interface Outlet {
  /** Takes what goes to the log directories. The bytes are good until it returns. */
  readonly write: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Takes lines for standard error. */
  readonly alert: (lines: Uint8Array<ArrayBuffer>) => void;
  /** Sends a line by UDP. Returns whether that worked. */
  readonly send: (line: Uint8Array<ArrayBuffer>) => boolean;
}

/** What is the same for all channels of a log writer. */
export interface ChannelOptions {
  /** `len`. */
  readonly lineLength: number;
  /** What lines are stamped with. */
  readonly stamp: StampFormat | undefined;
  /** Whether what comes first is the rest of a long line, which has been begun. */
  readonly inLong: boolean;
}

/** What of a config makes the form of lines. */
export type LineForm = Pick<
  LogConfig,
  "prefix" | "select" | "alert" | "udp" | "udpOnly" | "localTime" | "json"
>;

/** Output is collected in it; shared, as channels work one after the other and leave it empty. */
let output: Words = words(0);

/** Lines of one form. */
export class Channel {
  readonly #form: LineForm;
  readonly #lineLength: number;
  readonly #outlet: Outlet;
  readonly #stamper: Stamper | undefined;
  readonly #timer: Stamper | undefined;
  /** Whether a line is just what came in. */
  readonly #plain: boolean;
  /** Whether all that a line needs is something in front. */
  readonly #uniform: boolean;
  /** How many bytes of the output are used. */
  #used = 0;
  /** What goes in front of a line now: stamp and prefix, or the beginning of a JSON object. */
  #lead: Words = words(0);
  #leadLength = 0;
  /** Stamp and prefix, where the lead is something else. */
  #textLead: Uint8Array = NOTHING;
  /** Whether the long line that has begun is written. */
  #longTaken: boolean;

  constructor(form: LineForm, options: ChannelOptions, outlet: Outlet) {
    const { stamp, lineLength } = options;
    this.#form = form;
    this.#lineLength = lineLength;
    this.#outlet = outlet;
    this.#longTaken = options.inLong;
    this.#stamper = stamp && new Stamper(form.localTime ? "local" : stamp);
    this.#timer = form.json ? new Stamper(form.localTime ? "local" : "rfc3339") : undefined;
    this.#uniform = form.select.length === 0 && form.alert.length === 0 &&
      form.udp === undefined && !form.json;
    this.#plain = this.#uniform && stamp === undefined && form.prefix.length === 0;
  }

  /** Whether a long line that is written has not come to its end. */
  get isInLong(): boolean {
    return this.#longTaken;
  }

  /** Takes a block. All of it has gone on its way when this returns. */
  take(block: Block): void {
    const { input, start, rest, lines, end } = block;
    if (this.#plain) {
      this.#longTaken = lines < end || this.#longTaken && (start === rest || rest === end);
      this.#outlet.write(input.bytes.subarray(start, end));
      return;
    }
    // One write for a block, unless its lines are very short.
    const room = 2 * input.bytes.length;
    if (output.bytes.length < room) output = words(room);
    if (start < rest) this.#continueLong(input, start, rest);
    if (rest < end) {
      this.#setLead(block.firstTime);
      let at = rest;
      if (rest < lines && block.firstTime !== block.time) {
        at = findLineFeed(input, rest) + 1;
        this.#wholeLines(input, rest, at);
        this.#setLead(block.time);
      }
      if (at < lines) this.#wholeLines(input, at, lines);
      if (lines < end) this.#beginLong(input, lines, end);
    }
    this.#flush();
  }

  #setLead(time: Time): void {
    const { prefix, json } = this.#form;
    const stamp = this.#stamper?.stamp(time) ?? NOTHING;
    this.#textLead = join(stamp, prefix);
    const lead = json
      ? join(JSON_TIME, trimmed(this.#timer?.stamp(time) ?? NOTHING), JSON_MESSAGE)
      : this.#textLead;
    if (lead.length > this.#lead.bytes.length - SLACK) this.#lead = words(lead.length);
    this.#lead.bytes.set(lead);
    this.#leadLength = lead.length;
  }

  #wholeLines(input: Words, start: number, end: number): void {
    if (this.#uniform) this.#copyLines(input, start, end);
    else this.#chooseLines(input, start, end);
  }

  /** Copies lines with the lead in front of each. */
  #copyLines(input: Words, start: number, end: number): void {
    const limit = output.bytes.length - SLACK;
    for (let at = start; at < end;) {
      const copied = copyLines(
        input,
        at,
        end,
        this.#lead,
        this.#leadLength,
        output,
        this.#used,
        limit,
      );
      at = copied.from;
      this.#used = copied.to;
      if (at < end) this.#flush();
    }
  }

  #chooseLines(input: Words, start: number, end: number): void {
    for (let at = start; at < end;) {
      const feed = findLineFeed(input, at);
      if (this.#judge(input.bytes, at, feed)) {
        this.#put(this.#lead, 0, this.#leadLength);
        if (this.#form.json) {
          this.#putMessage(input.bytes, at, feed);
          this.#putBytes(JSON_END);
        } else {
          this.#put(input, at, feed + 1);
        }
      }
      at = feed + 1;
    }
  }

  #beginLong(input: Words, start: number, end: number): void {
    this.#longTaken = this.#judge(input.bytes, start, end);
    if (!this.#longTaken) return;
    this.#put(this.#lead, 0, this.#leadLength);
    if (this.#form.json) this.#putMessage(input.bytes, start, end);
    else this.#put(input, start, end);
  }

  #continueLong(input: Words, start: number, end: number): void {
    if (!this.#longTaken) return;
    const ends = input.bytes[end - 1] === LINE_FEED;
    if (ends) this.#longTaken = false;
    if (!this.#form.json) {
      this.#put(input, start, end);
      return;
    }
    this.#putPiece(input.bytes, start, ends ? end - 1 : end);
    if (ends) this.#putBytes(JSON_END);
  }

  /**
   * Decides on a line by its first `len` bytes, and says and sends it where that is asked for.
   *
   * @returns Whether it goes into current.
   */
  #judge(bytes: Uint8Array<ArrayBuffer>, start: number, end: number): boolean {
    const { select, alert, udp, udpOnly } = this.#form;
    const head = Math.min(end, start + this.#lineLength);
    const selected = decide(select, true, bytes, start, head);
    const alerted = alert.length > 0 && decide(alert, false, bytes, start, head);
    if (!alerted && (!selected || udp === undefined)) return selected;
    const long = end - start >= this.#lineLength;
    const line = join(
      this.#textLead,
      bytes.subarray(start, head),
      long ? ELLIPSIS : NOTHING,
      Uint8Array.of(LINE_FEED),
    );
    if (alerted) this.#outlet.alert(line);
    if (!selected || udp === undefined) return selected;
    if (!this.#outlet.send(line)) this.#putFailure(line);
    return !udpOnly;
  }

  /** UDP that fails is a matter for the log itself. */
  #putFailure(line: Uint8Array): void {
    const text = join(new TextEncoder().encode("warning: failure sending through udp: "), line);
    if (!this.#form.json) {
      this.#putBytes(text);
      return;
    }
    this.#put(this.#lead, 0, this.#leadLength);
    this.#putPiece(text, 0, text.length - 1);
    this.#putBytes(JSON_END);
  }

  /** The prefix and a line, or the beginning of one, inside a JSON string. */
  #putMessage(bytes: Uint8Array, start: number, end: number): void {
    this.#putPiece(this.#form.prefix, 0, this.#form.prefix.length);
    this.#putPiece(bytes, start, end);
  }

  #putPiece(bytes: Uint8Array, start: number, end: number): void {
    const step = Math.floor((output.bytes.length - SLACK) / JSON_EXPANSION);
    for (let at = start; at < end;) {
      const stop = Math.min(end, at + step);
      this.#makeRoom((stop - at) * JSON_EXPANSION);
      this.#used = writeJsonPiece(output.bytes, this.#used, bytes, at, stop);
      at = stop;
    }
  }

  /** Puts what is no longer than a block. */
  #put(from: Words, start: number, end: number): void {
    this.#makeRoom(end - start);
    copy(from, start, end, output, this.#used);
    this.#used += end - start;
  }

  #putBytes(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    output.bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #makeRoom(length: number): void {
    if (output.bytes.length - SLACK - this.#used < length) this.#flush();
  }

  #flush(): void {
    if (this.#used > 0) this.#outlet.write(output.bytes.subarray(0, this.#used));
    this.#used = 0;
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Without the blank at its end. */
function trimmed(stamp: Uint8Array): Uint8Array {
  return stamp.at(-1) === 0x20 ? stamp.subarray(0, -1) : stamp;
}
