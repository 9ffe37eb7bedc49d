import process from "node:process";

/** The name that this executable was called by, as it was written: argv[0]. */
export function argv0(): string {
  return process.argv0;
}

/** The base name of {@linkcode argv0}, whatever links lead to the file. */
export function calledAs(): string {
  const path = argv0();
  return path.slice(path.lastIndexOf("/") + 1);
}
