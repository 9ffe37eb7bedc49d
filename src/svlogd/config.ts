/**
 * The file `config` of a log directory.
 *
 * @module
 */

import { type SocketAddress, socketAddress } from "../os/datagram.ts";
import { compilePattern, type PatternRule } from "./pattern.ts";

/** How rotated files are compressed. */
export type Compression = "gzip" | "zstd";

/** What a log directory is to do. */
export interface LogConfig {
  /** Size in bytes at which current is rotated; 0 for never. */
  readonly maxSize: number;
  /** How many old files are kept; 0 for all. */
  readonly maxFiles: number;
  /** How many of them are kept when the disk is full; 0 where none may be removed for that. */
  readonly minFiles: number;
  /** Age in seconds at which current is rotated; 0 for never. */
  readonly maxAge: number;
  /** The command that old files go through. */
  readonly processor: Uint8Array<ArrayBuffer> | undefined;
  /** Where lines are sent by UDP. */
  readonly udp: SocketAddress | undefined;
  /** Whether lines that are sent by UDP are kept out of current. */
  readonly udpOnly: boolean;
  /** What every line begins with, after its stamp. */
  readonly prefix: Uint8Array;
  /** Which lines are written. */
  readonly select: readonly PatternRule[];
  /** Which lines are said on standard error. */
  readonly alert: readonly PatternRule[];
  /** How old files are compressed. Not of runit. */
  readonly compression: Compression | undefined;
  /** Whether stamps are in local time, with its offset. Not of runit. */
  readonly localTime: boolean;
  /** Whether each line is written as a JSON object. Not of runit. */
  readonly json: boolean;
}

/** What a log directory does without a config file. */
export const DEFAULT_CONFIG: LogConfig = {
  maxSize: 1_000_000,
  maxFiles: 10,
  minFiles: 0,
  maxAge: 0,
  processor: undefined,
  udp: undefined,
  udpOnly: false,
  prefix: new Uint8Array(0),
  select: [],
  alert: [],
  compression: undefined,
  localTime: false,
  json: false,
};

const LINE_FEED = 0x0a;
const SYSLOG_PORT = 514;

/** Unsigned numbers of the reference are 64 bits wide on disk, and files never that long. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** Units of a size, and of an age. */
const SIZES: Readonly<Record<string, number>> = { k: 1024, m: 1024 * 1024 };
const AGES: Readonly<Record<string, number>> = { m: 60, h: 60 * 60 };

/** Digits at the start of `text`, times the unit that follows them; `undefined` without digits. */
function quantity(text: string, units: Readonly<Record<string, number>> = {}): number | undefined {
  const digits = /^[0-9]+/.exec(text)?.[0];
  if (digits === undefined) return undefined;
  return Math.min(LARGEST, Number(digits) * (units[text.charAt(digits.length)] ?? 1));
}

/** Four numbers with dots between them at the start of `text`, and what follows. */
function address(text: string): { bytes: number[]; rest: string } | undefined {
  const found = /^([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)/.exec(text);
  if (found === null) return undefined;
  return {
    bytes: found.slice(1).map((part) => Number(part) & 0xff),
    rest: text.slice(found[0].length),
  };
}

/**
 * Reads a config file, line by line; the first letter says what a line is about, and of two about the same the later
 * one counts. What makes no sense is passed over.
 *
 * @param content All of the file. A last line without a line feed counts.
 * @param warn Is told what is wrong with an address.
 */
export function parseConfig(content: Uint8Array, warn: (what: string) => void): LogConfig {
  const config: { -readonly [Key in keyof LogConfig]: LogConfig[Key] } = { ...DEFAULT_CONFIG };
  const select: PatternRule[] = [];
  const alert: PatternRule[] = [];
  const decoder = new TextDecoder();
  for (let start = 0; start < content.length;) {
    const feed = content.indexOf(LINE_FEED, start);
    const end = feed < 0 ? content.length : feed;
    const letter = String.fromCharCode(content[start] ?? 0);
    const bytes = content.slice(start + 1, end);
    const text = decoder.decode(bytes);
    start = end + 1;
    switch (letter) {
      case "s":
        config.maxSize = quantity(text, SIZES) ?? config.maxSize;
        break;
      case "n":
        config.maxFiles = quantity(text) ?? config.maxFiles;
        break;
      case "N":
        config.minFiles = quantity(text) ?? config.minFiles;
        break;
      case "t":
        config.maxAge = quantity(text, AGES) ?? config.maxAge;
        break;
      case "!":
        config.processor = bytes.length === 0 ? undefined : bytes;
        break;
      case "u":
      case "U":
        config.udp = parseTarget(text, warn) ?? config.udp;
        config.udpOnly = letter === "U";
        break;
      case "p":
        config.prefix = bytes;
        break;
      case "+":
      case "-":
        select.push({ take: letter === "+", pattern: compilePattern(bytes) });
        break;
      case "e":
      case "E":
        alert.push({ take: letter === "e", pattern: compilePattern(bytes) });
        break;
      case "z":
        config.compression = text === "zstd" ? "zstd" : "gzip";
        break;
      case "l":
        config.localTime = true;
        break;
      case "j":
        config.json = true;
        break;
    }
  }
  return { ...config, select, alert };
}

function parseTarget(text: string, warn: (what: string) => void): SocketAddress | undefined {
  const found = address(text);
  if (found === undefined) {
    warn(`unable to scan ip address: ${text}`);
    return undefined;
  }
  if (!found.rest.startsWith(":")) return socketAddress(found.bytes, SYSLOG_PORT);
  const port = quantity(found.rest.slice(1));
  if (port === undefined) {
    warn(`unable to scan port number: ${found.rest.slice(1)}`);
    return undefined;
  }
  return socketAddress(found.bytes, port & 0xffff);
}
