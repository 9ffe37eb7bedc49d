import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path/join";
import type { RunResult } from "../support/project.ts";
import { Project } from "../support/project.ts";

/** An npm whose `pack` makes a tarball of its own, as a tampered registry would. */
const TAMPERED_NPM = `#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in --pack-destination) dir="$2"; shift ;; esac
  shift
done
echo tampered > "$dir/package.tgz"
echo package.tgz
`;

const BROKEN_NPM = `#!/bin/sh
echo "npm ERR! some detail" >&2
echo "npm ERR! network unreachable" >&2
exit 1
`;

async function setUpWithNpm(
  project: Project,
  npm: string | undefined,
  steps: readonly string[],
): Promise<RunResult> {
  const bin = join(project.dir, "bin");
  await Deno.mkdir(bin);
  if (npm !== undefined) {
    await project.write("bin/npm", npm);
    await Deno.chmod(join(bin, "npm"), 0o755);
  }
  const path = npm === undefined ? bin : `${bin}:${Deno.env.get("PATH") ?? ""}`;
  return await project.run("scripts/setup.ts", steps, {
    env: {
      PATH: path,
      RUNIT_DENO_CACHE: join(project.dir, "cache"),
      RUNIT_DENO_DEPS: "npm",
      DENORT_BIN: "",
      DENO_DIR: join(project.dir, "deno"),
    },
  });
}

function names(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map((entry) => entry.name).toSorted();
}

Deno.test("setup refuses a tarball that is not the pinned one, in one line, and leaves nothing", async () => {
  await using project = await Project.make();
  const { code, stderr } = await setUpWithNpm(project, TAMPERED_NPM, ["deps"]);
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^setup: dependencies: windmill-cli@\S+ from npm has sha512-\S+ instead of the pinned sha512-\S+; [^\n]+\n$/,
  );
  assertEquals(names(join(project.dir, "cache")), []);
  assertEquals(names(project.dir).filter((name) => name.startsWith(".deps")), []);
});

Deno.test("setup leaves no bundler that is not the pinned one", async () => {
  await using project = await Project.make();
  const { code, stderr } = await setUpWithNpm(project, TAMPERED_NPM, ["bundler"]);
  assertEquals(code, 1);
  assertMatch(stderr, /^setup: bundler: @esbuild\S+ from npm has sha512-[^\n]+\n$/);
  assertEquals(names(join(project.dir, "deno")).includes("dl"), false);
});

Deno.test("setup says which step failed, npm's reason and what to do", async () => {
  await using project = await Project.make();
  const { code, stderr } = await setUpWithNpm(project, BROKEN_NPM, ["deps"]);
  assertEquals(code, 1);
  assertEquals(
    stderr,
    "setup: dependencies: npm pack: npm ERR! network unreachable; " +
      "check that npm reaches its registry (npm view windmill-cli@1.596.0), then try again\n",
  );
});

Deno.test("setup says so where npm is missing", async () => {
  await using project = await Project.make();
  const { code, stderr } = await setUpWithNpm(project, undefined, ["deps"]);
  assertEquals(code, 1);
  assertMatch(stderr, /^setup: dependencies: npm is not installed; [^\n]+\n$/);
});

Deno.test("setup goes on without the reference where it cannot be had", async () => {
  await using project = await Project.make();
  const { code, stderr } = await setUpWithNpm(project, undefined, ["reference"]);
  assertEquals(code, 0);
  assertMatch(stderr, /^setup: reference: [^\n]+\n$/);
});

Deno.test("setup writes nothing into a reference that the user names", async () => {
  await using project = await Project.make();
  const dir = join(project.dir, "reference");
  await Deno.mkdir(dir);
  const { code, stderr } = await project.run("scripts/setup.ts", ["reference"], {
    env: { RUNIT_REFERENCE: dir },
  });
  assertEquals(code, 0);
  assertEquals(
    stderr,
    `setup: reference: RUNIT_REFERENCE is ${dir}, which holds no usr/bin/sv; mend or unset it\n`,
  );
  assertEquals(names(dir), []);
});

Deno.test("setup knows its steps", async () => {
  await using project = await Project.make();
  const { code, stderr } = await project.run("scripts/setup.ts", ["nonsense"]);
  assertEquals(code, 2);
  assertEquals(stderr, "setup: no step nonsense; the steps are deps, bundler, base, reference\n");
});
