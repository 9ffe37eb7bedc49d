import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { processesIn, signalIfAlive } from "../../scripts/demo/processes.ts";
import { build } from "../../scripts/build/build.ts";
import { ROOT } from "../../scripts/setup/files.ts";
import { reference } from "../support/reference.ts";
import { TempDir } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";
import { blocks, normalized, section } from "./readme.ts";

interface Demo {
  readonly process: Deno.ChildProcess;
  /** Where it makes its temporary directory. */
  readonly temp: TempDir;
  readonly output: Promise<Deno.CommandOutput>;
}

function start(temp: TempDir, args: readonly string[] = []): Demo {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", "scripts/demo.ts", ...args],
    cwd: ROOT,
    env: { TMPDIR: temp.path },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return { process, temp, output: process.output() };
}

async function ended(demo: Demo): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await demo.output;
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function assertNothingLeft(temp: TempDir): Promise<void> {
  assertEquals([...Deno.readDirSync(temp.path)].map(({ name }) => name), []);
  assertEquals(await processesIn(temp.path), []);
}

/** The folder of the reference's tools, or undefined where there are none. */
function referenceBin(): string | undefined {
  return reference("sv")?.replace(/\/sv$/, "");
}

Deno.test("demo goes through all its steps with the compiled tools, and leaves nothing", async () => {
  using temp = new TempDir();
  const { code, stdout, stderr } = await ended(start(temp));
  assertEquals({ code, stderr }, { code: 0, stderr: "" }, stdout);
  assertMatch(stdout, /\n {5}run: web: \(pid \d+\) \d+s; run: log: \(pid \d+\) \d+s\n/);
  assertMatch(stdout, /✓ restarted as \d+ within \d+ ms, answers again after \d+ ms:\n/);
  assertMatch(stdout, /✓ all \d+ lines are there, in order/);
  assertMatch(stdout, /\nAll of it happened, in \d+\.\d s\.\n$/);
  await assertNothingLeft(temp);
  assertShownInReadme(stdout);
});

/** The steps, commands and findings that the README shows are those of the demo, but for numbers that change. */
function assertShownInReadme(stdout: string): void {
  const [shown = ""] = blocks(section("Try it"), "");
  const lines = normalized(stdout).split("\n");
  let at = 0;
  assert(shown.includes("\n1. "));
  for (const line of normalized(shown).split("\n")) {
    if (!/^(N\. | {3}[$✓] )/.test(line)) continue;
    at = lines.indexOf(line, at) + 1;
    assert(at > 0, `README.md shows a line that the demo has not said: ${line}`);
  }
}

Deno.test({
  name: "demo goes through the same steps with the reference's tools",
  ignore: referenceBin() === undefined,
  fn: async () => {
    using temp = new TempDir();
    const demo = start(temp, ["--bin", referenceBin() ?? ""]);
    const { code, stdout, stderr } = await ended(demo);
    assertEquals({ code, stderr }, { code: 0, stderr: "" }, stdout);
    await assertNothingLeft(temp);
  },
});

Deno.test("demo goes through the same steps with the multicall executable, installed as README says", async () => {
  await build({ multicall: true });
  using temp = new TempDir();
  using bin = new TempDir();
  const install = blocks(section("Install"), "sh").join("").match(/^cp .*$/m)?.[0] ?? "";
  const { success } = await new Deno.Command("sh", {
    args: ["-c", install.replace("/usr/local/bin/", bin.path)],
    cwd: ROOT,
  }).output();
  assert(success, install);
  const { code, stdout, stderr } = await ended(start(temp, ["--bin", bin.path]));
  assertEquals({ code, stderr }, { code: 0, stderr: "" }, stdout);
  await assertNothingLeft(temp);
});

Deno.test({
  name: "demo fails in one line, and leaves nothing, when a tool does not do its part",
  ignore: referenceBin() === undefined,
  fn: async () => {
    using temp = new TempDir();
    using bin = new TempDir();
    for (const tool of ["runsvdir", "runsv", "svlogd", "chpst"]) {
      Deno.symlinkSync(`${referenceBin()}/${tool}`, `${bin.path}/${tool}`);
    }
    bin.write("sv", "#!/bin/sh\necho something else\n", 0o755);
    const { code, stdout, stderr } = await ended(start(temp, ["--bin", bin.path]));
    assertEquals(code, 1, stdout);
    assertMatch(stderr, /^demo: expected .*, got: something else\n$/);
    assertEquals(stdout.includes("All of it happened"), false);
    await assertNothingLeft(temp);
  },
});

Deno.test("demo fails in one line when a tool is missing, even if the search path holds one", async () => {
  using temp = new TempDir();
  using bin = new TempDir();
  const { code, stderr } = await ended(start(temp, ["--bin", bin.path]));
  assertEquals({ code, stderr }, { code: 1, stderr: `demo: ${bin.path} lacks chpst\n` });
  await assertNothingLeft(temp);
});

Deno.test("demo fails in one line when the folder of the tools is not there", async () => {
  using temp = new TempDir();
  const { code, stderr } = await ended(start(temp, ["--bin", `${temp.path}/nowhere`]));
  assertEquals(code, 1);
  assertMatch(stderr, /^demo: .*nowhere.*\n$/);
  await assertNothingLeft(temp);
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({
    name: `demo ends what it has started on ${signal}, with exit code ${code}`,
    ignore: referenceBin() === undefined,
    fn: async () => {
      using temp = new TempDir();
      const demo = start(temp, ["--bin", referenceBin() ?? ""]);
      let over = false;
      demo.output.then(() => over = true);
      // Three supervisors, the logger and the server.
      const waited = await until(
        "supervision is on",
        async () => over || (await processesIn(temp.path)).length >= 5,
        60_000,
      ).catch((error: unknown) => error);
      signalIfAlive(demo.process.pid, signal);
      const result = await ended(demo);
      assertEquals({ waited, code: result.code }, { waited: true, code }, result.stdout);
      assertStringIncludes(result.stderr, `demo: stopped by ${signal}, cleaned up\n`);
      await assertNothingLeft(temp);
    },
  });
}
