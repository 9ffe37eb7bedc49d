import { assertEquals } from "@std/assert";
import { socketAddress } from "../../src/os/datagram.ts";
import { DEFAULT_CONFIG, type LogConfig, parseConfig } from "../../src/svlogd/config.ts";

const encoder = new TextEncoder();

function parse(text: string): LogConfig & { warnings: string[] } {
  const warnings: string[] = [];
  return { ...parseConfig(encoder.encode(text), (what) => warnings.push(what)), warnings };
}

Deno.test("an empty config leaves everything as it is", () => {
  assertEquals(parse(""), { ...DEFAULT_CONFIG, warnings: [] });
  assertEquals(parse("\n# s5\n\n"), { ...DEFAULT_CONFIG, warnings: [] });
});

Deno.test("sizes take k and m, ages m and h", () => {
  assertEquals(parse("s1").maxSize, 1);
  assertEquals(parse("s2k").maxSize, 2048);
  assertEquals(parse("s3m").maxSize, 3 * 1024 * 1024);
  assertEquals(parse("t4").maxAge, 4);
  assertEquals(parse("t5m").maxAge, 300);
  assertEquals(parse("t6h").maxAge, 21_600);
  assertEquals(parse("t7k").maxAge, 7);
  assertEquals(parse("n8x").maxFiles, 8);
  assertEquals(parse("N9").minFiles, 9);
});

Deno.test("what makes no sense is passed over", () => {
  const text = "sfoo\ns\ns-5\nn\nt\nN\nx\n s5\n!\n";
  assertEquals(parse(text), { ...DEFAULT_CONFIG, warnings: [] });
});

Deno.test("later lines win", () => {
  assertEquals(parse("s1\ns2\n").maxSize, 2);
  assertEquals(parse("pone\nptwo\n").prefix, encoder.encode("two"));
});

Deno.test("the last line counts without its line feed, and bytes stay bytes", () => {
  const content = Uint8Array.of(0x70, 0xff, 0x00, 0xfe);
  const { prefix } = parseConfig(content, () => {});
  assertEquals([...prefix], [0xff, 0x00, 0xfe]);
});

Deno.test("addresses have a port, or that of syslog", () => {
  assertEquals(parse("u1.2.3.4").udp, socketAddress([1, 2, 3, 4], 514));
  assertEquals(parse("u1.2.3.4:5x").udp, socketAddress([1, 2, 3, 4], 5));
  assertEquals(parse("u300.2.3.4").udp, socketAddress([44, 2, 3, 4], 514));
  assertEquals(parse("u1.2.3.4").udpOnly, false);
  assertEquals(parse("U1.2.3.4").udpOnly, true);
});

Deno.test("an address that is none is warned of", () => {
  assertEquals(parse("u1.2.3\nuabc\nu1.2.3.4:x\n").warnings, [
    "unable to scan ip address: 1.2.3",
    "unable to scan ip address: abc",
    "unable to scan port number: x",
  ]);
  assertEquals(parse("u1.2.3\n").udp, undefined);
});

Deno.test("lines that runit ignores turn on what it has not", () => {
  assertEquals(parse("z").compression, "gzip");
  assertEquals(parse("zgzip").compression, "gzip");
  assertEquals(parse("zzstd").compression, "zstd");
  assertEquals(parse("l").localTime, true);
  assertEquals(parse("j").json, true);
});
