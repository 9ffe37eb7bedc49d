/**
 * Dependencies where JSR is out of reach: the same packages out of npm tarballs, laid under `.deps/` as members of
 * the workspace, which Deno then prefers to JSR.
 *
 * @module
 */

import { placeDir, PROJECT_CACHE, readTextOrUndefined, ROOT, writeAtomic } from "./files.ts";
import { npmTarball, unpack } from "./npm.ts";
import { ASSERT_TARBALL, CLIFFY_TARBALL } from "./pins.ts";
import { SetupError } from "./error.ts";

const STEP = "dependencies";
const DEPS = `${ROOT}/.deps`;
const STAMP = `${DEPS}/tree/.stamp`;
const JSR_REACHED = `${PROJECT_CACHE}/jsr-reached`;

/** Raised whenever the layout that {@linkcode lay} makes changes. */
const LAYOUT = 3;

/** One package: the folder of the tree that holds it, and what it is published as. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

const PACKAGES: readonly Package[] = [
  ...["ansi", "command", "flags", "internal", "keycode", "table"].map((name) => ({
    name: `@cliffy/${name}`,
    version: "1.0.0-rc.5",
    folder: `esm/deps/jsr/@windmill-labs/cliffy-${name}/1.0.0-rc.5`,
  })),
  {
    name: "@cliffy/prompt",
    version: "1.0.0-rc.6",
    folder: "esm/deps/jsr/@windmill-labs/cliffy-prompt/1.0.0-rc.6",
  },
  ...Object.entries({
    bytes: "1.0.6",
    encoding: "1.0.4",
    fmt: "1.0.8",
    fs: "1.0.20",
    internal: "1.0.12",
    path: "1.1.3",
  }).map(([name, version]) => ({
    name: `@std/${name}`,
    version,
    folder: `esm/deps/jsr/@std/${name}/${version}`,
  })),
  { name: "@std/assert", version: "1.0.16", folder: "std/assert" },
];

/** What the tree must have been made from to be kept. */
function wanted(): string {
  return `${LAYOUT} ${CLIFFY_TARBALL.integrity} ${ASSERT_TARBALL.integrity}\n`;
}

/** Whether imports of JSR packages already resolve, by an earlier run's work or finding. Reads two small files. */
export function haveDeps(): boolean {
  return readTextOrUndefined(STAMP) === wanted() || readTextOrUndefined(JSR_REACHED) !== undefined;
}

/**
 * Sees to it that the imports of `deno.json` resolve: does nothing where JSR answers, lays `.deps/` elsewhere.
 *
 * `RUNIT_DENO_DEPS=jsr` or `=npm` decides without trying.
 *
 * @throws {SetupError} If neither source can be had.
 */
export async function setUpDeps(): Promise<void> {
  if (haveDeps()) return;
  if (await useJsr()) {
    Deno.mkdirSync(PROJECT_CACHE, { recursive: true });
    writeAtomic(JSR_REACHED, `${new Date().toISOString()}\n`);
    return;
  }
  await placeDir(DEPS, lay);
}

async function useJsr(): Promise<boolean> {
  const choice = Deno.env.get("RUNIT_DENO_DEPS");
  if (choice !== undefined && choice !== "jsr" && choice !== "npm") {
    throw new SetupError(STEP, `RUNIT_DENO_DEPS is ${choice}`, "set it to jsr or npm, or unset it");
  }
  return choice === undefined ? await jsrAnswers() : choice === "jsr";
}

/** Asks JSR through Deno itself, so that mirrors, proxies and certificates set up for Deno count. */
async function jsrAnswers(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["cache", "--quiet", "--no-config", "--no-lock", "jsr:@std/path@1.1.3/join"],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(5_000),
    }).output();
    return success;
  } catch {
    return false;
  }
}

async function lay(dir: string): Promise<void> {
  const tree = `${dir}/tree`;
  Deno.mkdirSync(`${tree}/std`, { recursive: true });
  const unpacked = `${dir}/tree/package`;
  await unpack(STEP, await npmTarball(STEP, CLIFFY_TARBALL), tree, [
    "package/esm/deps",
    "package/types/deps",
  ]);
  Deno.renameSync(`${unpacked}/esm`, `${tree}/esm`);
  addTypes(`${unpacked}/types`, `${tree}/esm`);
  // Its only folder is named after the host that the packages came from.
  for (const { name } of Deno.readDirSync(`${tree}/esm/deps`)) {
    Deno.renameSync(`${tree}/esm/deps/${name}`, `${tree}/esm/deps/jsr`);
  }
  Deno.removeSync(unpacked, { recursive: true });
  writeShims(`${tree}/esm`);
  await unpack(STEP, await npmTarball(STEP, ASSERT_TARBALL), tree, [
    "package/assert",
    "package/internal",
    "package/fmt",
  ]);
  for (const name of ["assert", "internal", "fmt"]) {
    Deno.renameSync(`${unpacked}/${name}`, `${tree}/std/${name}`);
  }
  Deno.removeSync(unpacked, { recursive: true });
  writeAssertTypes(`${tree}/std/assert`);
  for (const one of PACKAGES) writeMember(dir, one);
  Deno.writeTextFileSync(`${tree}/.stamp`, wanted());
}

/** Puts each declaration file beside its module, and names it in the module's first line. */
function addTypes(from: string, to: string): void {
  for (const entry of Deno.readDirSync(from)) {
    const source = `${from}/${entry.name}`;
    const target = `${to}/${entry.name}`;
    if (entry.isDirectory) {
      addTypes(source, target);
    } else if (entry.name.endsWith(".d.ts")) {
      const module = target.replace(/\.d\.ts$/, ".js");
      const code = readTextOrUndefined(module);
      if (code === undefined) continue;
      Deno.renameSync(source, target);
      Deno.writeTextFileSync(module, `// @ts-self-types="./${entry.name}"\n${code}`);
    }
  }
}

/** Adds the types that the copy of `@std/assert` lacks. */
function writeAssertTypes(dir: string): void {
  Deno.copyFileSync(new URL("./assert.d.ts", import.meta.url), `${dir}/mod.d.ts`);
  const code = Deno.readTextFileSync(`${dir}/mod.js`);
  Deno.writeTextFileSync(`${dir}/mod.js`, `// @ts-self-types="./mod.d.ts"\n${code}`);
}

/** The tarball was made for Node.js; under Deno its shims are the real thing. */
function writeShims(dir: string): void {
  Deno.writeTextFileSync(
    `${dir}/_dnt.shims.js`,
    [
      '// @ts-self-types="./_dnt.shims.d.ts"',
      "export const Deno = globalThis.Deno;",
      "export const dntGlobalThis = globalThis;",
      "",
    ].join("\n"),
  );
  Deno.writeTextFileSync(
    `${dir}/_dnt.shims.d.ts`,
    [
      "export import Deno = globalThis.Deno;",
      "export declare const dntGlobalThis: typeof globalThis;",
      "",
    ].join("\n"),
  );
  Deno.writeTextFileSync(`${dir}/_dnt.polyfills.js`, "export {};\n");
}

function writeMember(dir: string, one: Package): void {
  const exports: Record<string, string> = {};
  for (const path of modules(`${dir}/tree/${one.folder}`, "")) {
    exports[exportName(path)] = `./../tree/${one.folder}/${path}`;
  }
  const member = `${dir}/${one.name.slice(1).replace("/", "-")}`;
  Deno.mkdirSync(member);
  Deno.writeTextFileSync(
    `${member}/deno.json`,
    `${JSON.stringify({ name: one.name, version: one.version, exports }, null, 2)}\n`,
  );
}

/** Paths of the public modules below `folder`, relative to it. */
function modules(folder: string, prefix: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    if (entry.name.startsWith("_")) return [];
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory) return modules(`${folder}/${entry.name}`, `${path}/`);
    return entry.name.endsWith(".js") ? [path] : [];
  }).toSorted();
}

/** The name under which JSR exports a module: `mod.ts` is the package, and dashes stand for underscores. */
function exportName(path: string): string {
  const name = path.replace(/\.js$/, "").replace(/(^|\/)mod$/, "").replaceAll("_", "-");
  return name === "" ? "." : `./${name}`;
}
