import { argv0 } from "../cli/called_as.ts";
import { Diagnostics, writeStderr } from "../cli/diagnostics.ts";
import { PollReactor } from "../os/reactor.ts";
import { setSignalMask } from "../os/signal.ts";
import { type Arguments, parseArguments, USAGE } from "./arguments.ts";
import { RunsvProcesses } from "./runsv_processes.ts";
import { Supervisor } from "./supervisor.ts";
import type { TitleLog } from "./title.ts";

/** Milliseconds between the signal that ends an init, and the killing. */
const GRACE = 10_000;

/**
 * runsvdir(8): starts and monitors a runsv for each service directory in a directory.
 *
 * @param argv The arguments: `--init`, `--grace SEC`, `--single-process`, `--no-builtin-log`, `-P`, the directory,
 * a place for a log.
 * @param _name The name that it was called by; it makes no difference.
 * @returns The exit code: 0 on TERM, 111 on HUP, 1 for wrong usage.
 */
export async function main(argv: readonly string[], _name: string): Promise<number> {
  const args = parseArguments(argv);
  if (args === undefined) {
    writeStderr(new TextEncoder().encode(`usage: ${argv0()} ${USAGE}\n\n`));
    return 1;
  }
  const single = args.singleProcess ? await import("./single_process.ts") : undefined;
  const reactor = single?.reactorForMany((error) => diagnostics.warning("internal error", error)) ??
    new PollReactor();
  const title = await openLog(args, argv, reactor);
  const name = `runsvdir ${args.dir}`;
  const diagnostics = new Diagnostics(name, title?.sink ?? writeStderr);
  const init = args.init || Deno.pid === 1;
  if (init && Deno.pid !== 1) {
    const { adoptOrphans } = await import("../os/process_table.ts");
    try {
      adoptOrphans();
    } catch (error) {
      diagnostics.warning("unable to adopt orphans", error);
    }
  }
  let code = 0;
  const supervisor = new Supervisor({
    path: args.dir,
    reactor,
    diagnostics,
    supervise: (events) =>
      single?.superviseHere({ reactor, events, diagnostics, args, title }) ??
        new RunsvProcesses({
          reactor,
          events,
          path: args.dir,
          session: args.session,
          ...(title === undefined ? {} : { stderr: title.descriptor }),
        }),
    grace: init ? args.grace ?? GRACE : args.singleProcess ? args.grace ?? Infinity : undefined,
    onExit: (exitCode) => {
      code = exitCode;
      reactor.stop();
    },
  });
  reactor.onSignal("TERM", () => supervisor.terminate());
  if (init) reactor.onSignal("INT", () => supervisor.terminate());
  reactor.onSignal("HUP", () => supervisor.hangUp());
  reactor.onSignal("ALRM", () => supervisor.rescan());
  // A parent may have blocked what it lives on.
  setSignalMask([]);
  supervisor.start();
  await reactor.run();
  return code;
}

/** The readproctitle log, if one is wanted and can be had. */
async function openLog(
  args: Arguments,
  argv: readonly string[],
  reactor: PollReactor,
): Promise<TitleLog | undefined> {
  const diagnostics = new Diagnostics(`runsvdir ${args.dir}`);
  if (args.logTooShort) diagnostics.warning("log must have at least seven characters.");
  if (args.log !== undefined) {
    const { TitleLog } = await import("./title.ts");
    const index = argv.length - args.trailing - 1;
    const log = TitleLog.open(argv0(), argv, index, reactor, diagnostics);
    if (log !== undefined) return log;
  }
  if (args.logTooShort || args.log !== undefined) diagnostics.warning("log service disabled.");
  return undefined;
}
