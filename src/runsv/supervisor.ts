/**
 * The shell around the decisions of `pair.ts`: turns control characters, exits and timers into events, and actions
 * into system calls. Knows no signals and no arguments, so that one process may hold many.
 *
 * @module
 */

import type { Diagnostics } from "../cli/diagnostics.ts";
import { errorCode, OsError } from "../os/error.ts";
import type { Os } from "../os/os.ts";
import type { Reactor } from "../os/reactor.ts";
import { SuperviseDirectory, SuperviseError } from "../service/supervise.ts";
import type { Children } from "./children.ts";
import type { LoggerHost } from "./hosted_logger.ts";
import { hasLog, normallyDown } from "./layout.ts";
import {
  newPair,
  type Pair,
  type PairAction,
  type PairEvent,
  restartPair,
  stepPair,
  type UnitName,
} from "./pair.ts";
import { cannotFork, Programs } from "./programs.ts";
import { Seat } from "./seat.ts";
import {
  type ExitStatus,
  HOLD,
  type Instant,
  type Program,
  type Unit,
  type UnitAction,
  type UnitEvent,
} from "./unit.ts";

/** What a {@linkcode Supervisor} works with. */
export interface SupervisorOptions {
  readonly os: Os;
  readonly reactor: Reactor;
  readonly children: Children;
  /** The service directory, open. It stays the caller's to close. */
  readonly dir: number;
  readonly diagnostics: Diagnostics;
  /** Give each process a session of its own. @default {false} */
  readonly session?: boolean;
  /** What is their standard error; that of this process if left out. */
  readonly stderr?: number | undefined;
  /** What may take the logger's part in this process. */
  readonly loggers?: LoggerHost | undefined;
  /** Whether to wait for another supervisor that holds the logger, as runsv does. @default {true} */
  readonly waitForLog?: boolean;
  /** Called once it is over: service and logger are down, every descriptor is closed. */
  readonly onExit: () => void;
}

/** Supervises one service and its logger. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #os: Os;
  readonly #dir: number;
  readonly #diagnostics: Diagnostics;
  readonly #seats: { service: Seat; log: Seat | undefined };
  readonly #logPipe: { read: number; write: number } | undefined;
  readonly #programs: Programs;
  /** What was locked. */
  readonly #held: SuperviseDirectory[] = [];
  readonly #events: PairEvent[] = [];
  #dispatching = false;
  #pair: Pair;

  /**
   * Takes the locks and makes everything that is needed; starts nothing yet.
   *
   * @throws {SuperviseError} If that cannot be done, as where another supervisor holds the service.
   */
  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { os, dir, diagnostics } = options;
    this.#os = os;
    this.#dir = dir;
    this.#diagnostics = diagnostics;
    const logged = hasLog(os, dir, diagnostics);
    try {
      this.#logPipe = logged ? os.pipe() : undefined;
    } catch (error) {
      throw new SuperviseError("unable to create log pipe", error);
    }
    const { children, session = false, stderr } = options;
    this.#programs = new Programs({ os, children, dir, session, stderr, logPipe: this.#logPipe });
    const held = this.#held;
    const seats: Seat[] = [];
    const take = (name: UnitName, supervise: SuperviseDirectory): Seat => {
      const seat = this.#seat(name, supervise);
      seats.push(seat);
      seat.saveFirst();
      return seat;
    };
    try {
      const service = SuperviseDirectory.lock(os, dir, "", { wait: false });
      held.push(service);
      const wait = options.waitForLog ?? true;
      const log = logged ? SuperviseDirectory.lock(os, dir, "log/", { wait }) : undefined;
      if (log !== undefined) held.push(log);
      const since = os.wallClock();
      const want = normallyDown(os, dir, "") ? "down" : "up";
      const logWant = normallyDown(os, dir, "log/") ? "down" : "up";
      this.#pair = newPair({ want, since, ...(logged && { logWant }) });
      this.#seats = { service: take("service", service), log: undefined };
      if (log !== undefined) {
        log.skipInitialPid();
        this.#seats.log = take("log", log);
      }
      for (const directory of held) directory.openOk(diagnostics);
    } catch (error) {
      for (const seat of seats) seat.close();
      for (const directory of held) directory.close();
      if (this.#logPipe !== undefined) {
        os.close(this.#logPipe.read);
        os.close(this.#logPipe.write);
      }
      throw error;
    }
  }

  /** Starts what is to run, and listens for commands. */
  start(): void {
    this.#dispatch({ type: "begin" });
  }

  /** As the command `x`: service down, then logger, then over. */
  terminate(): void {
    this.#dispatch({ type: "terminate" });
  }

  #seat(name: UnitName, supervise: SuperviseDirectory): Seat {
    const { os, reactor, diagnostics } = this.#options;
    return new Seat({
      name,
      prefix: name === "log" ? "log/" : "",
      supervise,
      os,
      reactor,
      diagnostics,
      unit: () => this.#unit(name),
      onControl: (characters) =>
        this.#dispatch(
          ...Array.from(characters, (character): PairEvent => ({
            type: "unit",
            unit: name,
            event: { type: "control", character },
          })),
        ),
    });
  }

  #unitEvent(seat: Seat, event: UnitEvent): void {
    this.#dispatch({ type: "unit", unit: seat.name, event });
  }

  /**
   * One event after the other: what happens while one is dealt with waits for its turn. The files are brought up to date
   * after the last, so that a flood of commands does not become a flood of files.
   */
  #dispatch(...events: readonly PairEvent[]): void {
    this.#events.push(...events);
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const { pair, actions } = stepPair(this.#pair, next, this.#now());
        this.#pair = pair;
        for (const action of actions) this.#perform(action);
      }
      this.#saveAll();
    } catch (error) {
      this.#recover(error);
    } finally {
      this.#dispatching = false;
    }
  }

  /** After a slip of ours: what was under way is forgotten, what runs goes on running, and so does its supervision. */
  #recover(error: unknown): void {
    this.#diagnostics.warning("internal error", error);
    const { service, log } = this.#seats;
    const seats = log === undefined ? [service] : [service, log];
    this.#pair = restartPair(this.#pair);
    for (const seat of seats) seat.after(HOLD, () => this.#unitEvent(seat, { type: "due" }));
  }

  #now(): Instant {
    return { wall: this.#os.wallClock(), monotonic: this.#options.reactor.now() };
  }

  #perform(action: PairAction): void {
    switch (action.type) {
      case "unit": {
        const seat = this.#seats[action.unit];
        if (seat !== undefined) this.#performFor(seat, action.action);
        return;
      }
      case "closeLogPipe":
        if (this.#logPipe !== undefined) this.#os.close(this.#logPipe.write);
        return;
      case "checkLogPipe":
        this.#dispatch({ type: "logPipeChecked", unread: this.#hasUnread() });
        return;
      case "exit":
        this.#close();
        return;
    }
  }

  #performFor(seat: Seat, action: UnitAction): void {
    switch (action.type) {
      case "save":
        // Soon: a service that comes back at once is started first and written down afterwards.
        return seat.touch();
      case "start":
        return this.#start(seat, action.program, action.exit);
      case "script":
        return this.#script(seat, action.character);
      case "signal":
        this.#saveAll();
        if (seat.hosted !== undefined) return seat.hosted.signal(action.signal);
        try {
          this.#os.kill(this.#unit(seat.name).pid, action.signal);
        } catch {
          // It has just ended, and we are yet to hear of it.
        }
        return;
      case "timer":
        return seat.after(action.milliseconds, () => this.#unitEvent(seat, { type: "due" }));
    }
  }

  #unit(name: UnitName): Unit {
    return (name === "log" ? this.#pair.log : undefined) ?? this.#pair.service;
  }

  #start(seat: Seat, program: Program, exit: ExitStatus): void {
    if (seat.name === "log" && this.#host(seat)) return;
    // What finish can read is what it was started for.
    if (program === "finish") this.#saveAll();
    const path = `./${program}`;
    const argv = program === "run" ? [path] : [path, `${exit.code}`, `${exit.signal}`];
    const onEnd = (exit: ExitStatus): void => this.#ended(seat, exit);
    try {
      const pid = this.#programs.start({ path, argv, log: seat.name === "log", onEnd });
      this.#unitEvent(seat, { type: "started", pid });
    } catch (error) {
      if (!(error instanceof OsError)) throw error;
      if (cannotFork(error)) {
        this.#diagnostics.warning("unable to fork, sleeping", error);
        this.#unitEvent(seat, { type: "notForked" });
        return;
      }
      this.#diagnostics.fatal(`unable to start ${seat.prefix}${path}`, error);
      this.#unitEvent(seat, { type: "notExecuted", finish: this.#hasFinish(seat) });
    }
  }

  /** Starts the logger in this process, if it is of that kind. Its pid is then the supervisor's own. */
  #host(seat: Seat): boolean {
    const input = this.#logPipe?.read;
    if (input === undefined) return false;
    const onEnd = (exit: ExitStatus): void => {
      seat.hosted = undefined;
      this.#ended(seat, exit);
    };
    seat.hosted = this.#options.loggers?.start({ dir: this.#dir, input, onEnd });
    if (seat.hosted === undefined) return false;
    this.#unitEvent(seat, { type: "started", pid: Deno.pid });
    return true;
  }

  #ended(seat: Seat, exit: ExitStatus): void {
    this.#unitEvent(seat, { type: "ended", exit, finish: this.#hasFinish(seat) });
  }

  #hasFinish(seat: Seat): boolean {
    return seat.name === "service" && this.#programs.hasFinish;
  }

  #script(seat: Seat, character: string): void {
    const path = `control/${character}`;
    const answer = (replaced: boolean): void =>
      this.#unitEvent(seat, { type: "scriptEnded", replaced });
    try {
      const { mode } = this.#os.stat(path, this.#dir);
      if ((mode & 0o100) === 0) return answer(false);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") this.#diagnostics.warning(`unable to stat ${path}`, error);
      return answer(false);
    }
    this.#saveAll();
    const onEnd = ({ code, signal }: ExitStatus): void => answer(code === 0 || signal !== 0);
    try {
      this.#programs.start({ path, argv: [path], onEnd });
    } catch (error) {
      // The reference says the question mark here, whatever the character.
      if (!cannotFork(error)) this.#diagnostics.fatal("unable to run control/?", error);
      else this.#diagnostics.warning(`unable to fork for ${path}`, error);
      answer(false);
    }
  }

  /** Brings the files of both up to date, where they are behind. */
  #saveAll(): void {
    this.#seats.service.catchUp();
    this.#seats.log?.catchUp();
  }

  #hasUnread(): boolean {
    return this.#logPipe !== undefined && this.#os.hasInput(this.#logPipe.read);
  }

  /** The processes of the service and of the logger; 0 where there is none that is not this one. */
  get pids(): { readonly service: number; readonly log: number } {
    const { service, log } = this.#pair;
    const hosted = this.#seats.log?.hosted !== undefined;
    return { service: service.pid, log: hosted ? 0 : log?.pid ?? 0 };
  }

  #close(): void {
    this.#saveAll();
    this.#seats.service.close();
    this.#seats.log?.close();
    for (const directory of this.#held) directory.close();
    if (this.#logPipe !== undefined) {
      this.#os.close(this.#logPipe.read);
      if (!this.#pair.logPipeClosed) this.#os.close(this.#logPipe.write);
    }
    this.#options.onExit();
  }
}
