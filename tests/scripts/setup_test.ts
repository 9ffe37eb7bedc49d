import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path/join";
import { DENO_VERSION, OFFICIAL_DENORT_ZIP } from "../../scripts/setup/pins.ts";
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
  assertEquals(names(join(project.dir, "cache")), ["setup.lock"]);
  assertEquals(names(project.dir).filter((name) => name.startsWith(".deps")), []);
});

/** Has the base set up from a place of the test's own, which gives out `body`. */
async function setUpBaseFrom(project: Project, body: string): Promise<RunResult> {
  const asked: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen(): void {} },
    (request) => {
      asked.push(new URL(request.url).pathname);
      return new Response(body);
    },
  );
  const result = await project.run("scripts/setup.ts", ["base"], {
    env: {
      RUNIT_DENO_CACHE: join(project.dir, "cache"),
      RUNIT_DENO_RELEASES: `http://127.0.0.1:${server.addr.port}/release`,
      DENORT_BIN: "",
      DENO_DIR: join(project.dir, "deno"),
    },
  });
  assertEquals(asked, [`/release/v${Deno.version.deno}/denort-${Deno.build.target}.zip`]);
  return result;
}

/** The folder that Deno looks for a downloaded denort in. */
function releases(project: Project): string {
  return join(project.dir, "deno", "dl", "release", `v${Deno.version.deno}`);
}

Deno.test("setup takes Deno's own denort where it can be downloaded", async () => {
  await using project = await Project.make();
  await project.replace(
    "scripts/setup/pins.ts",
    /OFFICIAL_DENORT_ZIP(.*?)= {.*?}/s,
    "OFFICIAL_DENORT_ZIP$1= {}",
  );
  const { code, stderr } = await setUpBaseFrom(project, "an archive");
  assertEquals([code, stderr], [0, ""]);
  const zip = `denort-${Deno.build.target}.zip`;
  assertEquals(names(releases(project)), [zip]);
  assertEquals(await Deno.readTextFile(join(releases(project), zip)), "an archive");
  assertEquals(names(join(project.dir, "cache")), ["setup.lock"]);
});

Deno.test({
  name: "setup refuses a denort that is not the pinned one, and leaves nothing",
  ignore: OFFICIAL_DENORT_ZIP[Deno.build.target] === undefined ||
    Deno.version.deno !== DENO_VERSION,
  async fn(): Promise<void> {
    await using project = await Project.make();
    const { code, stderr } = await setUpBaseFrom(project, "tampered");
    assertEquals(code, 1);
    assertMatch(stderr, /^setup: denort: denort-\S+\.zip has [0-9a-f]{64} instead of [^\n]+\n$/);
    assertEquals(names(join(project.dir, "deno")).includes("dl"), false);
  },
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
