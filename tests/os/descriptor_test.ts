import { assertEquals, assertThrows } from "@std/assert";
import * as fd from "../../src/os/descriptor.ts";
import { errorCode, OsError } from "../../src/os/error.ts";
import { makeFifo } from "../../src/os/file.ts";
import { osTest } from "../support/os.ts";
import { TempDir } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";

// Beside these tests, in the same process, others start programs: until such a child has executed, it has copies of
// all descriptors, so that the end of a pipe is waited for.

const encoder = new TextEncoder();

function codeOf(call: () => unknown): string {
  return (assertThrows(call, OsError) as OsError).code;
}

/** Reads what is there, as text; undefined where there is nothing now. */
function readText(from: number, size = 100): string | undefined {
  const buffer = new Uint8Array(size);
  const count = fd.read(from, buffer);
  return count === undefined ? undefined : new TextDecoder().decode(buffer.subarray(0, count));
}

osTest("pipe() gives two ends that close on exec; what goes in comes out, then the end", () => {
  const { read, write } = fd.pipe();
  assertEquals([fd.closesOnExec(read), fd.closesOnExec(write)], [true, true]);
  assertEquals(fd.hasInput(read), false);
  assertEquals(fd.write(write, encoder.encode("one")), 3);
  assertEquals(fd.hasInput(read), true);
  fd.writeAll(write, encoder.encode("two"));
  assertEquals(readText(read, 4), "onet");
  fd.close(write);
  assertEquals([fd.hasInput(read), readText(read), fd.hasInput(read)], [true, "wo", false]);
  assertEquals(readText(read), "");
  fd.close(read);
});

osTest(
  "a nonblocking end has nothing rather than waiting, and takes nothing when it is full",
  async () => {
    const { read, write } = fd.pipe();
    for (const end of [read, write]) fd.setNonblocking(end, true);
    assertEquals(readText(read), undefined);
    const block = new Uint8Array(65536);
    let total = 0;
    for (let count = fd.write(write, block); count !== undefined; count = fd.write(write, block)) {
      total += count;
    }
    assertEquals(total % 4096, 0);
    assertEquals(codeOf(() => fd.writeAll(write, block)), "EAGAIN");
    fd.setNonblocking(read, false);
    assertEquals(readText(read, 10)?.length, 10);
    fd.close(read);
    await until("nobody reads it", () => {
      try {
        fd.write(write, block);
        return false;
      } catch (error) {
        return errorCode(error) === "EPIPE";
      }
    });
    fd.close(write);
  },
);

osTest("setPipeSize() says what size a pipe has got", () => {
  const { read, write } = fd.pipe();
  assertEquals(fd.setPipeSize(write, 100_000), 131_072);
  fd.setNonblocking(write, true);
  assertEquals(fd.write(write, new Uint8Array(200_000)), 131_072);
  fd.close(read);
  assertEquals(fd.setPipeSize(-1, 4096), undefined);
  fd.close(write);
}, { ignore: Deno.build.os !== "linux" });

osTest("a descriptor can be doubled, and says whether it closes on exec", () => {
  const { read, write } = fd.pipe();
  const copy = fd.duplicate(write, 100);
  assertEquals(copy >= 100, true);
  assertEquals(fd.closesOnExec(copy), true);
  fd.setCloseOnExec(copy, false);
  assertEquals(fd.closesOnExec(copy), false);
  fd.duplicateTo(read, copy);
  assertEquals(fd.closesOnExec(copy), false);
  fd.writeAll(write, encoder.encode("x"));
  assertEquals(readText(copy), "x");
  for (const end of [read, write, copy]) fd.closeOrFail(end);
  assertEquals(codeOf(() => fd.duplicate(-1)), "EBADF");
  assertEquals(fd.closesOnExec(-1), undefined);
  assertEquals(codeOf(() => fd.closeOrFail(-1)), "EBADF");
});

osTest(
  "open() takes a directory to start from, and makes files with their mode less the umask",
  () => {
    using temp = new TempDir();
    const dir = fd.open(temp.path, { directory: true });
    const made = fd.open("file", { dir, access: "write", create: true, mode: 0o600 });
    fd.writeAll(made, encoder.encode("one\n"));
    fd.close(made);
    assertEquals([temp.read("file"), (Deno.statSync(`${temp.path}/file`).mode ?? 0) & 0o777], [
      "one\n",
      0o600,
    ]);
    const more = fd.open("file", { dir, access: "write", append: true });
    fd.writeAll(more, encoder.encode("two\n"));
    fd.changeMode(more, 0o744);
    fd.sync(more);
    fd.close(more);
    assertEquals(temp.read("file"), "one\ntwo\n");
    assertEquals((Deno.statSync(`${temp.path}/file`).mode ?? 0) & 0o777, 0o744);
    const empty = fd.open("file", { dir, access: "both", truncate: true });
    assertEquals(readText(empty), "");
    fd.close(empty);
    assertEquals(codeOf(() => fd.open("none", { dir })), "ENOENT");
    fd.close(dir);
  },
);

osTest("open() finds a file again after its directory was renamed", () => {
  using temp = new TempDir();
  temp.write("before/file", "here");
  const dir = fd.open(`${temp.path}/before`, { directory: true });
  Deno.renameSync(`${temp.path}/before`, `${temp.path}/after`);
  const file = fd.open("file", { dir });
  assertEquals(readText(file), "here");
  fd.close(file);
  fd.close(dir);
});

osTest("open() takes a name of bytes that are not UTF-8", () => {
  using temp = new TempDir();
  const dir = fd.open(temp.path, { directory: true });
  const name = new Uint8Array([0xff, 0x80, 0x41]);
  fd.close(fd.open(name, { dir, access: "write", create: true }));
  assertEquals(
    codeOf(() => fd.open(name, { dir, access: "write", create: true, exclusive: true })),
    "EEXIST",
  );
  fd.close(dir);
});

osTest("open() of a FIFO for writing tells whether somebody reads it", async () => {
  using temp = new TempDir();
  const path = `${temp.path}/fifo`;
  makeFifo(path, 0o600);
  const open = (access: "read" | "write"): number => fd.open(path, { access, nonblocking: true });
  assertEquals(codeOf(() => open("write")), "ENXIO");
  const read = open("read");
  const write = open("write");
  fd.writeAll(write, encoder.encode("u"));
  assertEquals([readText(read), readText(read)], ["u", undefined]);
  fd.close(write);
  await until("the end, as no writer is left", () => readText(read) === "");
  fd.close(read);
});

osTest("lock() keeps others out until the last descriptor is closed", () => {
  using temp = new TempDir();
  temp.write("lock", "");
  const open = (): number => fd.open(`${temp.path}/lock`, { access: "write" });
  const [first, second] = [open(), open()];
  fd.lock(first, { wait: false });
  fd.lock(first, { wait: false });
  assertEquals(codeOf(() => fd.lock(second, { wait: false })), "EAGAIN");
  const copy = fd.duplicate(first);
  fd.close(first);
  assertEquals(codeOf(() => fd.lock(second, { wait: false })), "EAGAIN");
  fd.close(copy);
  fd.lock(second, { wait: true });
  fd.close(second);
});

osTest("lock() is the lock that Deno's files take", () => {
  using temp = new TempDir();
  temp.write("lock", "");
  using file = Deno.openSync(`${temp.path}/lock`, { write: true });
  assertEquals(file.tryLockSync(true), true);
  const mine = fd.open(`${temp.path}/lock`, { access: "write" });
  assertEquals(codeOf(() => fd.lock(mine, { wait: false })), "EAGAIN");
  file.unlockSync();
  fd.lock(mine, { wait: false });
  fd.close(mine);
});

osTest(
  "open() of a directory to start paths from cannot read it, and is enough to find files in it",
  () => {
    using temp = new TempDir();
    temp.write("file", "here");
    const dir = fd.open(temp.path, { search: true });
    const file = fd.open("file", { dir });
    assertEquals(readText(file), "here");
    assertEquals(
      codeOf(() => fd.read(dir, new Uint8Array(1))),
      Deno.build.os === "linux" ? "EBADF" : "EISDIR",
    );
    assertEquals(codeOf(() => fd.open(`${temp.path}/file`, { search: true })), "ENOTDIR");
    fd.close(file);
    fd.close(dir);
  },
);
