import { assertEquals, assertThrows } from "@std/assert";
import { OsError } from "../../src/os/error.ts";
import { close, closesOnExec, open } from "../../src/os/descriptor.ts";
import { executeWithin, type ExecuteWithinOptions } from "../../src/os/execute_within.ts";
import { getLimit } from "../../src/os/limits.ts";
import { osTest } from "../support/os.ts";
import { TempDir } from "../support/temp_dir.ts";

function failure(options: Partial<ExecuteWithinOptions>): OsError {
  const all = {
    paths: ["/nosuch/program"],
    passOver: ["ENOENT", "EACCES"],
    argv: ["program"],
    environment: "inherit",
    limits: [],
    ...options,
  } as const;
  return assertThrows(() => executeWithin(all), OsError);
}

osTest("executeWithin() throws the last error other than that a file is missing", () => {
  using dir = new TempDir();
  dir.write("text", "x", 0o644);
  const text = `${dir.path}/text`;
  assertEquals(failure({ paths: ["/nosuch/a", "/nosuch/b"] }).code, "ENOENT");
  assertEquals(failure({ paths: [] }).code, "ENOENT");
  assertEquals(failure({ paths: [text, "/nosuch/b"] }).code, "EACCES");
  assertEquals(failure({ paths: ["/nosuch/a", text] }).code, "EACCES");
  assertEquals(failure({ paths: [text, `${text}/x`] }).code, "ENOTDIR");
});

osTest("executeWithin() tries no further path after an error that is not passed over", () => {
  using dir = new TempDir();
  dir.write("text", "x", 0o644);
  const paths = ["/etc/passwd/x", `${dir.path}/text`];
  assertEquals(failure({ paths }).code, "ENOTDIR");
  assertEquals(
    failure({ paths: [`${dir.path}/text`, "/etc/passwd/x"], passOver: ["ENOENT"] }).code,
    "EACCES",
  );
});

osTest("executeWithin() takes limits back when it fails", () => {
  const before = [getLimit("CORE"), getLimit("NOFILE")];
  const limits = [
    { resource: "CORE", limit: { soft: 0n, hard: before[0]?.hard ?? 0n } },
    { resource: "NOFILE", limit: { soft: 1n, hard: before[1]?.hard ?? 0n } },
  ] as const;
  assertEquals(failure({ limits }).syscall, "execve");
  assertEquals([getLimit("CORE"), getLimit("NOFILE")], before);
});

osTest("executeWithin() throws the error of a limit, and takes back those before it", () => {
  const before = getLimit("CORE");
  const { hard } = getLimit("NOFILE");
  const error = failure({
    limits: [
      { resource: "CORE", limit: { soft: 0n, hard: before.hard } },
      { resource: "NOFILE", limit: { soft: hard + 1n, hard } },
    ],
  });
  assertEquals([error.syscall, error.code], ["setrlimit", "EINVAL"]);
  assertEquals(getLimit("CORE"), before);
});

osTest("executeWithin() gives a descriptor back its place when it fails", () => {
  const from = open("/dev/null");
  const used = open("/dev/zero");
  const free = open("/dev/null");
  close(free);
  for (const to of [used, free, from]) {
    const before = [closesOnExec(from), closesOnExec(to)];
    failure({ descriptor: { from, to } });
    assertEquals([closesOnExec(from), closesOnExec(to)], before);
  }
  assertEquals(Deno.readLinkSync(`/proc/self/fd/${used}`), "/dev/zero");
  close(from);
  close(used);
});

osTest("executeWithin() throws for a NUL inside an argument, a path or a variable", () => {
  assertEquals(failure({ argv: ["a\0b"] }).code, "EINVAL");
  assertEquals(failure({ paths: ["a\0b"] }).code, "EINVAL");
  assertEquals(failure({ environment: ["a\0b"] }).code, "EINVAL");
});
