import { errorCode } from "../os/error.ts";

/** A failure to switch: what could not be done, and as the cause why. */
export class SwitchError extends Error {
  override readonly name = "SwitchError";

  /**
   * @param what As the diagnostic says it.
   * @param cause The failure; left out, there is no more to say.
   */
  constructor(what: string, cause?: unknown) {
    super(what, { cause });
  }
}

/**
 * Makes the symbolic link `current` point at a directory, and `previous` at what it pointed at before.
 *
 * Each link is replaced by one rename(2), so that there is a `current` at any moment; runit 2.1.2 moves it to
 * `previous` first, and for an instant there is none.
 *
 * @param base The directory of the links. It becomes the current directory.
 * @param dir The directory to switch to, relative to `base`.
 * @returns Whether it was another directory before.
 * @throws {SwitchError}
 */
export function switchTo(base: string, dir: string): boolean {
  attempt(`unable to chdir: ${base}`, () => Deno.chdir(base));
  const wanted = attempt(dir, () => {
    // Deno would take it for the current directory.
    if (dir === "") throw new Deno.errors.NotFound();
    return Deno.statSync(dir);
  });
  // Without a colon, as in runit.
  if (!wanted.isDirectory) throw new SwitchError(`${dir}not a directory.`);
  const current = attempt("unable to stat: current", () => Deno.statSync("current"));
  if (current.dev === wanted.dev && current.ino === wanted.ino) return false;
  placeLink("current.new", dir);
  replacePrevious();
  attempt(
    "unable to move: current.new to current",
    () => Deno.renameSync("current.new", "current"),
  );
  return true;
}

/** Makes `previous` what `current` is: a copy of the link, or, where somebody put a directory there, that directory. */
function replacePrevious(): void {
  const target = linkTarget("current");
  if (target === undefined) {
    unlink("previous");
    attempt("unable to copy: current to previous", () => Deno.renameSync("current", "previous"));
    return;
  }
  placeLink("previous.new", target);
  try {
    Deno.renameSync("previous.new", "previous");
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    Deno.removeSync("previous.new");
    const what = code === "EISDIR"
      ? "unable to unlink: previous"
      : "unable to copy: current to previous";
    throw new SwitchError(what, error);
  }
}

function placeLink(name: string, target: string): void {
  unlink(name);
  attempt(`unable to create: ${name} -> ${target}`, () => Deno.symlinkSync(target, name));
}

/** Removes a name that is no directory, if it is there. */
function unlink(name: string): void {
  const what = `unable to unlink: ${name}`;
  attempt(what, () => {
    try {
      // Deno.remove would take an empty directory away too.
      if (Deno.lstatSync(name).isDirectory) throw new Deno.errors.IsADirectory();
      Deno.removeSync(name);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
  });
}

function linkTarget(name: string): string | undefined {
  return attempt(`unable to stat: ${name}`, () => {
    try {
      return Deno.readLinkSync(name);
    } catch (error) {
      // EINVAL: it is no link.
      if (errorCode(error) === "EINVAL") return undefined;
      throw error;
    }
  });
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw new SwitchError(what, error);
  }
}
