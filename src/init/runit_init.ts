import { argv0 } from "../cli/called_as.ts";
import { Diagnostics, writeStderr } from "../cli/diagnostics.ts";
import { IDENTIFICATION } from "../cli/version.ts";
import { environment, execute } from "../os/process.ts";
import { kill } from "../os/signal.ts";
import { block } from "../os/signal_descriptor.ts";
import { askFor, type Ending } from "./ask.ts";
import { SIGNALS } from "./init.ts";
import { RUNIT } from "./paths.ts";

const FATAL = 111;

/** By the first letter of the argument; the rest of it makes no difference. */
const ENDINGS: Readonly<Record<string, Ending>> = { "0": "halt", "6": "reboot" };

/**
 * runit-init(8): becomes runit as process no 1, and otherwise tells process no 1 to halt or to reboot.
 *
 * @param argv The arguments: `0` or `6`; as process no 1 they make no difference.
 * @param _name The name that it was called by; it makes no difference.
 * @returns The exit code: 0, also for wrong usage, or 111 for what could not be done, which has been said.
 */
export function main(argv: readonly string[], _name: string): Promise<number> {
  return Promise.resolve(Deno.pid === 1 ? becomeRunit() : tellRunit(argv));
}

function becomeRunit(): number {
  try {
    // Saves runit from doing so by starting twice.
    block(SIGNALS);
    execute(RUNIT, ["runit"], environment());
  } catch (error) {
    return fatal("unable to start runit", error);
  }
}

function tellRunit(argv: readonly string[]): number {
  const [word = ""] = argv;
  if (word === "-V") return usage(`${IDENTIFICATION}\n\n`);
  const ending = ENDINGS[word.slice(0, 1)];
  if (ending === undefined || argv.length === 0) return usage("");
  if (Deno.build.os !== "linux") return fatal("process no 1 of this system is not runit");
  const { asked, failures } = askFor(ending);
  for (const { message, cause } of failures) {
    if (!asked) return fatal(message, cause);
    diagnostics().warning(message, cause);
  }
  try {
    kill(1, "CONT");
  } catch (error) {
    return fatal("unable to send CONT to process no 1", error);
  }
  return 0;
}

function diagnostics(): Diagnostics {
  return new Diagnostics("init");
}

function fatal(message: string, cause?: unknown): number {
  diagnostics().fatal(message, cause);
  return FATAL;
}

function usage(first: string): number {
  writeStderr(new TextEncoder().encode(`${first}usage: ${argv0()} 0|6\n\n`));
  return 0;
}
