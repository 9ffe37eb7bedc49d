/**
 * Which processes belong to services, to loggers, and to nobody.
 *
 * @module
 */

import { errorCode } from "../os/error.ts";
import { type ProcessEntry, processTable, readSmall } from "../os/process_table.ts";
import { kill, type SignalName } from "../os/signal.ts";
import { decodeStatus } from "../service/status.ts";

/** The processes below this one; all there are, if this is process 1. */
export class ProcessTree {
  readonly #children = new Map<number, number[]>();
  readonly #parents = new Map<number, number>();

  /** @param table Processes; of those that have ended only the children matter, and they have none. */
  constructor(table: readonly ProcessEntry[]) {
    for (const { pid, parent, ended } of table) {
      if (ended) continue;
      this.#parents.set(pid, parent);
      const siblings = this.#children.get(parent);
      if (siblings === undefined) this.#children.set(parent, [pid]);
      else siblings.push(pid);
    }
  }

  /** Reads the list of processes; `undefined` where there is none. */
  static read(): ProcessTree | undefined {
    try {
      return new ProcessTree(processTable());
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return undefined;
    }
  }

  /** The parent of a process; `undefined` if it is not there. */
  parent(pid: number): number | undefined {
    return this.#parents.get(pid);
  }

  /** The children of a process, their children, and so on. */
  descendants(pid: number): number[] {
    const found: number[] = [...this.#children.get(pid) ?? []];
    for (let i = 0; i < found.length; i++) found.push(...this.#children.get(found[i] ?? 0) ?? []);
    return found;
  }

  /** A process, and its {@linkcode ProcessTree.descendants}. */
  family(pid: number): number[] {
    return [pid, ...this.descendants(pid)];
  }

  /** What may be killed: everything where this is process 1, as others may have come in from outside; else what is below. */
  #within(): number[] {
    return Deno.pid === 1 ? [...this.#parents.keys()] : this.descendants(Deno.pid);
  }

  /**
   * Kills all but some. They are stopped before, and looked for again, so that none can get away by forking.
   *
   * @param spared Those that live, without their descendants.
   */
  kill(spared: ReadonlySet<number>): void {
    const stopped = new Set<number>();
    let latest: ProcessTree | undefined = this.#stop(spared, stopped)
      ? ProcessTree.read()
      : undefined;
    // What a stopped process forked just before; rounds are few, as each needs a new process.
    while (latest !== undefined) {
      const below = [...stopped].flatMap((pid) => latest?.descendants(pid) ?? []);
      const fresh = below.filter((pid) => !stopped.has(pid));
      for (const pid of fresh) stop(pid, stopped);
      latest = fresh.length > 0 ? ProcessTree.read() : undefined;
    }
    for (const pid of stopped) send(pid, "KILL");
  }

  #stop(spared: ReadonlySet<number>, stopped: Set<number>): boolean {
    for (const pid of this.#within()) if (!spared.has(pid)) stop(pid, stopped);
    return stopped.size > 0;
  }
}

function stop(pid: number, stopped: Set<number>): void {
  send(pid, "STOP");
  stopped.add(pid);
}

/** Sends a signal to what may have ended already. */
export function send(pid: number, signal: SignalName): void {
  try {
    kill(pid, signal);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}

/**
 * Kills all that is below this process; all there is, if this is process 1.
 *
 * @param known What is to be killed where the system has no list of processes.
 */
export function killAll(known: Iterable<number>): void {
  const tree = ProcessTree.read();
  if (tree !== undefined) {
    tree.kill(new Set([Deno.pid]));
    return;
  }
  if (Deno.pid === 1) send(-1, "KILL");
  for (const pid of known) send(pid, "KILL");
}

/**
 * The loggers of some runsv, as their status records tell. They are found through the directory that a runsv is in:
 * by name it may be another by now.
 */
export function loggersOf(supervisors: Iterable<number>, tree: ProcessTree): number[] {
  const loggers: number[] = [];
  for (const supervisor of supervisors) {
    let record: Uint8Array;
    try {
      record = readSmall(`/proc/${supervisor}/cwd/log/supervise/status`);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      continue;
    }
    const pid = decodeStatus(record)?.pid ?? 0;
    if (pid !== 0 && tree.parent(pid) === supervisor) loggers.push(pid);
  }
  return loggers;
}
