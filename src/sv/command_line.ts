import { getopts } from "../cli/getopt.ts";
import { IDENTIFICATION } from "../cli/version.ts";
import { type Command, parseCommand } from "./commands.ts";

/** What a command line asks for. */
export interface Request {
  readonly command: Command;
  /** The services by the names given; in LSB mode the one. */
  readonly names: readonly string[];
  /** Whether to wait for a command that does not wait by itself. */
  readonly verbose: boolean;
  /** How long to wait, in seconds. */
  readonly wait: number;
  /** Whether it was called by a service's name, as an init script is. */
  readonly lsb: boolean;
}

/** A command line that asks for nothing that can be done. */
export interface WrongUsage {
  /** What to say on standard error. */
  readonly message: string;
  /** The exit code. */
  readonly code: number;
}

const DEFAULT_WAIT = 7;
const USAGE = 100;
const USAGE_LSB = 2;

/**
 * Reads the command line.
 *
 * @param argv The arguments.
 * @param name The base name that sv was called by: `sv`, or a service's.
 * @param defaultWait The value of `SVWAIT`, if it is set.
 */
export function parseCommandLine(
  argv: readonly string[],
  name: string,
  defaultWait: string | undefined,
): Request | WrongUsage {
  const lsb = name !== "sv";
  const refuse = (reason = ""): WrongUsage => ({
    message: `${reason}usage: ${name} ${
      lsb ? "[-w sec] command" : "[-v] [-w sec] command service ..."
    }\n\n`,
    code: lsb ? USAGE_LSB : USAGE,
  });
  let verbose = false;
  let wait = defaultWait === undefined ? DEFAULT_WAIT : leadingNumber(defaultWait);
  let operands: readonly string[] = [];
  for (const step of getopts(argv, "w:vV")) {
    if (step.kind === "illegal") return refuse(`${name}: illegal option -- ${step.letter}\n`);
    if (step.kind === "incomplete") {
      return refuse(`${name}: option requires an argument -- ${step.letter}\n`);
    }
    if (step.kind === "operands") operands = step.operands;
    else if (step.letter === "V") return refuse(`${IDENTIFICATION}\n`);
    else verbose = true;
    if (step.kind === "option" && step.letter === "w") wait = leadingNumber(step.argument);
  }
  const [word, ...services] = operands;
  const names = lsb ? [name] : services;
  const command = word === undefined ? undefined : parseCommand(word, lsb);
  if (command === undefined || names.length === 0) return refuse();
  return { command, names, verbose, wait, lsb };
}

/** The number that a text begins with; 0 if it begins with none. */
function leadingNumber(text: string): number {
  return Number(/^[0-9]*/.exec(text)?.[0] ?? 0);
}
