import { assertEquals } from "@std/assert";
import { isLoggedIn, loggedOut, logOut, recordLayout } from "../../src/utmpset/record.ts";

const encoder = new TextEncoder();
const X86_64 = recordLayout("x86_64");
const AARCH64 = recordLayout("aarch64");

function record(line: string, user: string, layout = X86_64): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(layout.size).fill(0x55);
  bytes.set([7, 0, 0, 0], layout.type);
  bytes.fill(0, layout.line, layout.line + 32).set(encoder.encode(line), layout.line);
  bytes.fill(0, layout.user, layout.user + 32).set(encoder.encode(user), layout.user);
  return bytes;
}

function loggedInOn(line: string, bytes: Uint8Array): boolean {
  return isLoggedIn(X86_64, bytes, encoder.encode(line));
}

Deno.test("a record is of the line that it names, all of it", () => {
  const bytes = record("tty2", "alice");
  assertEquals(loggedInOn("tty2", bytes), true);
  assertEquals(loggedInOn("tty", bytes), false);
  assertEquals(loggedInOn("tty22", bytes), false);
  assertEquals(loggedInOn("", bytes), false);
});

Deno.test("a record without a user has nobody on its line", () => {
  assertEquals(loggedInOn("tty2", record("tty2", "")), false);
});

Deno.test("a line's name has at most 31 bytes", () => {
  assertEquals(loggedInOn("x".repeat(31), record("x".repeat(31), "alice")), true);
  assertEquals(loggedInOn("x".repeat(32), record("x".repeat(32), "alice")), false);
  // Where the user's name goes on as the line does.
  assertEquals(loggedInOn("x".repeat(36), record("x".repeat(36), "alice")), false);
});

Deno.test("logging out clears user, host, type and seconds, and nothing else", () => {
  for (const layout of [X86_64, AARCH64]) {
    const before = record("tty2", "alice", layout);
    const after = before.slice();
    logOut(layout, after, 0x01020304);
    const changed = [...after.keys()].filter((i) => after[i] !== before[i]);
    const expected = new Set<number>();
    const add = (from: number, size: number) => {
      for (let i = from; i < from + size; i++) expected.add(i);
    };
    add(layout.type, 1);
    add(layout.user, 5);
    add(layout.host, 256);
    add(layout.seconds, layout.secondsSize);
    assertEquals(changed, [...expected].toSorted((a, b) => a - b));
    assertEquals(after[layout.type], 8);
    assertEquals([...after.subarray(layout.seconds, layout.seconds + 4)], [4, 3, 2, 1]);
    assertEquals(isLoggedIn(layout, after, encoder.encode("tty2")), false);
  }
});

Deno.test("what is added to wtmp holds type, line and seconds", () => {
  const bytes = loggedOut(AARCH64, encoder.encode("tty2"), 0x01020304);
  const expected = new Uint8Array(400);
  expected.set([8]);
  expected.set(encoder.encode("tty2"), 8);
  expected.set([4, 3, 2, 1], 344);
  assertEquals(bytes, expected);
  assertEquals(loggedOut(X86_64, encoder.encode("tty2"), 1).length, 384);
});

const compiler = ["cc", "gcc"].find((name) => {
  try {
    return new Deno.Command(name, { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
});

Deno.test({
  name: "the layout is that of this system's header",
  ignore: compiler === undefined || Deno.build.os !== "linux",
  fn: () => {
    const layout = recordLayout(Deno.build.arch);
    const facts: [string, number][] = [
      ["sizeof(struct utmp)", layout.size],
      ["offsetof(struct utmp, ut_type)", layout.type],
      ["offsetof(struct utmp, ut_line)", layout.line],
      ["offsetof(struct utmp, ut_user)", layout.user],
      ["offsetof(struct utmp, ut_host)", layout.host],
      ["offsetof(struct utmp, ut_tv.tv_sec)", layout.seconds],
      ["sizeof(((struct utmp *)0)->ut_tv.tv_sec)", layout.secondsSize],
    ];
    const checks = facts.map(([fact, value]) => `_Static_assert(${fact} == ${value}, "${fact}");`);
    const source = `#include <stddef.h>\n#include <utmp.h>\n${checks.join("\n")}\n`;
    const path = Deno.makeTempFileSync({ prefix: "runit-deno-test-", suffix: ".c" });
    try {
      Deno.writeTextFileSync(path, source);
      const { success, stderr } = new Deno.Command(compiler ?? "", {
        args: ["-fsyntax-only", path],
      }).outputSync();
      assertEquals(success, true, new TextDecoder().decode(stderr));
    } finally {
      Deno.removeSync(path);
    }
  },
});
