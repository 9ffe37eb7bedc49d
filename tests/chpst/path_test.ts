import { assertEquals } from "@std/assert";
import { candidates } from "../../src/chpst/path.ts";

const decoder = new TextDecoder();

function paths(file: string, path?: string): string[] {
  const bytes = path === undefined ? undefined : new TextEncoder().encode(path);
  return candidates(file, bytes).map((candidate) => decoder.decode(candidate));
}

Deno.test("candidates() takes a name with a slash as it is", () => {
  assertEquals(paths("./run", "/bin"), ["./run"]);
  assertEquals(paths("/bin/sh", "/usr/bin"), ["/bin/sh"]);
  assertEquals(paths("a/", "/bin"), ["a/"]);
});

Deno.test("candidates() goes along PATH", () => {
  assertEquals(paths("ls", "/bin:/usr/bin"), ["/bin/ls", "/usr/bin/ls"]);
  assertEquals(paths("", "/bin"), ["/bin/"]);
});

Deno.test("candidates() takes an empty directory for the current one", () => {
  assertEquals(paths("ls", ""), ["./ls"]);
  assertEquals(paths("ls", ":"), ["./ls", "./ls"]);
  assertEquals(paths("ls", "/bin:"), ["/bin/ls", "./ls"]);
  assertEquals(paths("ls", ":/bin"), ["./ls", "/bin/ls"]);
  assertEquals(paths("ls", "/a::/b"), ["/a/ls", "./ls", "/b/ls"]);
});

Deno.test("candidates() has a default where there is no PATH", () => {
  assertEquals(paths("ls"), ["/bin/ls", "/usr/bin/ls"]);
});

Deno.test("candidates() keeps directories that are not UTF-8", () => {
  assertEquals(candidates("x", new Uint8Array([0xff])), [new Uint8Array([0xff, 0x2f, 0x78])]);
});
