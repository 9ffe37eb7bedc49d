/**
 * Where a program is looked for.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const COLON = 0x3a;

/** Where to look when there is no `PATH`. */
const DEFAULT_PATH = encoder.encode("/bin:/usr/bin");

/**
 * Errors after which the next directory is tried. Any other, such as `ENOTDIR` for a file among the directories, ends
 * the search, though execvp(3) would go on.
 */
export const PASS_OVER: readonly string[] = ["ENOENT", "EACCES", "EPERM", "EISDIR"];

/**
 * The paths under which a program may be.
 *
 * @param file Its name; with a slash in it, it is the path itself.
 * @param path The value of `PATH`, if it is set. An empty directory in it is the current one.
 */
export function candidates(file: string, path: Bytes = DEFAULT_PATH): readonly Bytes[] {
  const name = encoder.encode(file);
  if (file.includes("/")) return [name];
  const paths: Bytes[] = [];
  for (let start = 0; start <= path.length;) {
    const colon = path.indexOf(COLON, start);
    const end = colon < 0 ? path.length : colon;
    paths.push(join(end === start ? encoder.encode(".") : path.subarray(start, end), name));
    start = end + 1;
  }
  return paths;
}

function join(dir: Bytes, name: Bytes): Bytes {
  const path = new Uint8Array(dir.length + 1 + name.length);
  path.set(dir);
  path[dir.length] = 0x2f;
  path.set(name, dir.length + 1);
  return path;
}
