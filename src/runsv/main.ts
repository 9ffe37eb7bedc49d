import { argv0 } from "../cli/called_as.ts";
import { Diagnostics, sayRejections, writeStderr } from "../cli/diagnostics.ts";
import { changeDirectory, open } from "../os/descriptor.ts";
import { hostOs } from "../os/os.ts";
import { PollReactor } from "../os/reactor.ts";
import { setSignalMask } from "../os/signal.ts";
import { SuperviseError } from "../service/supervise.ts";
import { Children } from "./children.ts";
import type { LoggerHost } from "./hosted_logger.ts";
import { hasLogRun } from "./layout.ts";
import { Supervisor } from "./supervisor.ts";

/** It could not start, or another one runs in the directory. */
const FATAL = 111;

/**
 * runsv(8): supervises the service in a directory, and its logger.
 *
 * @param argv The arguments: the directory.
 * @param _name The name that it was called by; it makes no difference.
 * @returns The exit code: 0 when it was told to exit, 1 for wrong usage, 111 for what keeps it from starting.
 */
export async function main(argv: readonly string[], _name: string): Promise<number> {
  const [path] = argv;
  if (path === undefined || argv.length !== 1) {
    writeStderr(new TextEncoder().encode(`usage: ${argv0()} dir\n\n`));
    return 1;
  }
  const diagnostics = new Diagnostics(`runsv ${path}`);
  let dir: number;
  try {
    dir = open(path, { search: true });
    changeDirectory(dir);
  } catch (error) {
    diagnostics.fatal("unable to change to directory", error);
    return FATAL;
  }
  // Whatever goes wrong in here, the service is not to be left alone.
  const reactor = new PollReactor({
    onError: (error) => diagnostics.warning("internal error", error),
  });
  const children = new Children(hostOs, reactor);
  let supervisor: Supervisor | undefined;
  let told = false;
  reactor.onSignal("TERM", () => {
    told = true;
    supervisor?.terminate();
  });
  // A parent may have blocked the two that it lives on.
  setSignalMask([]);
  try {
    const options = {
      os: hostOs,
      reactor,
      children,
      dir,
      diagnostics,
      loggers: await findLoggers(dir, reactor, children, diagnostics),
      onExit: () => reactor.stop(),
    };
    supervisor = new Supervisor(options);
  } catch (error) {
    if (!(error instanceof SuperviseError)) throw error;
    diagnostics.fatal(error.message, error.cause);
    return FATAL;
  }
  supervisor.start();
  if (told) supervisor.terminate();
  await reactor.run();
  return 0;
}

/** What hosts the logger, where there is no `log/run`; what svlogd works with may be made later. Else nothing of it is loaded. */
async function findLoggers(
  dir: number,
  reactor: PollReactor,
  children: Children,
  diagnostics: Diagnostics,
): Promise<LoggerHost | undefined> {
  if (hasLogRun(hostOs, dir)) return undefined;
  // What a logger waits for has nobody else who would catch its slips.
  sayRejections(diagnostics);
  const { BuiltinLoggers } = await import("../hosting/builtin_loggers.ts");
  return new BuiltinLoggers({ os: hostOs, reactor, children, scripts: false });
}
