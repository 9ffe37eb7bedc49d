/**
 * The set of services that runsvdir looks after, as a pure function: what a scan of the directory, the end of a
 * runsv, or the clock means for it. No clock, no descriptor, no process.
 *
 * The rules are those of runsvdir(8); what it leaves out was settled by experiment against runit 2.1.2
 * (`tests/interop/runsvdir_scan_test.ts`).
 *
 * @module
 */

/** Milliseconds between two starts of the same runsv. */
export const RESTART_HOLD = 1000;

/**
 * Milliseconds that a directory which is not complete is waited for, and then started as it is: the most that the
 * reference takes to see it at all.
 */
export const COMPLETION_HOLD = 5000;

/** How many are started in one go, before signals and other events have their turn. */
export const BURST = 16;

/** A service directory as a scan found it. */
export interface Listed {
  /** Its name in the services directory. */
  readonly name: Uint8Array<ArrayBuffer>;
  readonly device: bigint;
  readonly inode: bigint;
  /** Whether it holds all that it needs to be started. */
  readonly complete: boolean;
  /** Until when it may still be under construction, in milliseconds of the monotonic clock. */
  readonly settled: number;
}

/** One service. */
export interface Service {
  /** Its number; never used again. */
  readonly id: number;
  /** The name that it was last listed by. */
  readonly name: Uint8Array<ArrayBuffer>;
  /** Device and inode: a renamed directory is the same service. */
  readonly key: string;
  /**
   * - `waiting` for its runsv to be started;
   * - `running`;
   * - `leaving`: its directory is gone, its runsv was told to end, and has not yet.
   */
  readonly state: "waiting" | "running" | "leaving";
  /** When a waiting one is to be started, in milliseconds of the monotonic clock. */
  readonly due: number;
  /** When its runsv was last started, or was to be; `undefined` before the first time. */
  readonly started: number | undefined;
  /** When it was first listed. */
  readonly seen: number;
  /** Of one that is leaving: its directory is back. */
  readonly back: boolean;
}

/** All services. */
export interface Services {
  readonly all: ReadonlyMap<number, Service>;
  readonly nextId: number;
  /** Whether a first scan has been made. */
  readonly scanned: boolean;
  /** Whether all were told to end, for good. */
  readonly stopping: boolean;
}

/** What can happen. */
export type ServicesEvent =
  /** The directory was read. */
  | { readonly type: "listed"; readonly entries: readonly Listed[] }
  /** It may be time to start something. */
  | { readonly type: "due" }
  /** A runsv could not be started. */
  | { readonly type: "notStarted"; readonly id: number }
  /** A runsv has ended. */
  | { readonly type: "ended"; readonly id: number }
  /** All are to end, and none is to be started any more. */
  | { readonly type: "stop" };

/** What is to be done. */
export type ServicesAction =
  /** Start its runsv; say `notStarted` if that fails. */
  | { readonly type: "start"; readonly id: number; readonly name: Uint8Array<ArrayBuffer> }
  /** Tell its runsv to end. */
  | { readonly type: "stop"; readonly id: number };

/** No services, before the first scan. */
export const NO_SERVICES: Services = {
  all: new Map(),
  nextId: 0,
  scanned: false,
  stopping: false,
};

/** The identity of a directory. */
export function keyOf(entry: { readonly device: bigint; readonly inode: bigint }): string {
  return `${entry.device}:${entry.inode}`;
}

/** When the next start is due, in milliseconds of the monotonic clock; `undefined` if none is. */
export function nextDue(services: Services): number | undefined {
  let next: number | undefined;
  for (const { state, due } of services.all.values()) {
    if (state === "waiting" && (next === undefined || due < next)) next = due;
  }
  return next;
}

/** The identities of those whose runsv has been started before: whether they are complete is no question any more. */
export function startedKeys(services: Services): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { key, started } of services.all.values()) if (started !== undefined) keys.add(key);
  return keys;
}

/**
 * One event.
 *
 * @param services The services before it; left as they are.
 * @param now Milliseconds of the monotonic clock.
 * @returns The services after it, and what is to be done, in that order.
 */
export function stepServices(
  services: Services,
  event: ServicesEvent,
  now: number,
): { services: Services; actions: ServicesAction[] } {
  switch (event.type) {
    case "listed":
      return services.stopping ? { services, actions: [] } : list(services, event.entries, now);
    case "due":
      return startDue(services, now);
    case "notStarted":
      return { services: ended(services, event.id, now, now), actions: [] };
    case "ended": {
      const started = services.all.get(event.id)?.started ?? now;
      return { services: ended(services, event.id, now, started), actions: [] };
    }
    case "stop":
      return stopAll(services);
  }
}

type Step = { services: Services; actions: ServicesAction[] };

function list(services: Services, entries: readonly Listed[], now: number): Step {
  const unseen = new Map<string, Service>();
  for (const service of services.all.values()) unseen.set(service.key, service);
  const all = new Map(services.all);
  const listed = new Set<string>();
  let { nextId } = services;
  for (const entry of entries) {
    const key = keyOf(entry);
    // A link beside the directory it points at is no second service.
    if (listed.has(key)) continue;
    listed.add(key);
    const known = unseen.get(key);
    unseen.delete(key);
    if (known === undefined) {
      const due = services.scanned ? dueOf(entry, now, now) : now;
      const service: Service = {
        id: nextId++,
        name: entry.name,
        key,
        state: "waiting",
        due,
        started: undefined,
        seen: now,
        back: false,
      };
      all.set(service.id, service);
    } else {
      all.set(known.id, listedAgain(known, entry, now));
    }
  }
  const actions: ServicesAction[] = [];
  for (const service of unseen.values()) {
    if (service.state === "waiting") {
      all.delete(service.id);
      continue;
    }
    all.set(service.id, { ...service, state: "leaving", back: false });
    if (service.state === "running" || service.back) actions.push({ type: "stop", id: service.id });
  }
  return { services: { ...services, all, nextId, scanned: true }, actions };
}

function dueOf(entry: Listed, seen: number, now: number): number {
  return entry.complete ? Math.max(now, entry.settled) : Math.max(now, seen + COMPLETION_HOLD);
}

function listedAgain(service: Service, entry: Listed, now: number): Service {
  const { name } = entry;
  // Its runsv has been told to end and holds the lock until it has; only then can another one be started.
  if (service.state === "leaving") return { ...service, name, back: true };
  if (service.state === "waiting" && service.started === undefined && service.due > now) {
    return { ...service, name, due: dueOf(entry, service.seen, now) };
  }
  return { ...service, name };
}

function startDue(services: Services, now: number): Step {
  const due = [...services.all.values()]
    .filter((service) => service.state === "waiting" && service.due <= now)
    // The sort is stable: those that have waited longest first, else in the order of the listing.
    .sort((a, b) => a.due - b.due)
    .slice(0, BURST);
  if (due.length === 0) return { services, actions: [] };
  const all = new Map(services.all);
  for (const service of due) all.set(service.id, { ...service, state: "running", started: now });
  const actions = due.map(({ id, name }): ServicesAction => ({ type: "start", id, name }));
  return { services: { ...services, all }, actions };
}

/** @param since What the pause before the next start is counted from. */
function ended(services: Services, id: number, now: number, since: number): Services {
  const service = services.all.get(id);
  if (service === undefined || service.state === "waiting") return services;
  const all = new Map(services.all);
  if (service.state === "leaving" && !service.back) all.delete(id);
  else {
    const due = Math.max(now, since + RESTART_HOLD);
    all.set(id, { ...service, state: "waiting", due, back: false });
  }
  return { ...services, all };
}

function stopAll(services: Services): Step {
  const all = new Map<number, Service>();
  const actions: ServicesAction[] = [];
  for (const service of services.all.values()) {
    if (service.state === "waiting") continue;
    all.set(service.id, { ...service, state: "leaving", back: false });
    if (service.state === "running") actions.push({ type: "stop", id: service.id });
  }
  return { services: { ...services, all, stopping: true }, actions };
}
