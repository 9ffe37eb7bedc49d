import { assert, assertEquals } from "@std/assert";
import { parseCommandLine } from "../../src/svlogd/options.ts";

function usage(...argv: string[]): string | undefined {
  const line = parseCommandLine(argv);
  assert(!("names" in line), `${argv} is no usage`);
  return line.identify ? "identify" : line.complaint;
}

Deno.test("what is wrong gets the usage", () => {
  assertEquals(usage(), undefined);
  assertEquals(usage("-q", "a"), "illegal option -- q");
  assertEquals(usage("-l"), "option requires an argument -- l");
  assertEquals(usage("-V", "a"), "identify");
  assertEquals(usage("-r", "xy", "a"), undefined);
  assertEquals(usage("-r", "", "a"), undefined);
  assertEquals(usage("-r", "é", "a"), undefined);
});

Deno.test("the buffer must be longer than len, though it is of no other use", () => {
  assertEquals(usage("-b", "1000", "a"), undefined);
  assertEquals(usage("-l", "2000", "a"), undefined);
  const line = parseCommandLine(["-b", "2001", "-l", "2000", "a"]);
  assert("names" in line);
  assertEquals(line.lineLength, 2000);
});

Deno.test("each t asks for the next kind of stamp, up to three", () => {
  const stamp = (option: string): unknown => {
    const line = parseCommandLine([option, "a"]);
    return "names" in line ? line.stamp : "usage";
  };
  assertEquals(["-v", "-t", "-tt", "-ttt", "-tttt"].map(stamp), [
    undefined,
    "tai64n",
    "underscore",
    "iso",
    "iso",
  ]);
});

Deno.test("a set alone is replaced by underscores, and so is what is not printable", () => {
  const line = parseCommandLine(["-R", "ab", "a"]);
  assert("names" in line && line.replacement !== undefined);
  const { replacement } = line;
  assertEquals([..."abc\t"].map((c) => replacement[c.charCodeAt(0)]), [0x5f, 0x5f, 0x63, 0x5f]);
});
