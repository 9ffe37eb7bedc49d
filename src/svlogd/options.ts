import { getopts } from "../cli/getopt.ts";
import { type Replacement, replacement } from "./replacement.ts";
import type { StampFormat } from "./stamp.ts";

/** A command line of svlogd. */
export interface CommandLine {
  readonly stamp: StampFormat | undefined;
  readonly replacement: Replacement | undefined;
  /** `len`. */
  readonly lineLength: number;
  readonly verbose: boolean;
  /** The log directories. */
  readonly names: readonly string[];
}

/** What is wrong with a command line, or asked for by it: the usage follows. */
export interface UsageRequest {
  /** Whether it is to say what it is, first. */
  readonly identify: boolean;
  /** What getopt(3) has to say, first. */
  readonly complaint: string | undefined;
}

const DEFAULT_LINE_LENGTH = 1000;
const DEFAULT_BUFFER_LENGTH = 1024;
const STAMPS: readonly (StampFormat | undefined)[] = [undefined, "tai64n", "underscore", "iso"];
const UNDERSCORE = "_";

/**
 * Reads a command line of svlogd.
 *
 * The buffer length `-b` is checked as the reference does it, and has no other effect: blocks are larger than any that one
 * would ask for.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine | UsageRequest {
  const encoder = new TextEncoder();
  let stamps = 0;
  let by: string | undefined;
  let set: string | undefined;
  let lineLength = DEFAULT_LINE_LENGTH;
  let bufferLength = DEFAULT_BUFFER_LENGTH;
  let verbose = false;
  let names: readonly string[] = [];
  for (const step of getopts(argv, "R:r:l:b:tvV")) {
    if (step.kind === "operands") {
      names = step.operands;
      continue;
    }
    if (step.kind !== "option") {
      const what = step.kind === "illegal" ? "illegal option" : "option requires an argument";
      return usage(`${what} -- ${step.letter}`);
    }
    const { letter, argument } = step;
    switch (letter) {
      case "R":
        set = argument;
        by ??= UNDERSCORE;
        break;
      case "r":
        // A single byte: one character of ASCII.
        if (encoder.encode(argument).length !== 1) return usage();
        by = argument;
        break;
      case "l":
        lineLength = leadingNumber(argument) || DEFAULT_LINE_LENGTH;
        break;
      case "b":
        bufferLength = leadingNumber(argument) || DEFAULT_BUFFER_LENGTH;
        break;
      case "t":
        stamps = Math.min(stamps + 1, STAMPS.length - 1);
        break;
      case "v":
        verbose = true;
        break;
      case "V":
        return { identify: true, complaint: undefined };
    }
  }
  if (names.length === 0 || bufferLength <= lineLength) return usage();
  return {
    stamp: STAMPS[stamps],
    replacement: by === undefined
      ? undefined
      : replacement(by.charCodeAt(0), encoder.encode(set ?? "")),
    lineLength,
    verbose,
    names,
  };
}

function usage(complaint?: string): UsageRequest {
  return { identify: false, complaint };
}

/** The number that a text begins with, 0 if with none. */
function leadingNumber(text: string): number {
  return Math.min(Number(/^[0-9]*/.exec(text)?.[0] ?? 0), 2 ** 30);
}
