import { assertEquals, assertThrows } from "@std/assert";
import { errnoName, errnoNumber, errnoWords } from "../../src/os/errno.ts";
import { errorCode, OsError, reason } from "../../src/os/error.ts";
import { open } from "../../src/os/descriptor.ts";
import { osTest } from "../support/os.ts";

Deno.test("errnoName() and errnoNumber() are each other's inverse", () => {
  for (let number = 1; number < 134; number++) {
    const name = errnoName(number);
    if (name !== `E${number}`) assertEquals(errnoNumber(name), number, name);
  }
  assertEquals([errnoName(2), errnoNumber("EPIPE")], ["ENOENT", 32]);
});

Deno.test("an error number without a name is called by its number", () => {
  assertEquals([errnoName(9999), errnoNumber("E9999"), errnoNumber("toString")], ["E9999", 0, 0]);
});

Deno.test("errnoWords() has runit's words, and no others", () => {
  const words = ["ENOENT", "EACCES", "EPERM", "ENOSPC", "EILSEQ", "E9999"].map(errnoWords);
  assertEquals(words, [
    "file does not exist",
    "access denied",
    "permission denied",
    "out of disk space",
    "unknown error",
    "unknown error",
  ]);
});

Deno.test("OsError carries the call, the name of its number, and runit's words", () => {
  for (const error of [new OsError("EMFILE", "open"), new OsError(errnoNumber("EMFILE"), "open")]) {
    assertEquals([error.code, error.errno, error.syscall], ["EMFILE", 24, "open"]);
    assertEquals(error.message, "open: process cannot open more files (EMFILE)");
  }
});

Deno.test("errorCode() knows the errors of Deno and of Node as well", async () => {
  const { readFileSync } = await import("node:fs");
  const thrown = (call: () => unknown): unknown => {
    try {
      call();
    } catch (error) {
      return error;
    }
    throw new Error("nothing was thrown");
  };
  const errors = [
    thrown(() => Deno.readFileSync("/nosuch")),
    thrown(() => readFileSync("/nosuch")),
    thrown(() => Deno.readFileSync("/etc/passwd/x")),
    new Deno.errors.NotFound("made without asking the system"),
    new Deno.errors.AlreadyExists("the same"),
    new Error("no system's"),
    "not even an error",
    undefined,
  ];
  assertEquals(errors.map(errorCode), [
    "ENOENT",
    "ENOENT",
    "ENOTDIR",
    "ENOENT",
    "EEXIST",
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(errors.slice(0, 3).map(reason), [
    "file does not exist",
    "file does not exist",
    "not a directory",
  ]);
  assertEquals(reason("not even an error"), "not even an error");
});

osTest("a call that fails throws an OsError with the name of the number", () => {
  const failures: [string, () => unknown][] = [
    ["ENOENT", () => open("/nosuch")],
    ["ENOTDIR", () => open("/etc/passwd/x")],
    ["ENOTDIR", () => open("/etc/passwd", { directory: true })],
    ["EISDIR", () => open("/etc", { access: "write" })],
    ["EEXIST", () => open("/etc/passwd", { access: "write", create: true, exclusive: true })],
    ["EINVAL", () => open("with\0inside")],
    ["ENAMETOOLONG", () => open("x".repeat(300))],
  ];
  for (const [code, call] of failures) {
    const error = assertThrows(call, OsError) as OsError;
    assertEquals(error.code, code);
  }
});
