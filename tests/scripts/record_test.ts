import { assertEquals } from "@std/assert";
import { join } from "@std/path/join";
import { readRecord, sourceFile, sourcesChanged } from "../../scripts/build/record.ts";

async function withFile(work: (path: string, dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "runit-deno-record-" });
  try {
    const path = join(dir, "source.ts");
    await Deno.writeTextFile(path, "let a = 1;\n");
    await work(path, dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("sourcesChanged() is false while nothing happens", async () => {
  await withFile(async (path) => {
    assertEquals(await sourcesChanged([await sourceFile(path)]), false);
  });
});

Deno.test("sourcesChanged() is false for a file that was only touched", async () => {
  await withFile(async (path) => {
    const before = await sourceFile(path);
    await Deno.utime(path, 1, 1);
    assertEquals(await sourcesChanged([before]), false);
  });
});

Deno.test("sourcesChanged() sees a change that keeps the size", async () => {
  await withFile(async (path) => {
    const before = await sourceFile(path);
    await Deno.writeTextFile(path, "let a = 2;\n");
    await Deno.utime(path, 1, 1);
    assertEquals(await sourcesChanged([before]), true);
  });
});

Deno.test("sourcesChanged() sees a file go", async () => {
  await withFile(async (path) => {
    const before = await sourceFile(path);
    await Deno.remove(path);
    assertEquals(await sourcesChanged([before]), true);
  });
});

Deno.test("readRecord() takes a damaged record for none", async () => {
  await withFile(async (_path, dir) => {
    assertEquals(readRecord(join(dir, "none.json")), undefined);
    await Deno.writeTextFile(join(dir, "cut.json"), '{"flags":');
    assertEquals(readRecord(join(dir, "cut.json")), undefined);
  });
});
