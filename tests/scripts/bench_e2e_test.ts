import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BenchService } from "../../scripts/bench/support/bench_service.ts";
import {
  activity,
  hasProc,
  kernelMemory,
  memory,
  written,
} from "../../scripts/bench/support/usage.ts";
import type { Row } from "../../scripts/bench/types.ts";
import { existingTools } from "../../scripts/build/tools.ts";
import { ROOT } from "../../scripts/setup/files.ts";
import { built } from "../support/build.ts";
import { reference } from "../support/reference.ts";
import { TempDir } from "../support/temp_dir.ts";

async function bench(
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "scripts/bench.ts", ...args],
    cwd: ROOT,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("bench startup measures every tool, and writes JSON on request", async () => {
  using temp = new TempDir();
  const { code, stdout, stderr } = await bench(
    "startup",
    "--rounds",
    "1",
    "--json",
    `${temp.path}/figures.json`,
  );
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const { rows }: { rows: Row[] } = JSON.parse(temp.read("figures.json"));
  const tools = existingTools();
  assertEquals(
    rows.map(({ what }) => what),
    ["elapsed", "processor time"].flatMap((kind) => tools.map((tool) => `${tool}, ${kind}`)),
  );
  for (const { what, ours, reference: theirs, floor } of rows) {
    assert(ours > 0 && (floor ?? 0) > 0, what);
    assertEquals(theirs !== undefined, reference(what.replace(/,.*/, "")) !== undefined, what);
    assertStringIncludes(stdout, `\n${what} `);
  }
});

Deno.test("bench refuses what it does not know, in one line", async () => {
  for (
    const args of [["nonsense"], ["startup", "--docs", "--quick"], ["startup", "--rounds", "0"]]
  ) {
    const { code, stdout, stderr } = await bench(...args);
    assertEquals({ code, stdout }, { code: 1, stdout: "" });
    assert(/^bench: .*\n$/.test(stderr), stderr);
  }
});

Deno.test("BenchService tells each start of its service", async () => {
  await using service = new BenchService(await built("runsv"));
  const first = await service.start();
  Deno.kill(first, "SIGKILL");
  const second = await service.nextStart();
  assert(first > 0 && second > 0 && first !== second);
});

Deno.test({
  name: "memory and activity tell what a process uses",
  ignore: !hasProc(),
  fn: () => {
    const { resident, private: own, proportional } = memory(Deno.pid);
    assert(own > 1 && own <= proportional && proportional <= resident, `${own} ${proportional}`);
    const before = activity(Deno.pid);
    for (const end = performance.now() + 20; performance.now() < end;);
    const after = activity(Deno.pid);
    assert(after.cpu > before.cpu && after.switches >= before.switches);
  },
});

Deno.test({
  name: "kernelMemory and written tell what a process uses besides",
  ignore: !hasProc(),
  fn: () => {
    const kernel = kernelMemory(Deno.pid);
    assert(kernel > 0.01 && kernel < 100, `${kernel}`);
    const before = written(Deno.pid);
    using file = Deno.openSync("/dev/null", { write: true });
    file.writeSync(new Uint8Array(12_345));
    assert(written(Deno.pid) - before >= 12_345);
  },
});
