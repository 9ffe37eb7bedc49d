import { Diagnostics, type Sink } from "../cli/diagnostics.ts";
import { errorCode, OsError } from "../os/error.ts";
import type { Os } from "../os/os.ts";
import type { Reactor } from "../os/reactor.ts";
import type { Children } from "../runsv/children.ts";
import type { LoggerHost } from "../runsv/hosted_logger.ts";
import { Supervisor } from "../runsv/supervisor.ts";
import { SuperviseError } from "../service/supervise.ts";
import { ProcessTree } from "./process_tree.ts";
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

/**
 * Supervision in this process: the supervisor of runsv(8) for each service, all on one event loop. To the outside there
 * is no difference, but for the parent of the processes.
 */
export class HostedServices implements Supervision {
  readonly #options: HostedServicesOptions;
  readonly #supervisors = new Map<number, Supervisor>();

  constructor(options: HostedServicesOptions) {
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#supervisors.size;
  }

  start(id: number, name: Uint8Array<ArrayBuffer>, dir: number): void {
    const { os, sink, descriptors = Infinity } = this.#options;
    const diagnostics = new Diagnostics(`runsv ${new TextDecoder().decode(name)}`, sink);
    let service: number | undefined;
    try {
      // To enter it, not to read it.
      service = os.open(name, { dir, search: true });
      // Numbers are given from the lowest on, so this is about how many there are.
      if (service >= descriptors - RESERVE) throw new OsError("EMFILE", "open");
      this.#supervise(id, service, diagnostics);
    } catch (error) {
      this.#supervisors.delete(id);
      if (service !== undefined) os.close(service);
      if (error instanceof SuperviseError) diagnostics.fatal(error.message, error.cause);
      else if (errorCode(error) === undefined) diagnostics.warning("internal error", error);
      else diagnostics.fatal("unable to change to directory", error);
      this.#endedSoon(id);
    }
  }

  #supervise(id: number, dir: number, diagnostics: Diagnostics): void {
    const { os, reactor, children, events, session, stderr, loggers } = this.#options;
    const supervisor = new Supervisor({
      os,
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
    this.#supervisors.get(id)?.terminate();
  }

  killServices(): void {
    const tree = ProcessTree.read();
    if (tree === undefined) {
      for (const { pids } of this.#supervisors.values()) this.#kill(pids.service);
      return;
    }
    const spared = new Set([Deno.pid]);
    for (const { pids } of this.#supervisors.values()) {
      if (pids.log === 0) continue;
      for (const pid of [pids.log, ...tree.descendants(pids.log)]) spared.add(pid);
    }
    for (const processor of this.#options.loggers?.pids ?? []) {
      for (const pid of [processor, ...tree.descendants(processor)]) spared.add(pid);
    }
    tree.kill(spared);
  }

  killAll(): void {
    const tree = ProcessTree.read();
    if (tree !== undefined) {
      tree.kill(new Set([Deno.pid]));
      return;
    }
    if (Deno.pid === 1) this.#kill(-1);
    for (const { pids } of this.#supervisors.values()) {
      this.#kill(pids.service);
      this.#kill(pids.log);
    }
  }

  #kill(pid: number): void {
    if (pid === 0) return;
    try {
      this.#options.os.kill(pid, "KILL");
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }

  /** Says that one has ended, as if it had been a process: not while it is being started. */
  #endedSoon(id: number): void {
    this.#options.reactor.after(0, () => this.#options.events.ended(id));
  }
}
