/**
 * Signal dispositions and masks: sigaction(2), sigprocmask(2), kill(2).
 *
 * @module
 */

import { bind, check } from "./_libc.ts";
import { platform, type SignalName } from "./platform.ts";

export type { SignalName } from "./platform.ts";

const libc = {
  sigaction: bind("sigaction", ["i32", "buffer", "buffer"], "i32"),
  sigprocmask: bind("sigprocmask", ["i32", "buffer", "buffer"], "i32"),
  kill: bind("kill", ["i32", "i32"], "i32"),
};

/** What happens on a signal, where no handler is set. */
export type Disposition = "default" | "ignore";

const HANDLER: Readonly<Record<Disposition, bigint>> = { default: 0n, ignore: 1n };

/** The number of a signal on this system. */
export function signalNumber(name: SignalName): number {
  return platform.signals[name];
}

/**
 * A `sigset_t` of these signals.
 *
 * @param signals Their names.
 */
export function signalSet(signals: readonly SignalName[]): Uint8Array<ArrayBuffer> {
  const set = new Uint8Array(platform.sigsetSize);
  for (const signal of signals) {
    const bit = platform.signals[signal] - 1;
    set[bit >> 3] = (set[bit >> 3] ?? 0) | 1 << (bit & 7);
  }
  return set;
}

/**
 * Sends a signal.
 *
 * @param pid A process, or a negative number for a process group.
 * @throws {OsError} With `ESRCH` where there is no such process, with `EPERM` where it is not ours to signal.
 */
export function kill(pid: number, signal: SignalName): void {
  check(libc.kill(pid, platform.signals[signal]), "kill");
}

/** What this process does on a signal; `undefined` where a handler is set. */
export function disposition(signal: SignalName): Disposition | undefined {
  const old = new Uint8Array(platform.sigactionSize);
  check(libc.sigaction(platform.signals[signal], null, old), "sigaction");
  const handler = new DataView(old.buffer).getBigUint64(0, true);
  if (handler === HANDLER.default) return "default";
  return handler === HANDLER.ignore ? "ignore" : undefined;
}

/** Sets what this process, and what it executes, does on a signal. */
export function setDisposition(signal: SignalName, disposition: Disposition): void {
  const action = new Uint8Array(platform.sigactionSize);
  new DataView(action.buffer).setBigUint64(0, HANDLER[disposition], true);
  check(libc.sigaction(platform.signals[signal], action, null), "sigaction");
}

/** All that is set for a signal, handler included, for {@linkcode restoreAction}. */
export function savedAction(signal: SignalName): Uint8Array<ArrayBuffer> {
  const action = new Uint8Array(platform.sigactionSize);
  check(libc.sigaction(platform.signals[signal], null, action), "sigaction");
  return action;
}

/** Sets again what {@linkcode savedAction} has returned. */
export function restoreAction(signal: SignalName, action: Uint8Array<ArrayBuffer>): void {
  check(libc.sigaction(platform.signals[signal], action, null), "sigaction");
}

/** Blocks these signals and no others, for the calling thread and what it executes. */
export function setSignalMask(signals: readonly SignalName[]): void {
  check(libc.sigprocmask(platform.SIG_SETMASK, signalSet(signals), null), "sigprocmask");
}
