/**
 * The shell around the pure parts of runsvdir: it scans, keeps the timers, and carries out what they decide.
 *
 * @module
 */

import type { Diagnostics } from "../cli/diagnostics.ts";
import { wallClock } from "../os/clock.ts";
import { close, open, writeAll } from "../os/descriptor.ts";
import { errorCode } from "../os/error.ts";
import type { Cancel, Reactor } from "../os/reactor.ts";
import { tai64n } from "../tai64n.ts";
import { openDirectory, sameStamp, scan, ScanError, type Stamp, stampOf, within } from "./scan.ts";
import {
  keyOf,
  type Listed,
  nextDue,
  NO_SERVICES,
  type Services,
  type ServicesAction,
  type ServicesEvent,
  startedKeys,
  stepServices,
} from "./services.ts";
import { type Phase, type ShutdownEvent, stepShutdown } from "./shutdown.ts";
import type { Supervision, SupervisionEvents } from "./supervision.ts";
import { Watch } from "./watch.ts";

/** Milliseconds between a change and the scan, in which more changes may come. */
const DEBOUNCE = 3;

/** Milliseconds between two looks at the directory where changes are not heard of, as in runit. */
const RESCAN = 5000;

/** The same where they are: for what no event tells, such as a file system mounted over the directory. */
const SAFETY = 60_000;

/** Milliseconds before the next try where the directory cannot be read. */
const RETRY = 1000;

/** The coarsest time stamps that file systems have, in seconds. */
const COARSEST_STAMP = 2;

/** Options for {@linkcode Supervisor}. */
export interface SupervisorOptions {
  /** The services directory. */
  readonly path: string;
  readonly reactor: Reactor;
  readonly diagnostics: Diagnostics;
  /** Makes what keeps the services up. */
  readonly supervise: (events: SupervisionEvents) => Supervision;
  /**
   * How to go down on TERM and INT: the grace period in milliseconds, `Infinity` to wait as long as it takes;
   * `undefined` where nobody waits for anything.
   */
  readonly grace: number | undefined;
  /** Called with the exit code when all is over. */
  readonly onExit: (code: number) => void;
}

/** Starts and monitors the services in a directory. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #supervision: Supervision;
  readonly #watch: Watch;
  #services: Services = NO_SERVICES;
  #phase: Phase = "up";
  #exitCode = 0;
  /** What the directory was when it was last read; `undefined` to have it read whatever it is. */
  #stamp: Stamp | undefined;
  #scanDuration = 0;
  #scanTimer: { readonly at: number; readonly cancel: Cancel } | undefined;
  #checkTimer: Cancel | undefined;
  #dueTimer: { readonly at: number; readonly cancel: Cancel } | undefined;
  #phaseTimer: Cancel | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#supervision = options.supervise({
      ended: (id) => this.#step({ type: "ended", id }),
    });
    this.#watch = new Watch(options.path, options.reactor, () => this.#scanSoon());
  }

  /** Begins, with a first scan at once. */
  start(): void {
    this.#scan();
  }

  /** Reads the directory whether it has changed or not, and leaves a mark in it: what ALRM asks for. */
  rescan(): void {
    if (this.#phase !== "up") return;
    this.#markRescan();
    this.#scan();
  }

  /** Tells every runsv to end, and exits at once: what HUP asks for. Where services go down first, that is as on TERM. */
  hangUp(): void {
    if (this.#options.grace !== undefined) {
      this.#exitCode = 111;
      this.terminate();
      return;
    }
    this.#step({ type: "stop" });
    this.#options.onExit(111);
  }

  /** Exits at once and leaves the services as they are: what TERM asks for. Unless they are to go down first. */
  terminate(): void {
    if (this.#options.grace === undefined) this.#options.onExit(0);
    else this.#shutdown("signal");
  }

  #step(event: ServicesEvent): void {
    this.#take(event);
    this.#armDue();
    if (this.#services.stopping && this.#services.all.size === 0) this.#shutdown("empty");
  }

  #take(event: ServicesEvent): ServicesAction[] {
    const { services, actions } = stepServices(this.#services, event, this.#options.reactor.now());
    this.#services = services;
    for (const action of actions) if (action.type === "stop") this.#supervision.stop(action.id);
    return actions;
  }

  #armDue(): void {
    const at = nextDue(this.#services);
    if (at === this.#dueTimer?.at) return;
    this.#dueTimer?.cancel();
    this.#dueTimer = undefined;
    if (at === undefined) return;
    const { reactor } = this.#options;
    const cancel = reactor.after(at - reactor.now(), () => {
      this.#dueTimer = undefined;
      this.#startDue();
    });
    this.#dueTimer = { at, cancel };
  }

  #startDue(): void {
    const starts = this.#take({ type: "due" }).filter((action) => action.type === "start");
    if (starts.length > 0) {
      try {
        const dir = openDirectory(this.#options.path);
        try {
          for (const { id, name } of starts) this.#start(id, name, dir);
        } finally {
          close(dir);
        }
      } catch (error) {
        if (!(error instanceof ScanError)) throw error;
        for (const { id } of starts) this.#take({ type: "notStarted", id });
        this.#warn(error);
        this.#scanSoon(RETRY);
      }
    }
    this.#armDue();
  }

  #start(id: number, name: Uint8Array<ArrayBuffer>, dir: number): void {
    try {
      this.#supervision.start(id, name, dir);
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined) throw error;
      const { diagnostics } = this.#options;
      const shown = new TextDecoder().decode(name);
      if (NO_PROCESS.has(code)) diagnostics.warning(`unable to fork for ${shown}`, error);
      else diagnostics.fatal(`unable to start runsv ${shown}`, error);
      this.#take({ type: "notStarted", id });
    }
  }

  #scanSoon(delay: number = Math.max(DEBOUNCE, 2 * this.#scanDuration)): void {
    const { reactor } = this.#options;
    const at = reactor.now() + delay;
    if (this.#scanTimer !== undefined && this.#scanTimer.at <= at) return;
    this.#scanTimer?.cancel();
    const cancel = reactor.after(delay, () => {
      this.#scanTimer = undefined;
      this.#scan();
    });
    this.#scanTimer = { at, cancel };
  }

  /** Reads the directory and does what follows from it. */
  #scan(): void {
    if (this.#phase !== "up") return;
    const { path, reactor } = this.#options;
    const begun = reactor.now();
    try {
      const stamp = stampOf(path);
      if (this.#stamp?.key !== stamp.key) this.#watch.renew();
      const entries = this.#read(path, begun);
      this.#stamp = stamp;
      this.#step({ type: "listed", entries });
      if (this.#attend(entries)) this.#scanSoon();
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
      this.#stamp = undefined;
      this.#warn(error);
      this.#scanSoon(RETRY);
    }
    this.#scanDuration = reactor.now() - begun;
    this.#armCheck();
  }

  #read(path: string, now: number): Listed[] {
    const dir = openDirectory(path);
    try {
      const started = startedKeys(this.#services);
      return scan({ dir, path, diagnostics: this.#options.diagnostics, started, now });
    } finally {
      close(dir);
    }
  }

  /** Has those directories watched that still lack something. Returns whether to look again at once. */
  #attend(entries: readonly Listed[]): boolean {
    const waiting = new Set<string>();
    for (const { key, state, started } of this.#services.all.values()) {
      if (state === "waiting" && started === undefined) waiting.add(key);
    }
    const encoder = new TextEncoder();
    const paths: Uint8Array<ArrayBuffer>[] = [];
    for (const entry of entries) {
      if (entry.complete || !waiting.has(keyOf(entry))) continue;
      const path = within(encoder.encode(this.#options.path), "");
      const full = new Uint8Array([...path, ...entry.name]);
      paths.push(full, within(full, "log"));
    }
    return this.#watch.attend(paths);
  }

  /** Looks from time to time whether the directory has changed unheard. */
  #armCheck(): void {
    this.#checkTimer?.();
    const { reactor } = this.#options;
    const sound = this.#watch.sound;
    // A change within the same tick of the file system's clock would leave no trace.
    const modified = this.#stamp?.modified.seconds ?? 0;
    const fresh = !sound && wallClock().seconds - modified <= COARSEST_STAMP;
    if (fresh) this.#stamp = undefined;
    this.#checkTimer = reactor.after(sound ? SAFETY : fresh ? RETRY : RESCAN, () => this.#check());
  }

  #check(): void {
    try {
      if (sameStamp(this.#stamp, stampOf(this.#options.path))) {
        this.#armCheck();
        return;
      }
    } catch (error) {
      if (!(error instanceof ScanError)) throw error;
    }
    this.#scan();
  }

  #markRescan(): void {
    try {
      const dir = openDirectory(this.#options.path);
      try {
        const options = { dir, access: "write", create: true, truncate: true } as const;
        const fd = open(".forced-rescan", options);
        try {
          writeAll(fd, new TextEncoder().encode(tai64n(wallClock())));
        } finally {
          close(fd);
        }
      } finally {
        close(dir);
      }
    } catch (error) {
      // The mark is for people; where it cannot be made, the scan is made all the same.
      if (!(error instanceof ScanError) && errorCode(error) === undefined) throw error;
    }
  }

  #shutdown(event: ShutdownEvent): void {
    const { phase, actions } = stepShutdown(this.#phase, event, this.#options.grace ?? 0);
    this.#phase = phase;
    for (const action of actions) {
      switch (action.type) {
        case "stop":
          this.#watch.close();
          this.#scanTimer?.cancel();
          this.#checkTimer?.();
          this.#step({ type: "stop" });
          break;
        case "killServices":
          this.#supervision.killServices();
          break;
        case "killAll":
          this.#supervision.killAll();
          break;
        case "timer":
          this.#phaseTimer?.();
          this.#phaseTimer = undefined;
          if (action.milliseconds === Infinity) break;
          this.#phaseTimer = this.#options.reactor.after(
            action.milliseconds,
            () => this.#shutdown("due"),
          );
          break;
        case "exit":
          this.#phaseTimer?.();
          this.#options.onExit(this.#exitCode);
          break;
      }
    }
  }

  #warn(error: ScanError): void {
    this.#options.diagnostics.warning(error.message, error.cause);
  }
}

/** What says that the system makes no process now, whichever program it is for. */
const NO_PROCESS: ReadonlySet<string> = new Set(["EAGAIN", "ENOMEM"]);
