import process from "node:process";

/**
 * The name that this executable was called by: the base name of argv[0], whatever links lead to the file.
 */
export function calledAs(): string {
  const path = process.argv0;
  return path.slice(path.lastIndexOf("/") + 1);
}
