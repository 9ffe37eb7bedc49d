/**
 * The shell around the decisions of `stages.ts`: turns signals, exits and time into events, and actions into system
 * calls. It must survive whatever goes wrong within.
 *
 * @module
 */

import { errorCode } from "../os/error.ts";
import type { Cancel, Reactor } from "../os/reactor.ts";
import type { ReadableSignal } from "../os/signal_descriptor.ts";
import type { Console } from "./console.ts";
import type { InitOs } from "./os.ts";
import { CONSOLE, CTRLALTDEL, type Program } from "./paths.ts";
import { RequestFiles } from "./requests.ts";
import { INITIAL, step } from "./stages.ts";
import type { Action, Event, Request, State } from "./state.ts";

/** What {@linkcode Init} works with. */
export interface InitOptions {
  readonly os: InitOs;
  /** Calls back once, after so many milliseconds on a clock that nobody sets. */
  readonly after: Reactor["after"];
  readonly console: Console;
}

/** The signals that pid 1 reads; it keeps them from having any effect of their own. */
export const SIGNALS: readonly ReadableSignal[] = ["ALRM", "CHLD", "CONT", "INT", "PWR"];

/** Milliseconds until the next try where a process could not be made, as in the reference. */
const RETRY = 5000;

/** Milliseconds that a call to end the system has; what is left then is to halt it. */
const LAST_PAUSE = 2000;

const STAGE_1: Program = "/etc/runit/1";
const STAGE_2: Program = "/etc/runit/2";

/** Errors of making a process, as opposed to those of becoming the program. */
const NO_PROCESS: readonly (string | undefined)[] = ["EAGAIN", "ENOMEM"];

/** Process no 1 of a machine, or of a pid namespace. */
export class Init {
  readonly #os: InitOs;
  readonly #after: Reactor["after"];
  readonly #console: Console;
  readonly #files: RequestFiles;
  /** What runs of that which it has started, by process id. */
  readonly #running = new Map<number, Program>();
  #state: State = INITIAL;
  #timer: Cancel | undefined;
  #retry: { readonly program: Program; readonly cancel: Cancel } | undefined;
  /** The process group of the last stage 2; it may outlive the stage. */
  #stage2: number | undefined;

  constructor({ os, after, console }: InitOptions) {
    this.#os = os;
    this.#after = after;
    this.#console = console;
    this.#files = new RequestFiles(os);
  }

  /** Begins with stage 1. */
  begin(): void {
    this.#dispatch({ type: "begin" });
  }

  /** Takes signals that have come. */
  take(signals: readonly ReadableSignal[]): void {
    // Exits last: a request must not be taken for one in the next stage.
    for (const signal of signals) {
      if (isRequest(signal)) this.#dispatch({ type: "request", request: signal });
    }
    if (signals.includes("CHLD")) this.reap();
  }

  /** Collects every process that has ended, whoever started it. */
  reap(): void {
    for (;;) {
      const ended = this.#nextEnded();
      if (ended === undefined) return;
      const program = this.#running.get(ended.pid);
      if (program === undefined) continue;
      this.#running.delete(ended.pid);
      this.#dispatch({ type: "ended", program, exit: { code: ended.code } });
    }
  }

  #nextEnded(): ReturnType<InitOs["waitChild"]> {
    try {
      return this.#os.waitChild(-1);
    } catch (error) {
      if (errorCode(error) !== "ECHILD") this.#console.warning("unable to collect children", error);
      return undefined;
    }
  }

  #dispatch(event: Event): void {
    // The program's own output may have been the last on the console, and the console may have been hung up since.
    if (event.type === "ended") {
      this.#attempt("attach the console", () => this.#console.attach([2]));
    }
    const { state, actions } = step(this.#state, event, this.#files);
    this.#state = state;
    for (const action of actions) {
      this.#attempt(`do what follows: ${action.type}`, () => this.#perform(action));
    }
  }

  /** One thing that goes wrong must not keep the others from being done. */
  #attempt(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#console.fatal(`unable to ${what}`, error);
    }
  }

  #perform(action: Action): void {
    switch (action.type) {
      case "say":
        this.#console.say(
          `${action.severity === undefined ? "" : `${action.severity}: `}${action.text}`,
        );
        break;
      case "start":
        this.#start(action.program);
        break;
      case "kill":
        this.#kill(action.target, action.signal);
        break;
      case "wait":
        this.#timer?.();
        this.#timer = this.#after(
          action.milliseconds,
          () => this.#dispatch({ type: "time" }),
        );
        break;
      case "stop waiting":
        this.#timer?.();
        break;
      case "take back stop":
        this.#files.takeBackStop();
        break;
      case "finish":
        this.#finish(action.how).catch((error) => this.#console.fatal("unable to end", error));
        break;
    }
  }

  #start(program: Program): void {
    let pid: number;
    try {
      pid = this.#spawn(program);
    } catch (error) {
      if (NO_PROCESS.includes(errorCode(error))) this.#startLater(program, error);
      else this.#couldNotStart(program, error);
      return;
    }
    this.#running.set(pid, program);
    if (program === STAGE_2) this.#stage2 = pid;
  }

  #startLater(program: Program, error: unknown): void {
    this.#console.fatal(`unable to fork for "${program}" pausing`, error);
    const cancel = this.#after(RETRY, () => {
      this.#retry = undefined;
      this.#start(program);
    });
    this.#retry = { program, cancel };
  }

  /** Counts as the end of a program that has nothing to complain of. */
  #couldNotStart(program: Program, error: unknown): void {
    this.#console.fatal(`unable to start child: ${program}`, error);
    this.#endLater(program);
  }

  #endLater(program: Program): void {
    this.#after(0, () => this.#dispatch({ type: "ended", program, exit: { code: 0 } }));
  }

  /**
   * Stage 1 may read from the console. Stages 2 and 3 have a session of their own. The stages ignore CONT, as this
   * process does; the program of the ctrl-alt-del request does not.
   */
  #spawn(program: Program): number {
    const input = program === STAGE_1 ? this.#openConsole() : undefined;
    try {
      this.#console.say(`enter stage: ${program}`);
      return this.#os.spawn({
        path: program,
        argv: [program],
        descriptors: [input, undefined, undefined],
        session: program !== STAGE_1 && program !== CTRLALTDEL,
        defaultSignals: program === CTRLALTDEL ? ["PIPE", "CONT"] : ["PIPE"],
      });
    } finally {
      if (input !== undefined) this.#os.close(input);
    }
  }

  #openConsole(): number | undefined {
    try {
      return this.#os.open(CONSOLE, { access: "both" });
    } catch {
      // Has been said when the streams were attached.
      return undefined;
    }
  }

  #kill(
    target: Extract<Action, { type: "kill" }>["target"],
    signal: Extract<Action, { type: "kill" }>["signal"],
  ): void {
    const pid = target === "everything" ? -1 : this.#stage2;
    if (target === "stage 2" && this.#retry?.program === STAGE_2) {
      // It has not even begun.
      this.#retry.cancel();
      this.#retry = undefined;
      this.#endLater(STAGE_2);
      return;
    }
    // Its number may be that of another process by now.
    if (target === "stage 2" && this.#running.get(pid ?? 0) !== STAGE_2) return;
    if (pid === undefined) return;
    try {
      this.#os.kill(target === "group of stage 2" ? -pid : pid, signal);
    } catch (error) {
      if (errorCode(error) !== "ESRCH") throw error;
    }
  }

  async #finish(how: "reboot" | "power off"): Promise<void> {
    if (this.#files.sync) {
      await this.#os.syncDisks().catch((error) => this.#console.fatal("unable to sync", error));
    }
    await this.#os.endSystem(how);
    if (how === "reboot") return;
    // There may be no switch for the power.
    this.#after(LAST_PAUSE, () => {
      this.#console.say("system halt.");
      this.#os.endSystem("halt").catch((error) => this.#console.fatal("unable to halt", error));
    });
  }
}

function isRequest(signal: ReadableSignal): signal is Request {
  return signal === "CONT" || signal === "INT" || signal === "PWR" || signal === "ALRM";
}
