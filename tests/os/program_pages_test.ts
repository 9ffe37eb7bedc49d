import { assertEquals } from "@std/assert";
import { parseMappings } from "../../src/os/program_pages.ts";

const SMAPS = `55d0c0000000-55d0c2000000 r--p 00000000 fe:00 1234                       /opt/a b
Size:              32768 kB
Anonymous:             0 kB
VmFlags: rd mr mw me sd
55d0c2000000-55d0c4000000 r-xp 02000000 fe:00 1234                       /opt/a b
Anonymous:             0 kB
55d0c4000000-55d0c5000000 r--p 04000000 fe:00 1234                       /opt/a b
Anonymous:          1024 kB
7f0000000000-7f0000100000 rw-p 00000000 00:00 0 
Anonymous:            10 kB
7f0000200000-7f0000300000 r--p 00000000 00:00 0                          [vvar]
VmFlags: rd
`;

Deno.test("parseMappings() reads what lies where, and whether it is as in the file", () => {
  const found = parseMappings(SMAPS);
  assertEquals(found.map(({ path }) => path), ["/opt/a b", "/opt/a b", "/opt/a b", "", "[vvar]"]);
  assertEquals(found.map(({ changed }) => changed), [false, false, true, true, true]);
  assertEquals(found.map(({ permissions }) => permissions), [
    "r--p",
    "r-xp",
    "r--p",
    "rw-p",
    "r--p",
  ]);
  assertEquals(found[0]?.end, 0x55d0c2000000n);
  assertEquals(parseMappings(""), []);
});
