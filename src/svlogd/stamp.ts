/**
 * The stamps that lines begin with.
 *
 * Stamps that follow one another mostly differ in their fractions alone: what belongs to the second is formatted when the second
 * changes, and the fraction is patched in.
 *
 * @module
 */

import type { Time } from "../os/clock.ts";
import { tai64n } from "../tai64n.ts";

/** `tai64n` is `-t`, `underscore` is `-tt`, `iso` is `-ttt`; `local` and `rfc3339` are not of runit. */
export type StampFormat = "tai64n" | "underscore" | "iso" | "local" | "rfc3339";

const HEX = new TextEncoder().encode("0123456789abcdef");
const ZERO = 0x30;

function pad(number: number, width: number): string {
  return String(number).padStart(width, "0");
}

/** How a format writes a second, and where the fraction goes: it is written as zeros. */
interface Layout {
  readonly text: string;
  readonly at: number;
  readonly digits: number;
}

function layout(format: StampFormat, seconds: number): Layout {
  if (format === "tai64n") {
    return { text: `${tai64n({ seconds, nanoseconds: 0 })} `, at: 17, digits: 8 };
  }
  const date = new Date(seconds * 1000);
  if (format === "local") {
    // The offset is that of the time in question, so that a change to summer time shows.
    const offset = -date.getTimezoneOffset();
    const local = new Date(date.getTime() + offset * 60_000).toISOString();
    const size = Math.abs(offset);
    const zone = `${offset < 0 ? "-" : "+"}${pad(Math.floor(size / 60), 2)}:${pad(size % 60, 2)}`;
    return { text: `${local.slice(0, -5)}.00000${zone} `, at: local.length - 4, digits: 5 };
  }
  const utc = date.toISOString().slice(0, -5);
  if (format === "rfc3339") return { text: `${utc}.000000Z`, at: utc.length + 1, digits: 6 };
  const text = format === "underscore" ? utc.replace("T", "_") : utc;
  return { text: `${text}.00000 `, at: utc.length + 1, digits: 5 };
}

/** Makes stamps of one format. */
export class Stamper {
  readonly #format: StampFormat;
  #seconds = NaN;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #at = 0;
  #digits = 0;

  constructor(format: StampFormat) {
    this.#format = format;
  }

  /**
   * The stamp of a point in time, with the blank that separates it from the line (but for `rfc3339`).
   *
   * @returns Bytes that are good until the next call.
   */
  stamp(time: Time): Uint8Array<ArrayBuffer> {
    if (time.seconds !== this.#seconds) {
      const { text, at, digits } = layout(this.#format, time.seconds);
      this.#bytes = new TextEncoder().encode(text);
      this.#at = at;
      this.#digits = digits;
      this.#seconds = time.seconds;
    }
    if (this.#format === "tai64n") this.#patchHex(time.nanoseconds);
    else this.#patchDecimal(time.nanoseconds);
    return this.#bytes;
  }

  #patchHex(nanoseconds: number): void {
    let rest = nanoseconds;
    for (let i = this.#digits - 1; i >= 0; i--) {
      this.#bytes[this.#at + i] = HEX[rest & 15] ?? ZERO;
      rest >>>= 4;
    }
  }

  #patchDecimal(nanoseconds: number): void {
    let rest = Math.floor(nanoseconds / 10 ** (9 - this.#digits));
    for (let i = this.#digits - 1; i >= 0; i--) {
      this.#bytes[this.#at + i] = ZERO + rest % 10;
      rest = Math.floor(rest / 10);
    }
  }
}
