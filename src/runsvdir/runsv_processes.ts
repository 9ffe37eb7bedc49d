import { close, open, writeAll } from "../os/descriptor.ts";
import { errorCode } from "../os/error.ts";
import { spawn, waitChild } from "../os/process.ts";
import type { Reactor } from "../os/reactor.ts";
import { killAll, loggersOf, ProcessTree, send } from "./process_tree.ts";
import { within } from "./scan.ts";
import type { Supervision, SupervisionEvents } from "./supervision.ts";

/** Options for {@linkcode RunsvProcesses}. */
export interface RunsvProcessesOptions {
  readonly reactor: Reactor;
  readonly events: SupervisionEvents;
  /** The services directory. */
  readonly path: string;
  /** Give each a session of its own. */
  readonly session: boolean;
  /** What is their standard error; that of this process if left out. */
  readonly stderr?: number;
}

interface Runsv {
  readonly id: number;
  readonly pid: number;
  readonly name: Uint8Array<ArrayBuffer>;
}

/**
 * Supervision by runsv(8), a process for each service. Children that were not started here, as come to process 1,
 * are collected and forgotten.
 */
export class RunsvProcesses implements Supervision {
  readonly #options: RunsvProcessesOptions;
  readonly #byId = new Map<number, Runsv>();
  readonly #byPid = new Map<number, Runsv>();

  constructor(options: RunsvProcessesOptions) {
    this.#options = options;
    options.reactor.onSignal("CHLD", () => this.#collect());
  }

  start(id: number, name: Uint8Array<ArrayBuffer>, dir: number): void {
    const { session, stderr } = this.#options;
    const pid = spawn({
      path: "runsv",
      search: true,
      argv: ["runsv", name],
      dir,
      session,
      descriptors: [undefined, undefined, stderr],
    });
    const runsv = { id, pid, name };
    this.#byId.set(id, runsv);
    this.#byPid.set(pid, runsv);
  }

  stop(id: number): void {
    const runsv = this.#byId.get(id);
    if (runsv !== undefined) send(runsv.pid, "TERM");
  }

  killServices(): void {
    const tree = ProcessTree.read();
    if (tree === undefined) {
      this.#tellToKill();
      return;
    }
    const supervisors = new Set(this.#byPid.keys());
    const spared = new Set([Deno.pid, ...supervisors]);
    for (const logger of loggersOf(supervisors, tree)) {
      for (const pid of tree.family(logger)) spared.add(pid);
    }
    tree.kill(spared);
  }

  killAll(): void {
    killAll(this.#byPid.keys());
  }

  /** Where there is no list of processes to go by, each runsv is asked to kill its service, as `sv kill` asks it. */
  #tellToKill(): void {
    const encoder = new TextEncoder();
    for (const { name } of this.#byId.values()) {
      try {
        const dir = open(this.#options.path, { directory: true });
        try {
          const options = { dir, access: "write", nonblocking: true } as const;
          const fifo = open(within(name, "supervise/control"), options);
          writeAll(fifo, encoder.encode("k"));
          close(fifo);
        } finally {
          close(dir);
        }
      } catch (error) {
        if (errorCode(error) === undefined) throw error;
      }
    }
  }

  #collect(): void {
    for (;;) {
      let pid: number | undefined;
      try {
        pid = waitChild(-1)?.pid;
      } catch (error) {
        if (errorCode(error) !== "ECHILD") throw error;
      }
      if (pid === undefined) return;
      const runsv = this.#byPid.get(pid);
      if (runsv === undefined) continue;
      this.#byPid.delete(pid);
      this.#byId.delete(runsv.id);
      this.#options.events.ended(runsv.id);
    }
  }
}
