/**
 * Signals as something to read: signalfd(2). Linux only.
 *
 * A signal that is blocked in all threads is kept until it is read, whatever its disposition: so none is lost, not even
 * while this process ignores it for the sake of its children. Threads get their mask from the one that made them, and a
 * program from the one before it; as Deno has threads before our first line, the signals must have been blocked
 * before the program was executed.
 *
 * @module
 */

import { bind, check } from "./_libc.ts";
import { close, read } from "./descriptor.ts";
import { platform, type SignalName } from "./platform.ts";

const libc = {
  signalfd: bind("signalfd", ["i32", "buffer", "i32"], "i32"),
  sigprocmask: bind("sigprocmask", ["i32", "buffer", "buffer"], "i32"),
};

/** The signals that can be read: those of {@linkcode SignalName}, and that of a failing power supply. */
export type ReadableSignal = SignalName | "PWR";

/** Number of SIGPWR on x86_64 and aarch64, signal(7). */
const PWR = 30;

/** sigprocmask(2) on Linux. */
const SIG_BLOCK = 0;

/** `struct signalfd_siginfo`; its first 4 bytes are the signal's number. */
const INFO_SIZE = 128;

function number(signal: ReadableSignal): number {
  return signal === "PWR" ? PWR : platform.signals[signal];
}

function set(signals: readonly ReadableSignal[]): Uint8Array<ArrayBuffer> {
  const bits = new Uint8Array(platform.sigsetSize);
  for (const signal of signals) {
    const bit = number(signal) - 1;
    bits[bit >> 3] = (bits[bit >> 3] ?? 0) | 1 << (bit & 7);
  }
  return bits;
}

/**
 * Blocks signals in this thread, beside those that it blocks already; and so in what it executes.
 *
 * @returns Whether all of them were blocked before.
 */
export function block(signals: readonly ReadableSignal[]): boolean {
  const before = new Uint8Array(platform.sigsetSize);
  const wanted = set(signals);
  check(libc.sigprocmask(SIG_BLOCK, wanted, before), "sigprocmask");
  return wanted.every((bits, i) => ((before[i] ?? 0) & bits) === bits);
}

/** Reads signals that are blocked in all threads. */
export class SignalDescriptor implements Disposable {
  /** Can be read from when a signal is there. Closed on exec. */
  readonly fd: number;
  readonly #names: ReadonlyMap<number, ReadableSignal>;
  readonly #buffer = new Uint8Array(INFO_SIZE * 16);

  /** @throws {OsError} As signalfd(2) fails. */
  constructor(signals: readonly ReadableSignal[]) {
    this.#names = new Map(signals.map((signal) => [number(signal), signal]));
    const flags = platform.open.CLOEXEC | platform.open.NONBLOCK;
    this.fd = check(libc.signalfd(-1, set(signals), flags), "signalfd");
  }

  /** The signals that have come since the last call; several of a kind may have become one. Does not wait. */
  read(): ReadableSignal[] {
    const count = read(this.fd, this.#buffer) ?? 0;
    const view = new DataView(this.#buffer.buffer);
    const signals: ReadableSignal[] = [];
    for (let offset = 0; offset + INFO_SIZE <= count; offset += INFO_SIZE) {
      const signal = this.#names.get(view.getUint32(offset, true));
      if (signal !== undefined) signals.push(signal);
    }
    return signals;
  }

  [Symbol.dispose](): void {
    close(this.fd);
  }
}
