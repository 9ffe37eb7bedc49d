/**
 * Waiting for many descriptors: epoll(7) of Linux.
 *
 * @module
 */

import { bind, bindWaiting, check } from "./_libc.ts";
import { close } from "./descriptor.ts";
import { errorCode } from "./error.ts";
import { Alarm, type DescriptorSet, type Watch } from "./poll.ts";

const libc = {
  create: bind("epoll_create1", ["i32"], "i32"),
  control: bind("epoll_ctl", ["i32", "i32", "i32", "buffer"], "i32"),
  wait: bindWaiting("epoll_wait", ["i32", "buffer", "i32", "i32"]),
};

const CLOEXEC = 0o2000000;
const ADD = 1;
const DELETE = 2;
const MODIFY = 3;
const EPOLLIN = 0x1;
const EPOLLOUT = 0x4;
const ALWAYS = 0x8 | 0x10;

/** `struct epoll_event`: 32 bits of events, 64 of data, packed on x86_64 only. */
const DATA = Deno.build.arch === "x86_64" ? 4 : 8;
const EVENT_SIZE = DATA + 8;

/** How many are told at a time; the others come first the next time. */
const MOST = 64;

interface Entry {
  readonly id: number;
  readonly watches: Watch[];
}

/** A set for epoll(7): what it costs does not depend on how large it is. Descriptors of regular files cannot be in it. */
export class EpollSet implements DescriptorSet {
  readonly #epoll = check(libc.create(CLOEXEC), "epoll_create1");
  readonly #alarm = new Alarm();
  readonly #entries = new Map<number, Entry>();
  /** Which descriptor an id stands for. Numbers of descriptors are given again, ids are not. */
  readonly #ids = new Map<number, number>();
  readonly #event = new DataView(new ArrayBuffer(EVENT_SIZE));
  readonly #eventBytes = new Uint8Array(this.#event.buffer);
  readonly #table = new DataView(new ArrayBuffer(MOST * EVENT_SIZE));
  readonly #tableBytes = new Uint8Array(this.#table.buffer);
  #lastId = 0;

  constructor() {
    this.#control(ADD, this.#alarm.fd, EPOLLIN, 0);
  }

  add(watch: Watch): void {
    const { fd } = watch;
    const entry = this.#entries.get(fd);
    if (entry !== undefined) {
      entry.watches.push(watch);
      this.#control(MODIFY, fd, eventsOf(entry), entry.id);
      return;
    }
    const fresh: Entry = { id: ++this.#lastId, watches: [watch] };
    this.#control(ADD, fd, eventsOf(fresh), fresh.id);
    this.#entries.set(fd, fresh);
    this.#ids.set(fresh.id, fd);
  }

  delete(watch: Watch): void {
    const { fd } = watch;
    const entry = this.#entries.get(fd);
    const index = entry?.watches.indexOf(watch) ?? -1;
    if (entry === undefined || index < 0) return;
    entry.watches.splice(index, 1);
    const left = entry.watches.length > 0;
    if (!left) {
      this.#entries.delete(fd);
      this.#ids.delete(entry.id);
    }
    try {
      this.#control(left ? MODIFY : DELETE, fd, eventsOf(entry), entry.id);
    } catch (error) {
      // Whoever watched it may have closed it first.
      if (errorCode(error) === undefined) throw error;
    }
  }

  async wait(): Promise<readonly Watch[] | undefined> {
    const count = await libc.wait(this.#epoll, this.#tableBytes, MOST, -1);
    if (count < 0) return undefined;
    const ready: Watch[] = [];
    for (let i = 0; i < count; i++) {
      const events = this.#table.getUint32(i * EVENT_SIZE, true);
      const id = this.#table.getUint32(i * EVENT_SIZE + DATA, true);
      if (id === 0) this.#alarm.quiet();
      const entry = this.#entries.get(this.#ids.get(id) ?? -1);
      for (const watch of entry?.watches ?? []) {
        if ((events & (eventOf(watch) | ALWAYS)) !== 0) ready.push(watch);
      }
    }
    return ready;
  }

  interrupt(): void {
    this.#alarm.ring();
  }

  close(): void {
    close(this.#epoll);
    this.#alarm.close();
  }

  #control(operation: number, fd: number, events: number, id: number): void {
    this.#event.setUint32(0, events, true);
    this.#event.setUint32(DATA, id, true);
    check(libc.control(this.#epoll, operation, fd, this.#eventBytes), "epoll_ctl");
  }
}

function eventOf({ writable }: Watch): number {
  return writable ? EPOLLOUT : EPOLLIN;
}

function eventsOf({ watches }: Entry): number {
  return watches.reduce((events, watch) => events | eventOf(watch), 0);
}
