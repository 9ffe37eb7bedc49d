/**
 * Where the set-up keeps things, and how it puts them there: whole or not at all.
 *
 * Nothing here, nor elsewhere under `scripts/setup/`, imports a package: this is the code that brings them.
 *
 * @module
 */

/** The project's folder, without a trailing slash. */
export const ROOT: string = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** The project's own cache, for what depends on this work tree. */
export const PROJECT_CACHE: string = `${ROOT}/.cache`;

/**
 * The folder for downloads, shared by every clone of one user:
 * `$RUNIT_DENO_CACHE`, `$XDG_CACHE_HOME/runit-deno`, `$HOME/.cache/runit-deno` or else the project's `.cache`.
 */
export function cacheDir(): string {
  const own = Deno.env.get("RUNIT_DENO_CACHE");
  if (own) return own;
  const xdg = Deno.env.get("XDG_CACHE_HOME");
  if (xdg?.startsWith("/")) return `${xdg}/runit-deno`;
  const home = Deno.env.get("HOME");
  return home?.startsWith("/") ? `${home}/.cache/runit-deno` : PROJECT_CACHE;
}

/** What `path` is, links followed, or undefined where there is nothing. */
export function statOrUndefined(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}

/** The text of the file at `path`, or undefined where there is none. */
export function readTextOrUndefined(path: string): string | undefined {
  return statOrUndefined(path)?.isFile ? Deno.readTextFileSync(path) : undefined;
}

/** Removes `path` and all below; nothing there is fine too. */
export function removeIfPresent(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Writes `data` to `path` so that a reader sees the old file or the new one, never a part. */
export function writeAtomic(path: string, data: Uint8Array | string, mode = 0o644): void {
  const temporary = `${path}.${Deno.pid}.tmp`;
  try {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    Deno.writeFileSync(temporary, bytes, { mode });
    Deno.renameSync(temporary, path);
  } catch (error) {
    removeIfPresent(temporary);
    throw error;
  }
}

/**
 * Runs `fill` on an empty folder beside `path`, then moves it to `path` in place of what was there.
 * When `fill` throws, `path` stays as it was and nothing is left. Call it with the lock held.
 */
export async function placeDir(path: string, fill: (dir: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${Deno.pid}.tmp`;
  const old = `${path}.${Deno.pid}.old`;
  removeIfPresent(temporary);
  Deno.mkdirSync(temporary, { recursive: true });
  try {
    await fill(temporary);
    if (statOrUndefined(path)) Deno.renameSync(path, old);
    Deno.renameSync(temporary, path);
  } finally {
    removeIfPresent(temporary);
    removeIfPresent(old);
  }
}

/** Runs `work` while holding the exclusive lock `path`, waiting for it as long as it takes. */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  using file = Deno.openSync(path, { write: true, create: true });
  await file.lock(true);
  return await work();
}

/** Runs `work` with a new folder under the cache, which is gone afterwards. */
export async function withScratch<T>(work: (dir: string) => Promise<T>): Promise<T> {
  Deno.mkdirSync(cacheDir(), { recursive: true });
  const dir = Deno.makeTempDirSync({ dir: cacheDir(), prefix: "scratch-" });
  try {
    return await work(dir);
  } finally {
    removeIfPresent(dir);
  }
}
