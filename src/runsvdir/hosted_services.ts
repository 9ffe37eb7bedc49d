import { Diagnostics, type Sink } from "../cli/diagnostics.ts";
import { errorCode, OsError } from "../os/error.ts";
import { TurnBudget } from "../hosting/turns.ts";
import type { Os } from "../os/os.ts";
import type { Reactor } from "../os/reactor.ts";
import type { Children } from "../runsv/children.ts";
import type { LoggerHost } from "../runsv/hosted_logger.ts";
import { Supervisor } from "../runsv/supervisor.ts";
import { SuperviseError } from "../service/supervise.ts";
import { killAll, ProcessTree, send } from "./process_tree.ts";
import type { Supervision, SupervisionEvents } from "./supervision.ts";

/** What a {@linkcode HostedServices} works with. */
export interface HostedServicesOptions {
  readonly os: Os;
  readonly reactor: Reactor;
  readonly children: Children;
  readonly events: SupervisionEvents;
  /** Give each process a session of its own. */
  readonly session: boolean;
  /** Where the supervisors' messages go; standard error if left out. */
  readonly sink?: Sink | undefined;
  /** What is standard error of what they start; that of this process if left out. */
  readonly stderr?: number | undefined;
  /** What may take the part of loggers. */
  readonly loggers?: LoggerHost | undefined;
  /** How many descriptors this process can have. @default {Infinity} */
  readonly descriptors?: number;
}

/**
 * Descriptors that no service more is started with: those that run must be able to write their status, and to start
 * what is to run.
 */
const RESERVE = 64;

/** Milliseconds that starts may take before everything else has its turn. */
const TURN = 10;

/**
 * Supervision in this process: the supervisor of runsv(8) for each service, all on one event loop. To the outside there
 * is no difference, but for the parent of the processes.
 */
export class HostedServices implements Supervision {
  readonly #options: HostedServicesOptions;
  readonly #os: Os;
  /** The descriptor that the last opening gave. */
  #lastGiven = 0;
  readonly #supervisors = new Map<number, Supervisor>();
  readonly #budget: TurnBudget;
  /** Those that are to be started, in that order. */
  readonly #queue = new Map<number, { readonly dir: number; readonly diagnostics: Diagnostics }>();

  constructor(options: HostedServicesOptions) {
    this.#options = options;
    this.#budget = new TurnBudget(() => options.reactor.now(), TURN);
    const { os } = options;
    const open: Os["open"] = (...args) => this.#lastGiven = os.open(...args);
    this.#os = Object.assign(Object.create(os) as Os, { open });
  }

  /** How many there are. */
  get size(): number {
    return this.#supervisors.size;
  }

  start(id: number, name: Uint8Array<ArrayBuffer>, dir: number): void {
    const { os, sink } = this.#options;
    const diagnostics = new Diagnostics(`runsv ${new TextDecoder().decode(name)}`, sink);
    try {
      // To enter it, not to read it.
      this.#queue.set(id, { dir: os.open(name, { dir, search: true }), diagnostics });
    } catch (error) {
      this.#refuse(id, diagnostics, error);
      return;
    }
    if (this.#queue.size > 1) return;
    if (this.#budget.mayGoOn()) this.#startQueued();
    else this.#startLater();
  }

  /** Starts those that wait for it, and leaves off in between for all else that is to be done. */
  #startQueued(): void {
    const { os } = this.#options;
    for (const [id, { dir, diagnostics }] of this.#queue) {
      this.#queue.delete(id);
      try {
        if (this.#isFull(dir)) throw new OsError("EMFILE", "open");
        this.#supervise(id, dir, diagnostics);
      } catch (error) {
        this.#supervisors.delete(id);
        os.close(dir);
        this.#refuse(id, diagnostics, error);
      }
      if (!this.#budget.mayGoOn()) break;
    }
    if (this.#queue.size > 0) this.#startLater();
  }

  #startLater(): void {
    this.#options.reactor.soon(() => this.#startQueued());
  }

  /** Whether there is no room for the descriptors of one more. Numbers are given from the lowest on, so they tell. */
  #isFull(dir: number): boolean {
    const limit = (this.#options.descriptors ?? Infinity) - RESERVE;
    // It may be a while since the last was given.
    if (this.#lastGiven >= limit) this.#os.close(this.#os.open(".", { dir, search: true }));
    return this.#lastGiven >= limit;
  }

  #refuse(id: number, diagnostics: Diagnostics, error: unknown): void {
    if (error instanceof SuperviseError) diagnostics.fatal(error.message, error.cause);
    else if (errorCode(error) === undefined) diagnostics.warning("internal error", error);
    else diagnostics.fatal("unable to change to directory", error);
    this.#endedSoon(id);
  }

  #supervise(id: number, dir: number, diagnostics: Diagnostics): void {
    const { os, reactor, children, events, session, stderr, loggers } = this.#options;
    const supervisor = new Supervisor({
      os: this.#os,
      reactor,
      children,
      dir,
      diagnostics,
      session,
      stderr,
      loggers,
      // The others would wait as well. It is tried again in a second.
      waitForLog: false,
      onExit: () => {
        this.#supervisors.delete(id);
        os.close(dir);
        events.ended(id);
      },
    });
    this.#supervisors.set(id, supervisor);
    supervisor.start();
  }

  stop(id: number): void {
    const queued = this.#queue.get(id);
    if (queued === undefined) {
      this.#supervisors.get(id)?.terminate();
      return;
    }
    this.#queue.delete(id);
    this.#options.os.close(queued.dir);
    this.#endedSoon(id);
  }

  killServices(): void {
    const tree = ProcessTree.read();
    const pids = [...this.#supervisors.values()].map((supervisor) => supervisor.pids);
    if (tree === undefined) {
      for (const { service } of pids) if (service !== 0) send(service, "KILL");
      return;
    }
    const loggers = pids.map(({ log }) => log).filter((pid) => pid !== 0);
    const spared = new Set([Deno.pid]);
    for (const logger of [...loggers, ...this.#options.loggers?.pids ?? []]) {
      for (const pid of tree.family(logger)) spared.add(pid);
    }
    tree.kill(spared);
  }

  killAll(): void {
    const pids = [...this.#supervisors.values()].flatMap((
      { pids: { service, log } },
    ) => [service, log]);
    killAll(pids.filter((pid) => pid !== 0));
  }

  /** Says that one has ended, as if it had been a process: not while it is being started. */
  #endedSoon(id: number): void {
    this.#options.reactor.after(0, () => this.#options.events.ended(id));
  }
}
