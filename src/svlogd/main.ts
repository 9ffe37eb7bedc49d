/**
 * `svlogd`: a log writer that is fed from standard input.
 *
 * @module
 */

import { Diagnostics, writeStderr } from "../cli/diagnostics.ts";
import { waitChild } from "../os/process.ts";
import { PollReactor } from "../os/reactor.ts";
import { hostSystem, type LogHost } from "./host.ts";
import { Input } from "./input.ts";
import { LogWriter } from "./log_writer.ts";
import { type CommandLine, parseCommandLine, type UsageRequest } from "./options.ts";

const FAILURE = 111;
const STDIN = 0;

/**
 * Runs svlogd.
 *
 * @param argv The words after the name.
 * @param name The name that it was called by.
 * @returns The exit code.
 */
export async function main(argv: readonly string[], name: string): Promise<number> {
  const line = parseCommandLine(argv);
  return "names" in line ? await run(line) : await usage(line, name);
}

async function usage(request: UsageRequest, name: string): Promise<number> {
  if (request.identify) {
    const { IDENTIFICATION } = await import("../cli/version.ts");
    writeStderr(new TextEncoder().encode(`${IDENTIFICATION}\n`));
  }
  const complaint = request.complaint === undefined ? "" : `${name}: ${request.complaint}\n`;
  // The usage names the command as it was typed.
  const { argv0 } = (await import("node:process")).default;
  const command = argv0.endsWith(`/${name}`) ? argv0 : name;
  writeStderr(
    new TextEncoder().encode(
      `${complaint}usage: ${command} [-ttv] [-r c] [-R abc] [-l len] [-b buflen] dir ...\n\n`,
    ),
  );
  return FAILURE;
}

async function run(line: CommandLine): Promise<number> {
  const diagnostics = new Diagnostics("svlogd");
  const reactor = new PollReactor();
  const children = new Map<number, (code: number) => void>();
  const info = (what: string): void => {
    if (line.verbose) diagnostics.say("info", what);
  };
  const host: LogHost = {
    system: hostSystem,
    after: (milliseconds, callback) => reactor.after(milliseconds, callback),
    onEnd: (pid, callback) => children.set(pid, callback),
    say: (severity, what, error) => diagnostics.say(severity, what, error),
    alert: writeStderr,
    verbose: line.verbose,
  };
  let code = 0;
  // Listened to before anything else: what would end another process must not end this one. They are answered once it
  // waits, and all is there by then.
  reactor.onSignal("CHLD", () => {
    info("sigchild received.");
    collect(children);
  });
  reactor.onSignal("TERM", () => {
    info("sigterm received.");
    input.stop();
  });
  reactor.onSignal("ALRM", () => {
    info("sigalarm received.");
    writer.rotate();
    input.resume();
  });
  reactor.onSignal("HUP", () => {
    info("sighangup received.");
    writer.reopen();
    input.resume();
  });
  const writer = new LogWriter(line.names, line, host, () => {
    if (writer.isFunctional) return input.resume();
    code = noDirectories(diagnostics);
    reactor.stop();
  });
  if (!writer.isFunctional) return noDirectories(diagnostics);
  const input = new Input({
    fd: STDIN,
    reactor,
    writer,
    lineLength: line.lineLength,
    onEnd: (error) => {
      if (error !== undefined) diagnostics.warning("unable to read standard input", error);
      writer.endLine();
      writer.close().then(() => reactor.stop());
    },
  });
  input.resume();
  await reactor.run();
  return code;
}

function noDirectories(diagnostics: Diagnostics): number {
  diagnostics.fatal("no functional log directories.");
  return FAILURE;
}

/** Tells who waits for a child that it has ended. */
function collect(children: Map<number, (code: number) => void>): void {
  for (const [pid, callback] of [...children]) {
    const ended = waitChild(pid);
    if (ended === undefined) continue;
    children.delete(pid);
    callback(ended.code);
  }
}
