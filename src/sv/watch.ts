import type { Service } from "./service.ts";

/** Waits for something to change in the supervise directories of services. */
export interface Watch extends Disposable {
  /**
   * Waits for a change since the watch began, or for some time.
   *
   * @param milliseconds How long at most.
   * @returns Whether there was a change.
   */
  change(milliseconds: number): Promise<boolean>;
}

/**
 * Begins to watch.
 *
 * Not the directories are watched, but the files `status`, which is replaced when something changes, and `lock`, which
 * is closed when the supervisor ends: for an event in a directory, Deno's watcher opens the file that it is about, for
 * reading and without an end to its patience. On the FIFOs that are there it would wait forever, and look like a supervisor itself.
 *
 * Where the system refuses, all changes go unseen and time passes.
 */
export function watch(services: Iterable<Service>): Watch {
  const paths: string[] = [];
  for (const { dir } of services) paths.push(`${dir}/supervise/status`, `${dir}/supervise/lock`);
  const watcher = tryWatch(paths) ?? tryWatch(paths.filter((path) => path.endsWith("/status")));
  const event = watcher?.[Symbol.asyncIterator]().next();
  return {
    async change(milliseconds: number): Promise<boolean> {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const time = new Promise<false>((resolve) => {
        timer = setTimeout(() => resolve(false), milliseconds);
      });
      const changed = await Promise.race([time, event?.then(() => true) ?? time]);
      clearTimeout(timer);
      return changed;
    },
    [Symbol.dispose](): void {
      watcher?.close();
    },
  };
}

function tryWatch(paths: readonly string[]): Deno.FsWatcher | undefined {
  try {
    return Deno.watchFs([...paths], { recursive: false });
  } catch {
    // No such file, not ours to read, or too many watches.
    return undefined;
  }
}
