import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path/join";
import { locked, placeDir, writeAtomic } from "../../scripts/setup/files.ts";

async function withDir(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "runit-deno-files-" });
  try {
    await work(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function names(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map((entry) => entry.name).toSorted();
}

Deno.test("writeAtomic() replaces a file and leaves nothing else", async () => {
  await withDir((dir) => {
    const path = join(dir, "file");
    writeAtomic(path, "one");
    writeAtomic(path, "two", 0o755);
    assertEquals(Deno.readTextFileSync(path), "two");
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o755);
    assertEquals(names(dir), ["file"]);
    return Promise.resolve();
  });
});

Deno.test("writeAtomic() leaves nothing where it cannot place the file", async () => {
  await withDir((dir) => {
    Deno.mkdirSync(join(dir, "taken"));
    assertThrows(() => writeAtomic(join(dir, "taken"), "x"));
    assertEquals(names(dir), ["taken"]);
    return Promise.resolve();
  });
});

Deno.test("placeDir() replaces a folder as a whole", async () => {
  await withDir(async (dir) => {
    const path = join(dir, "folder");
    for (const name of ["first", "second"]) {
      await placeDir(path, (target) => Deno.writeTextFile(join(target, name), name));
    }
    assertEquals(names(path), ["second"]);
    assertEquals(names(dir), ["folder"]);
  });
});

Deno.test("placeDir() leaves the old folder as it was when filling the new one fails", async () => {
  await withDir(async (dir) => {
    const path = join(dir, "folder");
    await placeDir(path, (target) => Deno.writeTextFile(join(target, "old"), ""));
    await assertRejects(() =>
      placeDir(path, async (target) => {
        await Deno.writeTextFile(join(target, "new"), "");
        throw new Error("full");
      })
    );
    assertEquals(names(path), ["old"]);
    assertEquals(names(dir), ["folder"]);
  });
});

Deno.test("locked() lets one in at a time", async () => {
  await withDir(async (dir) => {
    let inside = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 5 }, () =>
      locked(join(dir, "sub", "lock"), async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 5));
        inside--;
      })));
    assertEquals(most, 1);
  });
});
