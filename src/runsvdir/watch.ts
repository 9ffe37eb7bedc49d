/**
 * Hears of changes in the services directory: in the directory itself, in what its path leads through, and in
 * new service directories that are not complete yet.
 *
 * @module
 */

import { errorCode } from "../os/error.ts";
import { readLink } from "../os/file.ts";
import { eventsAreComplete, Inotify } from "../os/inotify.ts";
import type { Cancel, Reactor } from "../os/reactor.ts";

/** A watched directory: which names in it matter; all but dot names where there is no set. */
interface Watched {
  readonly names: Set<string> | undefined;
}

/** What keeps a path from being followed for ever, as in the kernel. */
const LINK_LIMIT = 40;

const DOT = 0x2e;

/** The watch over a services directory. */
export class Watch {
  readonly #path: string;
  readonly #reactor: Reactor;
  readonly #onChange: () => void;
  #inotify: Inotify | undefined;
  #cancel: Cancel | undefined;
  /** By number of the watch. */
  readonly #watched = new Map<number, Watched>();
  /** Incomplete service directories, by path. */
  readonly #attended = new Map<string, number>();
  #sound = false;

  /**
   * @param path The services directory.
   * @param onChange Called when something has happened, perhaps once for much.
   */
  constructor(path: string, reactor: Reactor, onChange: () => void) {
    this.#path = path;
    this.#reactor = reactor;
    this.#onChange = onChange;
  }

  /** Whether all changes are heard of. If not, somebody has to look from time to time. */
  get sound(): boolean {
    return this.#sound;
  }

  /** Watches what the path leads to now. To be called before the directory is read, so that nothing falls in between. */
  renew(): void {
    this.close();
    try {
      const inotify = new Inotify();
      this.#inotify = inotify;
      for (const { dir, name } of pathSteps(this.#path)) {
        const watch = inotify.add(dir, "names");
        const names = this.#watched.get(watch)?.names ?? new Set();
        this.#watched.set(watch, { names: names.add(name) });
      }
      this.#watched.set(inotify.add(this.#path, "directory"), { names: undefined });
      this.#cancel = this.#reactor.onReadable(inotify.fd, () => this.#read());
      this.#sound = eventsAreComplete(this.#path);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      this.close();
    }
  }

  /**
   * Watches these service directories too, and no others.
   *
   * @param paths Their paths, and those of their `log`.
   * @returns Whether one is watched that was not: it may have changed before.
   */
  attend(paths: readonly Uint8Array<ArrayBuffer>[]): boolean {
    const inotify = this.#inotify;
    if (inotify === undefined) return false;
    let added = false;
    const wanted = new Set<string>();
    for (const path of paths) {
      const key = path.join();
      wanted.add(key);
      if (this.#attended.has(key)) continue;
      try {
        const watch = inotify.add(path, "modes");
        // A link back to what is watched anyway, which must not end with it.
        if (this.#watched.has(watch)) continue;
        this.#attended.set(key, watch);
        this.#watched.set(watch, { names: undefined });
        added = true;
      } catch (error) {
        // Gone, or one too many: it is started as it is when its time is over.
        if (errorCode(error) === undefined) throw error;
      }
    }
    for (const [key, watch] of this.#attended) {
      if (wanted.has(key)) continue;
      this.#attended.delete(key);
      this.#watched.delete(watch);
      inotify.remove(watch);
    }
    return added;
  }

  /** Watches nothing any more. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#inotify?.[Symbol.dispose]();
    this.#inotify = undefined;
    this.#watched.clear();
    this.#attended.clear();
    this.#sound = false;
  }

  #read(): void {
    const events = this.#inotify?.read() ?? [];
    let changed = false;
    let moved = false;
    for (const { watch, type, name } of events) {
      if (type === "lost") moved = true;
      const watched = this.#watched.get(watch);
      if (watched === undefined) continue;
      if (watched.names !== undefined) {
        moved ||= type === "self" || watched.names.has(decoder.decode(name));
      } else if (type === "self") {
        moved ||= ![...this.#attended.values()].includes(watch);
        changed = true;
      } else {
        changed ||= name[0] !== DOT;
      }
    }
    // The path may lead elsewhere now.
    if (moved) this.renew();
    if (moved || changed) this.#onChange();
  }
}

const decoder = new TextDecoder();

/** A directory that a path leads through, and the name in it that it takes there. */
interface PathStep {
  readonly dir: string;
  readonly name: string;
}

/**
 * The names that decide where a path leads: each symbolic link on the way, and the last name. Directories above are
 * left out; that one of them is moved is seen at the next look at the clock.
 */
function pathSteps(path: string): PathStep[] {
  const steps: PathStep[] = [];
  const rest = path.split("/");
  let at = path.startsWith("/") ? "/" : ".";
  for (let links = 0; rest.length > 0;) {
    const name = rest.shift() ?? "";
    if (name === "" || name === ".") continue;
    const full = at.endsWith("/") ? `${at}${name}` : `${at}/${name}`;
    const target = name === ".." ? undefined : linkTarget(full);
    if (target !== undefined && links++ < LINK_LIMIT) {
      steps.push({ dir: at, name });
      if (target.startsWith("/")) at = "/";
      rest.unshift(...target.split("/"));
      continue;
    }
    if (name !== ".." && rest.every((word) => word === "" || word === ".")) {
      steps.push({ dir: at, name });
    }
    at = full;
  }
  return steps;
}

function linkTarget(path: string): string | undefined {
  try {
    return readLink(path);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
