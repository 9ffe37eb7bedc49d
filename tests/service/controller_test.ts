import { assertEquals, assertThrows } from "@std/assert";
import { errorCode } from "../../src/os/error.ts";
import { entryError, exists, look, send } from "../../src/service/controller.ts";
import { FakeService } from "../sv/support/fake_service.ts";
import { osTest } from "../support/os.ts";
import { TempDir } from "../support/temp_dir.ts";

osTest("a service is supervised as long as somebody reads its ok FIFO", () => {
  using temp = new TempDir();
  using fake = new FakeService(`${temp.path}/s`);
  assertEquals(look(fake.dir).kind, "supervised");
  fake.release();
  assertEquals(look(fake.dir).kind, "not running");
  assertEquals(send(fake.dir, "u")?.kind, "not running");
});

osTest("a look gives the record as it is at the moment", () => {
  using temp = new TempDir();
  using fake = new FakeService(`${temp.path}/s`);
  for (const pid of [7, 4_194_303]) {
    fake.setStatus({ pid, paused: true });
    const found = look(fake.dir);
    assertEquals(found.kind === "supervised" && [found.record.pid, found.record.paused], [pid, 1]);
  }
});

osTest("a look says which file fails, and how", () => {
  using temp = new TempDir();
  using fake = new FakeService(`${temp.path}/s`, { status: new Uint8Array(5) });
  const failure = (): unknown[] => {
    const found = look(fake.dir);
    return found.kind === "failed" ? [found.what, errorCode(found.error)] : [found.kind];
  };
  assertEquals(failure(), ["unable to read supervise/status: bad format", undefined]);
  Deno.removeSync(`${fake.dir}/supervise/status`);
  assertEquals(failure(), ["unable to open supervise/status", "ENOENT"]);
  Deno.removeSync(`${fake.dir}/supervise/ok`);
  assertEquals(failure(), ["unable to open supervise/ok", "ENOENT"]);
});

osTest("characters arrive together and in order", () => {
  using temp = new TempDir();
  using fake = new FakeService(`${temp.path}/s`);
  assertEquals(send(fake.dir, "tcu"), undefined);
  assertEquals(send(fake.dir, "1"), undefined);
  assertEquals(fake.sent, "tcu1");
});

osTest("a full FIFO fails instead of waiting", () => {
  using temp = new TempDir();
  using fake = new FakeService(`${temp.path}/s`);
  let failure = send(fake.dir, "h".repeat(4096));
  for (let i = 0; i < 1000 && failure === undefined; i++) {
    failure = send(fake.dir, "h".repeat(4096));
  }
  assertEquals(failure?.kind, "failed");
  if (failure?.kind !== "failed") return;
  assertEquals([failure.what, errorCode(failure.error)], [
    "unable to write to supervise/control",
    "EAGAIN",
  ]);
});

Deno.test("a directory can be entered, or the reason is told", () => {
  using temp = new TempDir();
  temp.write("file", "");
  Deno.symlinkSync("loop", `${temp.path}/loop`);
  assertEquals(entryError(temp.path), undefined);
  assertEquals(errorCode(entryError(`${temp.path}/nope`)), "ENOENT");
  assertEquals(errorCode(entryError(`${temp.path}/file`)), "ENOTDIR");
  assertEquals(errorCode(entryError(`${temp.path}/file/x`)), "ENOTDIR");
  assertEquals(errorCode(entryError(`${temp.path}/loop`)), "ELOOP");
  assertEquals(errorCode(entryError("")), "ENOENT");
});

Deno.test("a file exists, does not, or cannot be told", () => {
  using temp = new TempDir();
  temp.write("here", "");
  Deno.symlinkSync("here", `${temp.path}/link`);
  Deno.symlinkSync("nowhere", `${temp.path}/dangling`);
  Deno.symlinkSync("loop", `${temp.path}/loop`);
  assertEquals(exists(temp.path, "here"), true);
  assertEquals(exists(temp.path, "link"), true);
  assertEquals(exists(temp.path, "dangling"), false);
  assertEquals(exists(temp.path, "nope"), false);
  assertEquals(exists(`${temp.path}/nope`, "nope"), false);
  assertThrows(() => exists(temp.path, "loop"));
});
