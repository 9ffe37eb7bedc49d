import { assertEquals } from "@std/assert";
import { OsError } from "../../src/os/error.ts";
import { Output } from "../../src/sv/output.ts";

/** Output whose writes are collected, each with its stream. */
function collecting(): { output: Output; writes: string[] } {
  const writes: string[] = [];
  const sink = (stream: string) => (bytes: Uint8Array): void => {
    writes.push(`${stream} ${new TextDecoder().decode(bytes)}`);
  };
  return { output: new Output(sink("1"), sink("2")), writes };
}

Deno.test("lines are written together, once", () => {
  const { output, writes } = collecting();
  for (let i = 0; i < 3; i++) output.print(`${i}\n`);
  assertEquals(writes, []);
  output.flush();
  output.flush();
  assertEquals(writes, ["1 0\n1\n2\n"]);
});

Deno.test("what was printed before a warning is written before it", () => {
  const { output, writes } = collecting();
  output.print("a\n");
  output.warn("unable to stat s/down", new OsError("ELOOP", "stat"));
  output.print("b\n");
  output.flush();
  assertEquals(writes, [
    "1 a\n",
    "2 warning: unable to stat s/down: symbolic link loop\n",
    "1 b\n",
  ]);
});

Deno.test("failures are counted, warnings are not", () => {
  const { output } = collecting();
  output.fail();
  output.warn("x", new OsError("EIO", "read"));
  output.fail();
  assertEquals(output.failures, 2);
});
