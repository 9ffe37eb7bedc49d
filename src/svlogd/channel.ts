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
  readonly bytes: Uint8Array<ArrayBuffer>;
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

/** Output of one block is collected in it; shared, as channels work one after the other. */
const output: Uint8Array<ArrayBuffer> = new Uint8Array(256 * 1024);

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
  #lead: Uint8Array = NOTHING;
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
    const { bytes, start, rest, lines, end } = block;
    if (this.#plain) {
      this.#longTaken = lines < end || this.#longTaken && (start === rest || rest === end);
      this.#outlet.write(bytes.subarray(start, end));
      return;
    }
    if (start < rest) this.#continueLong(bytes, start, rest);
    if (rest < end) {
      this.#setLead(block.firstTime);
      let at = rest;
      if (rest < lines && block.firstTime !== block.time) {
        at = bytes.indexOf(LINE_FEED, rest) + 1;
        this.#wholeLines(bytes, rest, at);
        this.#setLead(block.time);
      }
      if (at < lines) this.#wholeLines(bytes, at, lines);
      if (lines < end) this.#beginLong(bytes, lines, end);
    }
    this.#flush();
  }

  #setLead(time: Time): void {
    const { prefix, json } = this.#form;
    const stamp = this.#stamper?.stamp(time) ?? NOTHING;
    this.#textLead = join(stamp, prefix);
    this.#lead = json
      ? join(JSON_TIME, trimmed(this.#timer?.stamp(time) ?? NOTHING), JSON_MESSAGE)
      : this.#textLead;
  }

  #wholeLines(bytes: Uint8Array<ArrayBuffer>, start: number, end: number): void {
    if (this.#uniform) this.#copyLines(bytes, start, end);
    else this.#chooseLines(bytes, start, end);
  }

  /** Copies lines with the lead in front of each. */
  #copyLines(bytes: Uint8Array, start: number, end: number): void {
    const lead = this.#lead;
    const leadLength = lead.length;
    const size = output.length;
    let used = this.#used;
    for (let at = start; at < end;) {
      if (size - used < leadLength) {
        this.#used = used;
        this.#flush();
        used = 0;
      }
      for (let i = 0; i < leadLength; i++) output[used++] = lead[i] ?? 0;
      for (;;) {
        const stop = Math.min(end, at + size - used);
        let byte = 0;
        while (at < stop && byte !== LINE_FEED) {
          byte = bytes[at++] ?? 0;
          output[used++] = byte;
        }
        if (byte === LINE_FEED || at === end) break;
        this.#used = used;
        this.#flush();
        used = 0;
      }
    }
    this.#used = used;
  }

  #chooseLines(bytes: Uint8Array<ArrayBuffer>, start: number, end: number): void {
    for (let at = start; at < end;) {
      const feed = bytes.indexOf(LINE_FEED, at);
      if (this.#judge(bytes, at, feed)) {
        this.#put(this.#lead, 0, this.#lead.length);
        if (this.#form.json) {
          this.#putMessage(bytes, at, feed);
          this.#put(JSON_END, 0, JSON_END.length);
        } else {
          this.#put(bytes, at, feed + 1);
        }
      }
      at = feed + 1;
    }
  }

  #beginLong(bytes: Uint8Array<ArrayBuffer>, start: number, end: number): void {
    this.#longTaken = this.#judge(bytes, start, end);
    if (!this.#longTaken) return;
    this.#put(this.#lead, 0, this.#lead.length);
    if (this.#form.json) this.#putMessage(bytes, start, end);
    else this.#put(bytes, start, end);
  }

  #continueLong(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#longTaken) return;
    if (!this.#form.json) return this.#put(bytes, start, end);
    const ends = bytes[end - 1] === LINE_FEED;
    this.#putPiece(bytes, start, ends ? end - 1 : end);
    if (ends) this.#put(JSON_END, 0, JSON_END.length);
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
    if (!this.#form.json) return this.#put(text, 0, text.length);
    this.#put(this.#lead, 0, this.#lead.length);
    this.#putPiece(text, 0, text.length - 1);
    this.#put(JSON_END, 0, JSON_END.length);
  }

  /** The prefix and a line, or the beginning of one, inside a JSON string. */
  #putMessage(bytes: Uint8Array, start: number, end: number): void {
    this.#putPiece(this.#form.prefix, 0, this.#form.prefix.length);
    this.#putPiece(bytes, start, end);
  }

  #putPiece(bytes: Uint8Array, start: number, end: number): void {
    const step = Math.floor(output.length / JSON_EXPANSION);
    for (let at = start; at < end;) {
      const stop = Math.min(end, at + step);
      if (output.length - this.#used < (stop - at) * JSON_EXPANSION) this.#flush();
      this.#used = writeJsonPiece(output, this.#used, bytes, at, stop);
      at = stop;
    }
  }

  #put(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end;) {
      if (this.#used === output.length) this.#flush();
      const stop = Math.min(end, at + output.length - this.#used);
      let used = this.#used;
      while (at < stop) output[used++] = bytes[at++] ?? 0;
      this.#used = used;
    }
  }

  #flush(): void {
    if (this.#used > 0) this.#outlet.write(output.subarray(0, this.#used));
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
