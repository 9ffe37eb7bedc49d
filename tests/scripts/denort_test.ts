import { assertEquals, assertThrows } from "@std/assert";
import { cutBase } from "../../scripts/setup/denort.ts";

/** The smallest thing that is an ELF file by its header: 64 bytes of header, a body, a section table of two. */
function elf(body: number): Uint8Array<ArrayBuffer> {
  const size = 64 + body + 2 * 64;
  const bytes = new Uint8Array(size).fill(0xaa);
  bytes.set([0x7f, 0x45, 0x4c, 0x46]);
  const header = new DataView(bytes.buffer);
  header.setBigUint64(40, BigInt(64 + body), true);
  header.setUint16(58, 64, true);
  header.setUint16(60, 2, true);
  return bytes;
}

/** What `deno compile` appends. */
function append(base: Uint8Array<ArrayBuffer>, payload: string): Uint8Array<ArrayBuffer> {
  const data = new TextEncoder().encode(`d3n0l4nd${payload}d3n0l4nd`);
  const trailer = new DataView(new ArrayBuffer(16));
  trailer.setUint32(0, 0x501e, true);
  trailer.setUint32(4, 0x12345678, true);
  trailer.setBigUint64(8, BigInt(data.length + 16), true);
  return new Uint8Array([...base, ...data, ...new Uint8Array(trailer.buffer)]);
}

Deno.test("cutBase() gives back the very bytes that a program was appended to", () => {
  const base = elf(1000);
  assertEquals(cutBase(append(base, "console.log(1)")), base);
});

Deno.test("cutBase() works on an executable without a program", () => {
  const base = elf(0);
  assertEquals(cutBase(append(base, "")), base);
});

Deno.test("cutBase() works on a view into a larger buffer", () => {
  const base = elf(10);
  const file = append(base, "x");
  const larger = new Uint8Array([1, 2, 3, ...file, 4]);
  assertEquals(cutBase(larger.subarray(3, 3 + file.length)), base);
});

const spoiled: readonly [string, (file: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>][] = [
  ["is shorter than a trailer", (file) => file.slice(0, 10)],
  ["was never compiled", () => elf(1000)],
  ["has lost its last byte", (file) => file.slice(0, -1)],
  ["claims more data than it has", (file) => {
    new DataView(file.buffer).setBigUint64(file.length - 8, BigInt(file.length + 1), true);
    return file;
  }],
  ["claims less data than it has", (file) => {
    new DataView(file.buffer).setBigUint64(file.length - 8, 40n, true);
    return file;
  }],
  ["has more than its section table before the data", (file) => {
    new DataView(file.buffer).setUint16(60, 1, true);
    return file;
  }],
  ["is no ELF file", (file) => {
    file[0] = 0;
    return file;
  }],
];

for (const [what, spoil] of spoiled) {
  Deno.test(`cutBase() throws when the file ${what}`, () => {
    assertThrows(() => cutBase(spoil(append(elf(1000), "console.log(1)"))), RangeError);
  });
}
