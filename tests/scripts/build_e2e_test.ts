import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path/join";
import { cutBase } from "../../scripts/setup/denort.ts";
import { sha256 } from "../../scripts/setup/integrity.ts";
import { RECOVERED_DENORT } from "../../scripts/setup/pins.ts";
import type { RunResult } from "../support/project.ts";
import { Project } from "../support/project.ts";

const HOST = Deno.build.target;

const MULTICALL = `import process from "node:process";
const name = process.argv0.slice(process.argv0.lastIndexOf("/") + 1);
if (name === "chpst") await import("./chpst.ts");
else await import("./sv.ts");
`;

/** A project with two small tools, `sv` made of two modules. */
async function withTools(): Promise<Project> {
  const project = await Project.make();
  await project.linkDeps();
  await project.write("src/word.ts", 'export const word = "one";\n');
  await project.write(
    "cmd/sv.ts",
    'import { word } from "../src/word.ts";\nconsole.log("sv", word);\n',
  );
  await project.write("cmd/chpst.ts", 'console.log("chpst");\n');
  await project.write("cmd/multicall.ts", MULTICALL);
  return project;
}

async function call(path: string): Promise<string> {
  const { stdout } = await new Deno.Command(path, { stdin: "null" }).output();
  return new TextDecoder().decode(stdout);
}

/** The lines of the table: tool, then what was done. */
function states({ stdout, stderr }: RunResult): Record<string, string> {
  const lines = stdout.matchAll(/^(sv|chpst|multicall) +(built|up to date) /gm);
  const found = Object.fromEntries([...lines].map(([, tool, state]) => [tool, state]));
  assertNotEquals(found, {}, stderr);
  return found;
}

Deno.test("build compiles each tool, and again only what has changed", async () => {
  await using project = await withTools();
  const first = await project.run("scripts/build.ts", []);
  assertEquals(states(first), { chpst: "built", sv: "built" });
  assertEquals(await call(join(project.dir, "dist/bin/sv")), "sv one\n");
  assertEquals(await call(join(project.dir, "dist/bin/chpst")), "chpst\n");
  assertEquals(await Deno.readLink(join(project.dir, "dist/bin")), HOST);

  assertEquals(states(await project.run("scripts/build.ts", [])), {
    chpst: "up to date",
    sv: "up to date",
  });

  await project.write("src/word.ts", 'export const word = "two";\n');
  const { ino } = await Deno.stat(join(project.dir, "dist/bin/sv"));
  assertEquals(states(await project.run("scripts/build.ts", [])), {
    chpst: "up to date",
    sv: "built",
  });
  assertEquals(await call(join(project.dir, "dist/bin/sv")), "sv two\n");
  assertNotEquals((await Deno.stat(join(project.dir, "dist/bin/sv"))).ino, ino);

  await Deno.remove(join(project.dir, "dist", HOST, "chpst"));
  assertEquals(states(await project.run("scripts/build.ts", ["chpst"])), { chpst: "built" });
});

Deno.test("build prints the sha256 of what it made, and makes the same bytes elsewhere", async () => {
  const sums: string[] = [];
  for (const _ of [1, 2]) {
    await using project = await withTools();
    const { stdout } = await project.run("scripts/build.ts", ["sv"]);
    const bytes = await Deno.readFile(join(project.dir, "dist/bin/sv"));
    const sum = await sha256(bytes);
    assertStringIncludes(stdout, sum);
    sums.push(sum);
    if (stdout.includes("recovered")) {
      assertEquals(await sha256(cutBase(bytes).slice()), RECOVERED_DENORT.sha256);
    }
  }
  assertEquals(sums[0], sums[1]);
});

Deno.test("two builds at once do no harm, and compile only once", async () => {
  await using project = await withTools();
  const both = await Promise.all([
    project.run("scripts/build.ts", ["chpst"]),
    project.run("scripts/build.ts", ["chpst"]),
  ]);
  assertEquals(both.map(({ code }) => code), [0, 0]);
  assertEquals(both.map((one) => states(one)["chpst"]).toSorted(), ["built", "up to date"]);
  assertEquals(await call(join(project.dir, "dist/bin/chpst")), "chpst\n");
});

Deno.test("the multicall executable is the tool that it is called by", async () => {
  await using project = await withTools();
  const result = await project.run("scripts/build.ts", ["--multicall"]);
  assertEquals(states(result), { multicall: "built" });
  const dir = join(project.dir, "dist", `${HOST}-multicall`);
  assertEquals(await call(join(dir, "sv")), "sv one\n");
  assertEquals(await call(join(dir, "chpst")), "chpst\n");
  await Deno.symlink(join(dir, "chpst"), join(project.dir, "sv"));
  assertEquals(await call(join(project.dir, "sv")), "sv one\n");
});

Deno.test("a release refuses any base but the official one, in one line, and makes nothing", async () => {
  await using project = await withTools();
  const base = join(project.dir, "denort");
  await Deno.writeTextFile(base, "not one");
  const { code, stderr } = await project.run("scripts/build.ts", ["--release"], {
    env: { DENORT_BIN: base },
  });
  assertEquals(code, 1);
  assertMatch(stderr, /^build: release: the base would be the one in DENORT_BIN, [^\n]+\n$/);
  assertEquals([...Deno.readDirSync(join(project.dir, "dist", HOST))].map(({ name }) => name), [
    ".build",
  ]);
});

Deno.test("build says what is wrong with a tool and leaves the old executable alone", async () => {
  await using project = await withTools();
  await project.run("scripts/build.ts", ["sv"]);
  await project.write("src/word.ts", "export const word = ;\n");
  const { code, stderr } = await project.run("scripts/build.ts", ["sv"]);
  assertEquals(code, 1);
  assertMatch(stderr, /^build: .*word\.ts/s);
  assertEquals(await call(join(project.dir, "dist/bin/sv")), "sv one\n");
});

Deno.test("build knows the tools that exist", async () => {
  await using project = await withTools();
  const { code, stderr } = await project.run("scripts/build.ts", ["svlogd"]);
  assertEquals(code, 1);
  assertEquals(stderr, "build: no tool svlogd; the tools are chpst, sv\n");
});

Deno.test("an executable has no more permissions than its tool's", async () => {
  await using project = await withTools();
  await project.write(
    "cmd/sv.ts",
    'for (const name of ["net", "ffi", "read"] as const) {\n' +
      "  console.log(name, Deno.permissions.querySync({ name }).state === 'granted');\n}\n",
  );
  const { code, stderr } = await project.run("scripts/build.ts", ["sv"]);
  assert(code === 0, stderr);
  const said = await call(join(project.dir, "dist/bin/sv"));
  assertEquals(said, "net false\nffi false\nread true\n");
});
