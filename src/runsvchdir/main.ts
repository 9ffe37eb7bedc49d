import { argv0 } from "../cli/called_as.ts";
import { writeStderr, writeStdout } from "../cli/diagnostics.ts";
import { reason } from "../os/error.ts";
import { SwitchError, switchTo } from "./switch.ts";

/** Where the services directories are that can be switched between. */
const BASE = "/etc/runit/runsvdir";

const encoder = new TextEncoder();

/**
 * runsvchdir(8): changes the services directory of runsvdir.
 *
 * @param argv The arguments: the new directory; what follows is not looked at.
 * @param _name The name that it was called by; it makes no difference.
 * @returns The exit code: 0, 1 for wrong usage, 111 for any failure.
 */
export function main(argv: readonly string[], _name: string): Promise<number> {
  return Promise.resolve(run(argv));
}

function run(argv: readonly string[]): number {
  const [dir] = argv;
  if (dir === undefined) {
    writeStderr(encoder.encode(`usage: ${argv0()} dir\n\n`));
    return 1;
  }
  try {
    if (dir.startsWith(".")) throw new SwitchError(`${dir}: must not start with a dot.`);
    const switched = switchTo(BASE, dir);
    writeStdout(encoder.encode(`runsvchdir: ${dir}: ${switched ? "now " : ""}current.\n`));
    return 0;
  } catch (error) {
    if (!(error instanceof SwitchError)) throw error;
    const why = error.cause === undefined ? "" : `: ${reason(error.cause)}`;
    writeStderr(encoder.encode(`${argv0()}: fatal: ${error.message}${why}\n`));
    return 111;
  }
}
