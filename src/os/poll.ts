/**
 * Waiting for descriptors: poll(2).
 *
 * @module
 */

import { bindWaiting } from "./_libc.ts";
import { close, pipe, read, setNonblocking, write } from "./descriptor.ts";

/** One descriptor that is waited for, and for what. */
export interface Watch {
  readonly fd: number;
  /** Whether for room to write, or for something to read. */
  readonly writable: boolean;
  readonly callback: () => void;
}

/** Descriptors that are waited for together. */
export interface DescriptorSet {
  add(watch: Watch): void;
  delete(watch: Watch): void;
  /**
   * Waits on another thread until some are ready, or {@linkcode DescriptorSet.interrupt} is called.
   *
   * @returns Those that are ready; `undefined` where waiting has failed.
   */
  wait(): Promise<readonly Watch[] | undefined>;
  /** Ends the waiting that is under way, or the next. */
  interrupt(): void;
  /** To be called once, when nobody waits any more. */
  close(): void;
}

/** A pipe whose reading end is waited for with the descriptors, so that a byte into it ends the waiting. */
export class Alarm {
  readonly #pipe: { read: number; write: number } = pipe();
  readonly #drain = new Uint8Array(64);
  #rung = false;

  constructor() {
    setNonblocking(this.#pipe.read, true);
    setNonblocking(this.#pipe.write, true);
  }

  get fd(): number {
    return this.#pipe.read;
  }

  ring(): void {
    if (this.#rung) return;
    this.#rung = true;
    write(this.#pipe.write, new Uint8Array(1));
  }

  /** To be called when it has been heard. */
  quiet(): void {
    this.#rung = false;
    while (read(this.#pipe.read, this.#drain) === this.#drain.length);
  }

  close(): void {
    close(this.#pipe.read);
    close(this.#pipe.write);
  }
}

const POLLIN = 0x1;
const POLLOUT = 0x4;
/** `struct pollfd`: int fd, short events, short revents. */
const POLLFD_SIZE = 8;

const poll = bindWaiting("poll", ["buffer", "usize", "i32"]);

/** A set for poll(2): small ones cost least, each change costs as much as the set is large. */
export class PollSet implements DescriptorSet {
  /** In the order in which they were made, so that a turn takes them in that order. */
  readonly #watches = new Set<Watch>();
  readonly #alarm = new Alarm();
  #waiting = false;
  #changed = true;
  /** Room for the table, kept from turn to turn: a new one for each would be most of what a busy loop throws away. */
  #room: DataView<ArrayBuffer> = new DataView(new ArrayBuffer(64 * POLLFD_SIZE));
  #table: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  readonly #polled: Watch[] = [];

  add(watch: Watch): void {
    this.#watches.add(watch);
    this.#change();
  }

  delete(watch: Watch): void {
    if (this.#watches.delete(watch)) this.#change();
  }

  async wait(): Promise<readonly Watch[] | undefined> {
    if (this.#changed) this.#prepare();
    const table = this.#table;
    this.#waiting = true;
    const ready = await poll(table, BigInt(table.length / POLLFD_SIZE), -1);
    this.#waiting = false;
    if (ready < 0) return undefined;
    const view = new DataView(table.buffer);
    if (view.getInt16(6, true) !== 0) this.#alarm.quiet();
    return this.#polled.filter((_, i) => view.getInt16((i + 1) * POLLFD_SIZE + 6, true) !== 0);
  }

  interrupt(): void {
    this.#alarm.ring();
  }

  close(): void {
    this.#alarm.close();
  }

  #change(): void {
    this.#changed = true;
    if (this.#waiting) this.#alarm.ring();
  }

  #prepare(): void {
    this.#polled.length = 0;
    for (const watch of this.#watches) this.#polled.push(watch);
    const size = (this.#polled.length + 1) * POLLFD_SIZE;
    if (this.#room.byteLength < size) this.#room = new DataView(new ArrayBuffer(2 * size));
    const view = this.#room;
    if (this.#table.length !== size || this.#table.buffer !== view.buffer) {
      this.#table = new Uint8Array(view.buffer, 0, size);
    }
    view.setInt32(0, this.#alarm.fd, true);
    view.setInt32(4, POLLIN, true);
    for (const [i, { fd, writable }] of this.#polled.entries()) {
      view.setInt32((i + 1) * POLLFD_SIZE, fd, true);
      // What came back last time is cleared with it.
      view.setInt32((i + 1) * POLLFD_SIZE + 4, writable ? POLLOUT : POLLIN, true);
    }
    this.#changed = false;
  }
}
