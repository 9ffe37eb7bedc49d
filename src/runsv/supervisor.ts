/**
 * The shell around the decisions of `pair.ts`: turns control characters, exits and timers into events, and actions
 * into system calls. Knows no signals and no arguments, so that one process may hold many.
 *
 * @module
 */

import type { Diagnostics } from "../cli/diagnostics.ts";
import { errorCode, OsError } from "../os/error.ts";
import type { Os } from "../os/os.ts";
import type { Cancel, Reactor } from "../os/reactor.ts";
import type { SpawnOptions } from "../os/process.ts";
import { SuperviseDirectory, SuperviseError } from "../service/supervise.ts";
import type { Children } from "./children.ts";
import { hasLog, normallyDown } from "./layout.ts";
import {
  newPair,
  type Pair,
  type PairAction,
  type PairEvent,
  stepPair,
  type UnitName,
} from "./pair.ts";
import type { ExitStatus, Instant, Program, Unit, UnitAction, UnitEvent } from "./unit.ts";

/** What a {@linkcode Supervisor} works with. */
export interface SupervisorOptions {
  readonly os: Os;
  readonly reactor: Reactor;
  readonly children: Children;
  /** The service directory, open. It stays the caller's to close. */
  readonly dir: number;
  readonly diagnostics: Diagnostics;
  /** Called once it is over: service and logger are down, every descriptor is closed. */
  readonly onExit: () => void;
}

/** A failed save is tried again after this many milliseconds, then after twice as many, and so on. */
const FIRST_RETRY = 500;
const LAST_RETRY = 60_000;

/** The shell's part of a unit. */
interface Seat {
  readonly name: UnitName;
  /** `""` or `"log/"`, as diagnostics and paths have it. */
  readonly prefix: "" | "log/";
  readonly supervise: SuperviseDirectory;
  watch: Cancel;
  /** The files are behind the state. */
  behind: boolean;
  timer: Cancel | undefined;
  retry: Cancel | undefined;
  /** Milliseconds until the next try, and what was last said of it. */
  delay: number;
  said: string | undefined;
}

/** Supervises one service and its logger. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #os: Os;
  readonly #dir: number;
  readonly #diagnostics: Diagnostics;
  readonly #seats: { service: Seat; log: Seat | undefined };
  readonly #logPipe: { read: number; write: number } | undefined;
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
    const held: SuperviseDirectory[] = [];
    try {
      const service = SuperviseDirectory.lock(os, dir, "", { wait: false });
      held.push(service);
      const log = logged ? SuperviseDirectory.lock(os, dir, "log/", { wait: true }) : undefined;
      if (log !== undefined) held.push(log);
      const since = os.wallClock();
      const want = normallyDown(os, dir, "") ? "down" : "up";
      const logWant = normallyDown(os, dir, "log/") ? "down" : "up";
      this.#pair = newPair({ want, since, ...(logged && { logWant }) });
      this.#seats = { service: this.#seat("service", "", service), log: undefined };
      if (log !== undefined) {
        log.skipInitialPid();
        this.#seats.log = this.#seat("log", "log/", log);
      }
      for (const directory of held) directory.openOk(diagnostics);
    } catch (error) {
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

  #seat(name: UnitName, prefix: "" | "log/", supervise: SuperviseDirectory): Seat {
    const seat: Seat = {
      name,
      prefix,
      supervise,
      watch: () => {},
      behind: false,
      timer: undefined,
      retry: undefined,
      delay: FIRST_RETRY,
      said: undefined,
    };
    const control = supervise.openControl(this.#diagnostics);
    seat.watch = this.#listen(seat, control);
    this.#save(seat);
    return seat;
  }

  #listen(seat: Seat, control: number): Cancel {
    const buffer = new Uint8Array(256);
    return this.#options.reactor.onReadable(control, () => {
      const count = this.#read(control, buffer);
      for (const byte of buffer.subarray(0, count)) {
        this.#unitEvent(seat, { type: "control", character: String.fromCharCode(byte) });
      }
    });
  }

  #read(fd: number, buffer: Uint8Array<ArrayBuffer>): number {
    try {
      return this.#os.read(fd, buffer) ?? 0;
    } catch (error) {
      this.#diagnostics.warning("unable to read control", error);
      return 0;
    }
  }

  #unitEvent(seat: Seat, event: UnitEvent): void {
    this.#dispatch({ type: "unit", unit: seat.name, event });
  }

  /** One event after the other: what happens while one is dealt with waits for its turn. */
  #dispatch(event: PairEvent): void {
    this.#events.push(event);
    if (this.#dispatching) return;
    this.#dispatching = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const { pair, actions } = stepPair(this.#pair, next, this.#now());
        this.#pair = pair;
        for (const action of actions) this.#perform(action);
      }
      this.#saveAll();
    } finally {
      this.#dispatching = false;
    }
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
        seat.behind = true;
        return;
      case "start":
        return this.#start(seat, action.program, action.exit);
      case "script":
        return this.#script(seat, action.character);
      case "signal":
        this.#saveAll();
        try {
          this.#os.kill(this.#unit(seat).pid, action.signal);
        } catch {
          // It has just ended, and we are yet to hear of it.
        }
        return;
      case "timer":
        seat.timer?.();
        seat.timer = this.#options.reactor.after(
          action.milliseconds,
          () => this.#unitEvent(seat, { type: "due" }),
        );
        return;
    }
  }

  #unit(seat: Seat): Unit {
    return (seat.name === "log" ? this.#pair.log : undefined) ?? this.#pair.service;
  }

  #start(seat: Seat, program: Program, exit: ExitStatus): void {
    // What finish can read is what it was started for.
    if (program === "finish") this.#saveAll();
    const path = `./${program}`;
    const argv = program === "run" ? [path] : [path, `${exit.code}`, `${exit.signal}`];
    try {
      const place: Partial<SpawnOptions> = seat.name === "log"
        ? { subdir: "log", descriptors: [this.#logPipe?.read] }
        : {};
      const pid = this.#spawn({ path, argv, ...place });
      this.#options.children.onEnd(pid, (exit) => this.#ended(seat, exit));
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

  /** In the clean state that each of ours gets; standard output goes to the logger if there is one. */
  #spawn(options: SpawnOptions): number {
    return this.#os.spawn({
      dir: this.#dir,
      descriptors: [undefined, this.#logPipe?.write],
      defaultSignals: ["CHLD", "PIPE", "TERM"],
      ...options,
    });
  }

  #ended(seat: Seat, exit: ExitStatus): void {
    this.#unitEvent(seat, { type: "ended", exit, finish: this.#hasFinish(seat) });
  }

  /** Whether `./finish` can be read, executable or not, as the reference looks at it. */
  #hasFinish(seat: Seat): boolean {
    if (seat.name === "log") return false;
    try {
      this.#os.close(this.#os.open("finish", { dir: this.#dir, nonblocking: true }));
      return true;
    } catch (error) {
      // Where nothing can be opened just now, starting it will show whether it is there.
      const code = errorCode(error);
      return code === "EMFILE" || code === "ENFILE";
    }
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
    try {
      const pid = this.#spawn({ path, argv: [path] });
      this.#options.children.onEnd(pid, ({ code, signal }) => answer(code === 0 || signal !== 0));
    } catch (error) {
      const forked = !cannotFork(error);
      // The reference says the question mark here, whatever the character.
      if (forked) this.#diagnostics.fatal("unable to run control/?", error);
      else this.#diagnostics.warning(`unable to fork for ${path}`, error);
      answer(false);
    }
  }

  /** Brings the files of both up to date, where they are behind. */
  #saveAll(): void {
    for (const seat of [this.#seats.service, this.#seats.log]) {
      if (seat?.behind) this.#save(seat);
    }
  }

  /** Writes the state down. Where that fails, supervision goes on, and the files catch up when they can. */
  #save(seat: Seat): void {
    const { supervise } = seat;
    if (supervise.restoreFifos(this.#diagnostics) && supervise.control !== undefined) {
      seat.watch();
      seat.watch = this.#listen(seat, supervise.control);
    }
    const unit = this.#unit(seat);
    seat.behind = false;
    seat.retry?.();
    seat.retry = undefined;
    try {
      const want = unit.want === "up" ? "up" : "down";
      supervise.save({ ...unit, want }, unit.want === "exit");
      seat.delay = FIRST_RETRY;
      seat.said = undefined;
    } catch (error) {
      if (!(error instanceof SuperviseError)) throw error;
      if (error.message !== seat.said) this.#diagnostics.warning(error.message, error.cause);
      seat.said = error.message;
      seat.retry = this.#options.reactor.after(seat.delay, () => this.#save(seat));
      seat.delay = Math.min(seat.delay * 2, LAST_RETRY);
    }
  }

  #hasUnread(): boolean {
    return this.#logPipe !== undefined && this.#os.hasInput(this.#logPipe.read);
  }

  #close(): void {
    this.#saveAll();
    for (const seat of [this.#seats.service, this.#seats.log]) {
      if (seat === undefined) continue;
      seat.watch();
      seat.timer?.();
      seat.retry?.();
      seat.supervise.close();
    }
    if (this.#logPipe !== undefined) {
      this.#os.close(this.#logPipe.read);
      if (!this.#pair.logPipeClosed) this.#os.close(this.#logPipe.write);
    }
    this.#options.onExit();
  }
}

/** Whether it was the process that could not be made, not the program that could not be executed. */
function cannotFork(error: unknown): boolean {
  const code = errorCode(error);
  return code === "EAGAIN" || code === "ENOMEM";
}
