import { assertEquals, assertThrows } from "@std/assert";
import { close, open } from "../../src/os/descriptor.ts";
import { OsError } from "../../src/os/error.ts";
import { makeDirectory, makeFifo, readLink, rename, stat, unlink } from "../../src/os/file.ts";
import { osTest } from "../support/os.ts";
import { TempDir } from "../support/temp_dir.ts";

function codeOf(call: () => unknown): string {
  return (assertThrows(call, OsError) as OsError).code;
}

osTest("stat() tells type, mode, owner, size, inode and device as Deno does", () => {
  using temp = new TempDir();
  temp.write("file", "seven b", 0o4751);
  makeDirectory(`${temp.path}/dir`, 0o700);
  for (const name of ["file", "dir"]) {
    const path = `${temp.path}/${name}`;
    const expected = Deno.statSync(path);
    const found = stat(path);
    assertEquals(
      [found.mode, found.uid, found.gid, found.size, Number(found.inode)],
      [(expected.mode ?? 0) & 0o7777, expected.uid, expected.gid, expected.size, expected.ino],
    );
  }
  assertEquals([stat(`${temp.path}/file`).type, stat(`${temp.path}/dir`).type], [
    "file",
    "directory",
  ]);
  assertEquals(stat(temp.path).device, stat(`${temp.path}/file`).device);
  assertEquals(stat("/dev/null").type, "other");
});

osTest("stat() follows a symbolic link, or tells of it", () => {
  using temp = new TempDir();
  Deno.symlinkSync("nowhere", `${temp.path}/link`);
  const dir = open(temp.path, { directory: true });
  assertEquals(codeOf(() => stat("link", dir)), "ENOENT");
  assertEquals(stat("link", dir, { follow: false }).type, "symlink");
  assertEquals(readLink("link", dir), "nowhere");
  assertEquals(codeOf(() => readLink(".", dir)), "EINVAL");
  Deno.symlinkSync("link", `${temp.path}/nowhere`);
  assertEquals(codeOf(() => stat("link", dir)), "ELOOP");
  close(dir);
});

osTest("names are made, renamed and removed in a directory that is open", () => {
  using temp = new TempDir();
  const dir = open(temp.path, { directory: true });
  makeFifo("fifo", 0o600, dir);
  assertEquals([stat("fifo", dir).type, stat("fifo", dir).mode], ["fifo", 0o600]);
  assertEquals(codeOf(() => makeFifo("fifo", 0o600, dir)), "EEXIST");
  makeDirectory("sub", 0o700, dir);
  assertEquals(codeOf(() => makeDirectory("sub", 0o700, dir)), "EEXIST");
  temp.write("new", "new");
  temp.write("old", "old");
  rename("new", "old", dir);
  assertEquals(temp.read("old"), "new");
  unlink("old", dir);
  assertEquals(codeOf(() => unlink("old", dir)), "ENOENT");
  assertEquals(codeOf(() => rename("old", "x", dir)), "ENOENT");
  assertEquals(["EISDIR", "EPERM"].includes(codeOf(() => unlink("sub", dir))), true);
  close(dir);
});

osTest("nothing can be made in a directory that was removed", () => {
  using temp = new TempDir();
  Deno.mkdirSync(`${temp.path}/gone`);
  const dir = open(`${temp.path}/gone`, { directory: true });
  Deno.removeSync(`${temp.path}/gone`);
  assertEquals(codeOf(() => makeFifo("fifo", 0o600, dir)), "ENOENT");
  assertEquals(codeOf(() => makeDirectory("sub", 0o700, dir)), "ENOENT");
  close(dir);
});
