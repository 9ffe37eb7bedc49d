/**
 * What runsv says, leaves on disk and exits with at its start, under the reference and under ours: the same to the
 * letter, on one table of service directories in good and in bad order.
 */

import { assertEquals } from "@std/assert";
import { RUNSVS } from "../support/hosted.ts";
import { reference } from "../support/reference.ts";
import { TempDir } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";

const STAYS = "#!/bin/sh\nexec sleep 1000\n";
const LOGS = "#!/bin/sh\nexec cat >/dev/null\n";

/** A service directory, or what is in its place. */
interface Case {
  readonly what: string;
  /** Makes what is needed in the current directory of the supervisor. */
  readonly make?: (dir: TempDir) => void;
  /** @default {["s"]} */
  readonly args?: readonly string[];
  /** Which files `stat` come to say what, before it is told to go. Left out, it ends by itself. */
  readonly comesTo?: Readonly<Record<string, string>>;
  /** Words before it, such as `["env", "A=1"]`. */
  readonly wrapper?: readonly string[];
}

function service(files: Readonly<Record<string, string>>): (dir: TempDir) => void {
  return (dir) => {
    for (const [name, content] of Object.entries({ run: STAYS, ...files })) {
      dir.write(`s/${name}`, content, content.startsWith("#!") ? 0o755 : 0o644);
    }
  };
}

/** A service in which a symbolic link is made. */
function linked(link: string, target: string, files = {}): (dir: TempDir) => void {
  return (dir) => {
    service(files)(dir);
    Deno.symlinkSync(target, `${dir.path}/s/${link}`);
  };
}

/** A service with an empty directory in it. */
function withDirectory(name: string, files = {}): (dir: TempDir) => void {
  return (dir) => {
    service(files)(dir);
    Deno.mkdirSync(`${dir.path}/s/${name}`, { recursive: true });
  };
}

function umask(mask: string): string[] {
  return ["/bin/sh", "-c", `umask ${mask}; exec "$@"`, "sh"];
}

const LOG = { "log/run": LOGS };
const RUNS = { "s/supervise/stat": "run" };
const BOTH_RUN = { ...RUNS, "s/log/supervise/stat": "run" };

const CASES: readonly Case[] = [
  { what: "no argument", args: [] },
  { what: "two arguments", args: ["a", "b"] },
  { what: "an option", args: ["-V"] },
  { what: "no such directory" },
  { what: "an empty name", args: [""] },
  { what: "a file", make: (dir) => dir.write("s", "") },
  { what: "a link to nowhere", make: (dir) => Deno.symlinkSync("x", `${dir.path}/s`) },
  { what: "a name below a file", make: (dir) => dir.write("s", ""), args: ["s/x"] },
  { what: "a plain service", make: service({}), comesTo: RUNS },
  { what: "a name with a slash behind it", make: service({}), args: ["s/"], comesTo: RUNS },
  { what: "a name with dots", make: service({}), args: ["./s/../s"], comesTo: RUNS },
  { what: "a service with log", make: service(LOG), comesTo: BOTH_RUN },
  {
    what: "a service normally down, and its log",
    make: service({ ...LOG, "down": "", "log/down": "" }),
    comesTo: { "s/supervise/stat": "down", "s/log/supervise/stat": "down" },
  },
  { what: "no umask", make: service(LOG), wrapper: umask("0"), comesTo: BOTH_RUN },
  { what: "a strict umask", make: service(LOG), wrapper: umask("077"), comesTo: BOTH_RUN },
  { what: "an odd umask", make: service(LOG), wrapper: umask("0137"), comesTo: BOTH_RUN },
  { what: "log is a file", make: service({ log: "" }), comesTo: RUNS },
  { what: "log is a link to itself", make: linked("log", "log"), comesTo: RUNS },
  { what: "log is a link to nowhere", make: linked("log", "nowhere"), comesTo: RUNS },
  {
    what: "log is a link to a directory",
    make: linked("log", "../l", { "../l/run": LOGS }),
    comesTo: BOTH_RUN,
  },
  { what: "supervise is a file", make: service({ supervise: "" }) },
  { what: "log/supervise is a file", make: service({ ...LOG, "log/supervise": "" }) },
  { what: "supervise is a link", make: linked("supervise", "../sup"), comesTo: RUNS },
  {
    what: "supervise is a link to a directory that is there",
    make: linked("supervise", "../sup", { "../sup/here": "" }),
    comesTo: RUNS,
  },
  { what: "supervise is a link that cannot be", make: linked("supervise", "../x/y") },
  { what: "supervise is a link to itself", make: linked("supervise", "supervise") },
  {
    what: "log/supervise is a link",
    make: linked("log/supervise", "../../sup", LOG),
    comesTo: BOTH_RUN,
  },
  { what: "lock is a directory", make: withDirectory("supervise/lock") },
  { what: "log's lock is a directory", make: withDirectory("log/supervise/lock", LOG) },
  { what: "control is a directory", make: withDirectory("supervise/control") },
  {
    what: "files of an earlier supervisor",
    make: service({
      ...LOG,
      "supervise/pid": "1\n",
      "supervise/stat": "finish\n",
      "supervise/status": "short",
      "log/supervise/pid": "1\n",
      "log/supervise/stat": "finish\n",
      "log/supervise/status": "x".repeat(20),
    }),
    comesTo: BOTH_RUN,
  },
];

/** All files below a directory, each with type and mode, and the content of those that tell no pid or time. */
function tree(path: string, prefix = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name } of Deno.readDirSync(path)) {
    const full = `${path}/${name}`;
    const { mode, isDirectory, isFile, isSymlink } = Deno.lstatSync(full);
    const key = `${prefix}${name}`;
    const content = isFile && !/^(status|pid)$/.test(name) ? Deno.readTextFileSync(full) : "";
    found[key] = `${(mode ?? 0).toString(8)} ${isSymlink ? Deno.readLinkSync(full) : content}`;
    if (isDirectory) Object.assign(found, tree(full, `${key}/`));
  }
  return found;
}

/** Runs one case under one runsv; everything that can be seen of it. */
async function run(runsv: string, one: Case): Promise<Record<string, unknown>> {
  const { make, args = ["s"], wrapper = [], comesTo } = one;
  using dir = new TempDir();
  using bin = new TempDir();
  Deno.symlinkSync(runsv, `${bin.path}/runsv`);
  make?.(dir);
  // Through env(1), as Deno gives a program its full path for a name.
  const child = new Deno.Command("/usr/bin/env", {
    args: [...wrapper, "runsv", ...args],
    cwd: dir.path,
    env: { PATH: `${bin.path}:${Deno.env.get("PATH")}` },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const seen: Record<string, unknown> = {};
  if (comesTo !== undefined) {
    try {
      seen["while it runs"] = await settled(dir, comesTo);
    } finally {
      child.kill("SIGTERM");
    }
  }
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  return {
    ...seen,
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
    "in the end": tree(dir.path),
  };
}

/** Waits until the files say what they are to say, and nothing is being written; all files then. */
function settled(dir: TempDir, comesTo: Readonly<Record<string, string>>): Promise<unknown> {
  return until(JSON.stringify(comesTo), () => {
    for (const [file, content] of Object.entries(comesTo)) {
      if (dir.read(file) !== `${content}\n`) return undefined;
    }
    // These come last.
    for (const file of Object.keys(comesTo)) {
      Deno.lstatSync(`${dir.path}/${file.replace(/stat$/, "ok")}`);
    }
    const files = tree(dir.path);
    const writing = Object.keys(files).some((name) => name.endsWith(".new"));
    return writing ? undefined : files;
  });
}

const theirs = reference("runsv");

for (const [what, ours] of Object.entries(RUNSVS)) {
  for (const one of CASES) {
    Deno.test({
      name: `${what} starts as the reference does with ${one.what}`,
      ignore: theirs === undefined,
      fn: async () => {
        const [expected, actual] = await Promise.all([
          run(theirs ?? "", one),
          run(await ours(), one),
        ]);
        assertEquals(actual, expected);
      },
    });
  }
}
