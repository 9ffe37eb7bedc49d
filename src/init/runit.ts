import { argv0 } from "../cli/called_as.ts";
import { writeStderr } from "../cli/diagnostics.ts";
import { IDENTIFICATION } from "../cli/version.ts";
import { environment, execute } from "../os/process.ts";
import { type Cancel, PollReactor } from "../os/reactor.ts";
import { takeCtrlAltDel } from "../os/reboot.ts";
import { setDisposition } from "../os/signal.ts";
import { block, SignalDescriptor } from "../os/signal_descriptor.ts";
import { startSession } from "../os/surroundings.ts";
import { Console } from "./console.ts";
import { Init, SIGNALS } from "./init.ts";
import { hostOs } from "./os.ts";
import { survive } from "./survive.ts";

const FATAL = 111;

/** Milliseconds between two tries to wait for events, where that fails. */
const PAUSE = 1000;

/**
 * runit(8): process no 1, which boots, runs and ends the system in three stages.
 *
 * @param argv The arguments; the kernel passes on what it does not know itself. They make no difference.
 * @param _name The name that it was called by; it makes no difference.
 * @returns The exit code 111 where it is not process no 1. In all other cases it does not return.
 */
export async function main(argv: readonly string[], _name: string): Promise<number> {
  if (Deno.pid !== 1) {
    writeStderr(new TextEncoder().encode("- runit: fatal: must be run as process no 1.\n"));
    return FATAL;
  }
  const console = new Console(hostOs);
  survive(console);
  attempt(console, "block signals", () => blockInAllThreads(argv));
  // Fails only where it leads a session already.
  attempt(undefined, "start a session", startSession);
  attempt(console, "attach the console", () => console.attach([0, 1, 2]));
  // Whatever it starts ignores the signal, as under the reference; it reads the signal itself nevertheless.
  attempt(console, "ignore CONT", () => setDisposition("CONT", "ignore"));
  // Fails in a pid namespace, which has no keyboard.
  attempt(undefined, "take ctrl-alt-del", takeCtrlAltDel);
  console.say(`${IDENTIFICATION}: booting.`);
  const init = new Init({ os: hostOs, after, console });
  let waiting = listen(init, console);
  init.begin();
  for (;;) {
    await waiting;
    // Should waiting fail for good, this is what is left: orphans are collected, and stages end.
    attempt(console, "collect children", () => init.reap());
    await new Promise<void>((resolve) => after(PAUSE, resolve));
    waiting = listen(init, console);
  }
}

/**
 * Blocks what it reads by becoming itself again with these signals blocked: only so they are in all threads.
 */
function blockInAllThreads(argv: readonly string[]): void {
  if (!block(SIGNALS)) execute(Deno.execPath(), [argv0(), ...argv], environment());
}

/** Waits for signals, from now on and for ever. What it returns is fulfilled if that has failed, which it says. */
async function listen(init: Init, console: Console): Promise<void> {
  try {
    using signals = new SignalDescriptor(SIGNALS);
    const reactor = new PollReactor();
    reactor.onReadable(signals.fd, () => {
      attempt(console, "take a signal", () => init.take(signals.read()));
    });
    await reactor.run();
  } catch (error) {
    console.fatal("unable to wait for signals, pausing", error);
  }
}

function attempt(console: Console | undefined, what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    console?.fatal(`unable to ${what}`, error);
  }
}

function after(milliseconds: number, callback: () => void): Cancel {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}
