/**
 * The names in a directory: opendir(3), readdir(3).
 *
 * @module
 */

import { bind, clearErrno, errno } from "./_libc.ts";
import { close, open } from "./descriptor.ts";
import { OsError } from "./error.ts";
import { platform } from "./platform.ts";
import { cStringBytes } from "./process.ts";

// On Intel Macs, what handles 64-bit inodes has a name of its own.
const inode64 = Deno.build.os === "darwin" && Deno.build.arch === "x86_64" ? "$INODE64" : "";

const libc = {
  fdopendir: bind(`fdopendir${inode64}`, ["i32"], "pointer"),
  readdir: bind(`readdir${inode64}`, ["pointer"], "pointer"),
  closedir: bind("closedir", ["pointer"], "i32"),
};

/**
 * All names in a directory, as bytes and in its own order, without `.` and `..`.
 *
 * `Deno.readDirSync` would replace what is not UTF-8 in them.
 *
 * @param fd The directory, open; it stays open.
 * @throws {OsError} As openat(2) and readdir(3) fail.
 */
export function listNames(fd: number): Uint8Array<ArrayBuffer>[] {
  // The stream takes its descriptor over, and one of its own begins at the first name.
  const own = open(".", { dir: fd, directory: true });
  const stream = libc.fdopendir(own);
  if (stream === null) {
    const number = errno();
    close(own);
    throw new OsError(number, "fdopendir");
  }
  try {
    const names: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      clearErrno();
      const entry = libc.readdir(stream);
      if (entry === null) break;
      const name = cStringBytes(
        Deno.UnsafePointer.offset(entry, platform.direntName) ?? entry,
      );
      if (!isDots(name)) names.push(name);
    }
    const number = errno();
    if (number !== 0) throw new OsError(number, "readdir");
    return names;
  } finally {
    libc.closedir(stream);
  }
}

const DOT = 0x2e;

function isDots(name: Uint8Array): boolean {
  return name[0] === DOT && (name.length === 1 || name.length === 2 && name[1] === DOT);
}
