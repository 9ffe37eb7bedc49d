import { assert, assertEquals, assertThrows } from "@std/assert";
import { Executed, FakeOs, type FakeSystem } from "./fake_os.ts";
import { parse } from "../../src/chpst/personalities.ts";
import { perform } from "../../src/chpst/perform.ts";
import { Diagnostics } from "../../src/cli/diagnostics.ts";
import { OsError } from "../../src/os/error.ts";

/** What came of a command line on a fake system. */
interface Outcome {
  code?: number;
  said: string;
  calls: readonly string[];
  executed?: Executed["options"];
}

function run(line: string, system: FakeSystem = {}, name = "chpst"): Outcome {
  const os = new FakeOs({
    users: { www: { uid: 33, gid: 34 } },
    groups: { adm: 4, log: 5 },
    ...system,
  });
  let said = "";
  const diagnostics = new Diagnostics("chpst", (bytes) => said += new TextDecoder().decode(bytes));
  try {
    const code = perform(parse(line.split(" "), name), os, diagnostics);
    return { code, said, calls: os.calls };
  } catch (error) {
    if (!(error instanceof Executed)) throw error;
    return { said, calls: os.calls, executed: error.options };
  }
}

function environment(outcome: Outcome): unknown {
  const { environment } = outcome.executed ?? {};
  if (environment === undefined || environment === "inherit") return environment;
  return environment.map((entry) =>
    typeof entry === "string" ? entry : new TextDecoder().decode(entry)
  );
}

const EVERYTHING = "-P -e env -/ root -C dir -n 5 -U www -u www:adm:log -l lock -0 -1 -2 -o 7 prog";

Deno.test("every change is made, in order, before the program runs", () => {
  const { calls, executed } = run(EVERYTHING, { files: { A: "1" } });
  const changes = calls.filter((call) => !/^(open \.|listNames|read|close$)/.test(call));
  assertEquals(changes, [
    "setDisposition PIPE default",
    "startSession",
    "changeDirectoryTo env",
    "open A",
    "changeDirectory",
    "changeDirectoryTo root",
    "changeRootHere",
    "changeDirectoryTo dir",
    "addNice 5",
    "userByName www",
    "userByName www",
    "groupByName adm",
    "groupByName log",
    "setGroups 4 5",
    "setGroupId 4",
    "setUserId 33",
    "identity",
    "open lock",
    "lock wait",
    "closeOrFail 0",
    "closeOrFail 1",
    "closeOrFail 2",
    "getLimit NOFILE",
    "execute",
  ]);
  assert(executed);
});

/** Every call that may fail, with what is said then. */
const FAILURES: readonly (readonly [call: string, time: number, said: string])[] = [
  ["open", 1, "unable to open current working directory"],
  ["changeDirectoryTo", 1, "unable to switch to directory: env"],
  ["open", 2, "unable to open directory: env"],
  ["listNames", 1, "unable to read directory: env"],
  ["open", 3, "unable to read env/A"],
  ["read", 1, "unable to read env/A"],
  ["read", 2, "unable to read env/A"],
  ["changeDirectory", 1, "unable to switch to starting directory"],
  ["changeDirectoryTo", 2, "unable to change directory: root"],
  ["changeRootHere", 1, "unable to change root directory"],
  ["changeDirectoryTo", 3, "unable to change directory: dir"],
  ["addNice", 1, "unable to set nice level"],
  ["userByName", 1, "unable to get password/group file entry"],
  ["userByName", 2, "unable to get password/group file entry"],
  ["groupByName", 1, "unable to get password/group file entry"],
  ["groupByName", 2, "unable to get password/group file entry"],
  ["setGroups", 1, "unable to setgroups"],
  ["setGroupId", 1, "unable to setgid"],
  ["setUserId", 1, "unable to setuid"],
  ["identity", 1, "unable to tell the ids"],
  ["open", 4, "unable to open lock: lock"],
  ["lock", 1, "unable to lock: lock"],
  ["closeOrFail", 1, "unable to close stdin"],
  ["closeOrFail", 2, "unable to close stdout"],
  ["closeOrFail", 3, "unable to close stderr"],
  ["getLimit", 1, "unable to getrlimit()"],
];

for (const [call, time, words] of FAILURES) {
  Deno.test(`the program does not run when call ${time} of ${call} fails: ${words}`, () => {
    const files = { A: "1" };
    const { code, said, executed } = run(EVERYTHING, {
      files,
      failing: { call, time, code: "EPERM" },
    });
    assertEquals(executed, undefined);
    assertEquals(code, 111);
    assertEquals(said, `chpst: fatal: ${words}: permission denied\n`);
  });
}

Deno.test("setlock -x fails without a word, and with exit code 0", () => {
  for (const call of ["open", "lock"]) {
    const failing = { call, code: "EAGAIN" };
    const { code, said, executed } = run("-x file prog", { failing }, "setlock");
    assertEquals({ code, said, executed }, { code: 0, said: "", executed: undefined });
  }
});

Deno.test("a process that leads a group already is not stopped by -P", () => {
  const { executed } = run("-P prog", { failing: { call: "startSession", code: "EPERM" } });
  assert(executed);
});

Deno.test("the program does not run when any id is left that was to be given up", () => {
  const cases: FakeSystem["left"][] = [
    { uids: [0, 33, 33] },
    { uids: [33, 33, 0] },
    { gids: [34, 34, 0] },
    { gids: [0, 34, 34] },
    { groups: [0, 34] },
    { groups: [] },
    { groups: [35] },
  ];
  for (const left of cases) {
    const { code, said, executed } = run("-u www prog", left === undefined ? {} : { left });
    assertEquals(executed, undefined);
    assertEquals(code, 111);
    assert(said.startsWith("chpst: fatal: unable to set"), said);
    assert(said.endsWith(" are left\n"), said);
  }
});

Deno.test("without a group, the user's own becomes the only one", () => {
  assertEquals(run("-u www prog").calls.slice(2, 5), [
    "setGroups 34",
    "setGroupId 34",
    "setUserId 33",
  ]);
});

Deno.test("numeric ids are not looked up", () => {
  const { calls } = run("-u :5:7:6:7 prog");
  assertEquals(calls.slice(1, 4), ["setGroups 7 6 7", "setGroupId 7", "setUserId 5"]);
  assertEquals(calls.some((call) => call.includes("ByName")), false);
});

Deno.test("an account that does not exist is told as it was written", () => {
  const cases: [string, string, string][] = [
    ["chpst", "-u nosuch", "unknown user/group: nosuch"],
    ["chpst", "-u www:", "unknown user/group: www:"],
    ["chpst", "-U www:adm:nosuch", "unknown user/group: www:adm:nosuch"],
    ["chpst", "-u :1", "invalid uid/gids: 1"],
    ["chpst", "-u :1:x", "invalid uid/gids: 1:x"],
    ["chpst", "-u :1:2:-3", "invalid uid/gids: 1:2:-3"],
    ["setuidgid", "www:adm", "unknown account: www:adm"],
    ["envuidgid", ":1:2", "unknown account: :1:2"],
  ];
  for (const [name, options, said] of cases) {
    const outcome = run(`${options} prog`, {}, name);
    assertEquals(outcome.said, `chpst: fatal: ${said}\n`);
    assertEquals(outcome.code, 111);
    assertEquals(outcome.executed, undefined);
  }
});

Deno.test("sixty groups are the most: of names the rest is dropped, one number more is a mistake", () => {
  const groups = (count: number, group: string) => Array(count).fill(group).join(":");
  const named = run(`-u www:${groups(60, "adm")}:nosuch prog`);
  assertEquals(named.calls.find((call) => call.startsWith("setGroups"))?.split(" ").length, 61);
  assert(run(`-u :1:${groups(60, "2")} prog`).executed);
  assertEquals(run(`-u :1:${groups(61, "2")} prog`).code, 111);
});

Deno.test("an untouched environment is handed on as it is", () => {
  assertEquals(environment(run("prog")), "inherit");
  assertEquals(environment(run("-e env prog", { environment: ["A=1"] })), "inherit");
});

Deno.test("the files of an envdir come first, and the user's ids after them", () => {
  const system = { environment: ["UID=7", "GID=8", "Z=1"], files: { UID: "9", A: "x" } };
  assertEquals(environment(run("-U www -e env prog", system)), ["Z=1", "A=x", "GID=34", "UID=33"]);
});

Deno.test("dot files are left out, gone and empty files remove, long files are read to the end", () => {
  const files = {
    ".hidden": "x",
    GONE: new OsError("ENOENT", "open"),
    EMPTY: "",
    LONG: "v".repeat(10_000),
  };
  const { executed, ...outcome } = run("-e env prog", {
    files,
    environment: ["GONE=1", "EMPTY=1"],
  });
  assert(executed);
  assertEquals(environment({ executed, ...outcome }), [`LONG=${"v".repeat(10_000)}`]);
});

Deno.test("a directory in an envdir is skipped, told of with -v, and the end under the name envdir", () => {
  const files = { sub: new OsError("EISDIR", "read"), A: "x" };
  const silent = run("-e env prog", { files });
  assertEquals([silent.said, environment(silent)], ["", ["A=x"]]);
  const verbose = run("-v -e env prog", { files });
  assertEquals(verbose.said, "chpst: warning: unable to read env/sub: is a directory\n");
  assertEquals(environment(verbose), ["A=x"]);
  const strict = run("env prog", { files }, "envdir");
  assertEquals(strict.said, "chpst: fatal: unable to read env/sub: is a directory\n");
  assertEquals(strict.executed, undefined);
});

Deno.test("nothing in an envdir is waited for", () => {
  const { said } = run("-e env prog", { files: { FIFO: new OsError("EAGAIN", "read") } });
  assertEquals(said, "chpst: fatal: unable to read env/FIFO: temporary failure\n");
});

Deno.test("a limit is as high as the hard one allows", () => {
  const limit = (line: string, hard: bigint) => run(line, { hard }).executed?.limits[0]?.limit;
  assertEquals(limit("-o 5 prog", 10n), { soft: 5n, hard: 10n });
  assertEquals(limit("-o 50 prog", 10n), { soft: 10n, hard: 10n });
  assertEquals(limit("-o 18446744073709551615 prog", 10n), { soft: 10n, hard: 10n });
});

Deno.test("the lock goes where the program's lowest free descriptor is", () => {
  assertEquals(run("-L lock prog").executed?.descriptor, { from: 10, to: 3 });
  const inherited = [0, 1, 2, 3, 4, 6];
  assertEquals(run("-L lock prog", { inherited }).executed?.descriptor, { from: 10, to: 5 });
});

Deno.test("a program that cannot run is told of under its argv[0]", () => {
  const failing = { call: "execute", code: "ENOEXEC" };
  const { code, said } = run("-b name prog", { failing });
  assertEquals([code, said], [111, "chpst: fatal: unable to run: name: exec format error\n"]);
});

Deno.test("a limit that the system refuses at the last moment is told of as such", () => {
  const os = new FakeOs();
  const refusing = {
    ...os,
    execute: () => {
      throw new OsError("EPERM", "setrlimit");
    },
  };
  let said = "";
  const diagnostics = new Diagnostics("chpst", (bytes) => said += new TextDecoder().decode(bytes));
  assertEquals(perform(parse(["-o", "5", "prog"], "chpst"), refusing, diagnostics), 111);
  assertEquals(said, "chpst: fatal: unable to setrlimit(): permission denied\n");
});

Deno.test("what is nobody's mistake is not hidden", () => {
  const os = { ...new FakeOs(), addNice: () => assert(false, "a bug") };
  assertThrows(() => perform(parse(["-n", "1", "prog"], "chpst"), os, new Diagnostics("chpst")));
});
