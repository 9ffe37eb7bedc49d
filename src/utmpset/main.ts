import { argv0 } from "../cli/called_as.ts";
import { Diagnostics, writeStderr } from "../cli/diagnostics.ts";
import { getopts } from "../cli/getopt.ts";
import { IDENTIFICATION } from "../cli/version.ts";
import { AccountingError, addToWtmp, type Logout, logOutOfUtmp } from "./files.ts";
import { recordLayout } from "./record.ts";

const UTMP = "/var/run/utmp";
const WTMP = "/var/log/wtmp";

const USAGE = 1;
const FAILED = 111;

/**
 * utmpset(8): logs a line out of the accounting files.
 *
 * @param argv The arguments: `-w`, and the line.
 * @param name The name that it was called by, for what is said of wrong options.
 * @returns The exit code: 0, 1 for wrong usage, 111 for what could not be done, which has been said.
 */
export function main(argv: readonly string[], name: string): Promise<number> {
  return Promise.resolve(run(argv, name));
}

function run(argv: readonly string[], name: string): number {
  let wtmp = false;
  let line: string | undefined;
  for (const step of getopts(argv, "wV")) {
    if (step.kind === "operands") line = step.operands[0];
    else if (step.kind === "illegal") return usage(`${name}: illegal option -- ${step.letter}\n`);
    else if (step.letter === "V") return usage(`${IDENTIFICATION}\n`);
    else wtmp = true;
  }
  if (line === undefined) return usage("");

  const diagnostics = new Diagnostics("utmpset");
  if (Deno.build.os !== "linux") {
    diagnostics.fatal(`this system has no ${UTMP}`);
    return FAILED;
  }
  const logout: Logout = {
    layout: recordLayout(Deno.build.arch),
    line: new TextEncoder().encode(line),
    name: line,
    seconds: Math.floor(Date.now() / 1000),
  };
  try {
    logOutOfUtmp(UTMP, logout);
    if (wtmp) addToWtmp(WTMP, logout);
    return 0;
  } catch (error) {
    if (!(error instanceof AccountingError)) throw error;
    if (error.fatal) diagnostics.fatal(error.message, error.cause);
    else diagnostics.warning(error.message, error.cause);
    return FAILED;
  }
}

function usage(first: string): number {
  writeStderr(new TextEncoder().encode(`${first}usage: ${argv0()} [-w] line\n\n`));
  return USAGE;
}
