/**
 * The status record of a service, as runsv keeps it in `supervise/status`. The layout is that of daemontools'
 * supervise with two bytes more:
 *
 * | bytes | meaning |
 * | --- | --- |
 * | 0–7 | TAI seconds, big-endian: 2^62 + 10 + seconds since 1970 |
 * | 8–11 | nanoseconds, big-endian |
 * | 12–15 | process id, little-endian; 0 where there is none |
 * | 16 | 1 if paused |
 * | 17 | what is wanted: `u` or `d` |
 * | 18 | 1 if TERM was sent to the process |
 * | 19 | 0 down, 1 run, 2 finish |
 *
 * @module
 */

import type { Time } from "../os/clock.ts";

/** What a service is doing. */
export type ServiceState = "down" | "run" | "finish";

/** What a service is to do. An exit is wanted-down on disk. */
export type Want = "up" | "down";

/** A service as its status record tells it. */
export interface ServiceStatus {
  /** When it last came into run or down. */
  readonly since: Time;
  /** The process of run or finish; 0 where there is none. */
  readonly pid: number;
  /** Whether it was told to pause. */
  readonly paused: boolean;
  readonly want: Want;
  /** Whether TERM was sent to this process. */
  readonly gotTerm: boolean;
  readonly state: ServiceState;
}

/** The size of a record in bytes. */
export const STATUS_SIZE = 20;

/** The high word of 2^62, and the ten seconds by which TAI was ahead when the count began. */
const TAI_HIGH = 0x40000000;
const TAI_OFFSET = 10;
const WORD = 2 ** 32;

const STATES = ["down", "run", "finish"] as const;

/** Makes the record. */
export function encodeStatus(status: ServiceStatus): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(STATUS_SIZE);
  const view = new DataView(record.buffer);
  const seconds = status.since.seconds + TAI_OFFSET;
  view.setUint32(0, TAI_HIGH + Math.floor(seconds / WORD));
  view.setUint32(4, seconds % WORD + (seconds < 0 ? WORD : 0));
  view.setUint32(8, status.since.nanoseconds);
  view.setUint32(12, status.pid, true);
  record[16] = status.paused ? 1 : 0;
  record[17] = (status.want === "up" ? "u" : "d").charCodeAt(0);
  record[18] = status.gotTerm ? 1 : 0;
  record[19] = STATES.indexOf(status.state);
  return record;
}

/** The fields of a record as they are, odd values included. */
export interface StatusRecord {
  /** TAI seconds, 2^62 + 10 + seconds since 1970. */
  readonly tai: bigint;
  /** 0 to 999,999,999, if the writer was sane. */
  readonly nanoseconds: number;
  readonly pid: number;
  /** 1 if paused. */
  readonly paused: number;
  /** The character code of `u` or `d`. */
  readonly want: number;
  /** 1 if TERM was sent. */
  readonly gotTerm: number;
  /** 0 down, 1 run, 2 finish. */
  readonly state: number;
}

/** The TAI seconds of a time of the wall clock, in whole seconds since 1970. */
export function taiSeconds(seconds: number): bigint {
  return (BigInt(TAI_HIGH) << 32n) + BigInt(seconds + TAI_OFFSET);
}

/**
 * Reads a record's fields.
 *
 * @returns `undefined` for less than {@linkcode STATUS_SIZE} bytes; what follows them does not count.
 */
export function readRecord(record: Uint8Array): StatusRecord | undefined {
  if (record.length < STATUS_SIZE) return undefined;
  const view = new DataView(record.buffer, record.byteOffset, STATUS_SIZE);
  return {
    tai: view.getBigUint64(0),
    nanoseconds: view.getUint32(8),
    pid: view.getUint32(12, true),
    paused: view.getUint8(16),
    want: view.getUint8(17),
    gotTerm: view.getUint8(18),
    state: view.getUint8(19),
  };
}

/**
 * Reads a record.
 *
 * @returns `undefined` for anything that is not {@linkcode STATUS_SIZE} bytes. Odd bytes inside get a meaning: a want
 * other than `u` is down, a state that does not exist is finish.
 */
export function decodeStatus(record: Uint8Array): ServiceStatus | undefined {
  const fields = record.length === STATUS_SIZE ? readRecord(record) : undefined;
  return fields && {
    since: {
      seconds: Number(BigInt.asIntN(64, fields.tai - taiSeconds(0))),
      nanoseconds: fields.nanoseconds,
    },
    pid: fields.pid,
    paused: fields.paused !== 0,
    want: fields.want === "u".charCodeAt(0) ? "up" : "down",
    gotTerm: fields.gotTerm !== 0,
    state: STATES[fields.state] ?? "finish",
  };
}

/**
 * The line that `supervise/stat` holds, newline included.
 *
 * @param status The service.
 * @param exiting Whether it is to exit when it is down, which the record does not tell.
 */
export function statLine(status: ServiceStatus, exiting: boolean): string {
  let line: string = status.state;
  if (status.paused) line += ", paused";
  if (status.gotTerm) line += ", got TERM";
  if (status.state !== "down") {
    if (exiting) line += ", want exit";
    else if (status.want === "down") line += ", want down";
  }
  return `${line}\n`;
}
