import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parse } from "../../src/chpst/personalities.ts";
import type { Change } from "../../src/chpst/plan.ts";
import { UsageError } from "../../src/chpst/usage.ts";

function changes(line: string, name = "chpst"): readonly Change[] {
  return parse(words(line), name).changes;
}

function complaint(line: string, name = "chpst"): string {
  return assertThrows(() => parse(words(line), name), UsageError).message;
}

function words(line: string): string[] {
  return line === "" ? [] : line.split(" ").map((word) => word === "''" ? "" : word);
}

function limits(line: string, name = "chpst"): [string, bigint][] {
  return changes(line, name).flatMap((change) =>
    change.kind === "limit" ? [[change.resource, change.value]] : []
  );
}

Deno.test("chpst puts the changes in its own order, whatever theirs on the command line", () => {
  const line = "-t 7 -2 -0 -l k -u u -U v -n 5 -C d -/ r -e e -P -o 3 prog";
  assertEquals(changes(line), [
    { kind: "session" },
    { kind: "envdir", path: "e", directories: "skip" },
    { kind: "root", path: "r" },
    { kind: "directory", path: "d" },
    { kind: "nice", increment: 5 },
    { kind: "variables", account: { text: "v", syntax: "any" } },
    { kind: "ids", account: { text: "u", syntax: "any" } },
    { kind: "lock", path: "k", wait: true },
    { kind: "close", descriptor: 0 },
    { kind: "close", descriptor: 2 },
    { kind: "limit", resource: "NOFILE", value: 3n },
    { kind: "limit", resource: "CPU", value: 7n },
  ]);
});

Deno.test("chpst sets limits in the order of the reference", () => {
  assertEquals(limits("-t 1 -r 2 -c 3 -f 4 -p 5 -o 6 -m 7 prog"), [
    ["DATA", 7n],
    ["STACK", 7n],
    ["MEMLOCK", 7n],
    ["AS", 7n],
    ["NOFILE", 6n],
    ["NPROC", 5n],
    ["FSIZE", 4n],
    ["CORE", 3n],
    ["RSS", 2n],
    ["CPU", 1n],
  ]);
});

Deno.test("chpst lets a later option replace an earlier one", () => {
  assertEquals(limits("-m 7 -d 3 prog")[0], ["DATA", 3n]);
  assertEquals(limits("-d 3 -m 7 prog")[0], ["DATA", 7n]);
  assertEquals(limits("-o 3 -o 18446744073709551614 prog"), []);
  assertEquals(changes("-n 3 -n 4 prog"), [{ kind: "nice", increment: 4 }]);
  assertEquals(changes("-n 3 -n '' prog"), []);
});

Deno.test("chpst takes options in clusters, and arguments attached", () => {
  assertEquals(changes("-vPn-5 prog"), [{ kind: "session" }, { kind: "nice", increment: -5 }]);
  assertEquals(changes("-02 -eenv -v prog"), [
    { kind: "envdir", path: "env", directories: "warn" },
    { kind: "close", descriptor: 0 },
    { kind: "close", descriptor: 2 },
  ]);
});

Deno.test("chpst hands over the program with its arguments, under another name if -b says so", () => {
  const { file, argv, lenient } = parse(words("-b name -- prog -v x"), "chpst");
  assertEquals({ file, argv, lenient }, {
    file: "prog",
    argv: ["name", "-v", "x"],
    lenient: false,
  });
  assertEquals(parse(words("-b '' prog"), "chpst").argv, [""]);
  assertEquals(parse(words("prog -b x"), "chpst").argv, ["prog", "-b", "x"]);
});

Deno.test("chpst says how it is used: no program, a bad number, a second lock", () => {
  for (const line of ["", "--", "-v", "-n 1x p", "-o -1 p", "-l a -L b p", "-L a -L a p"]) {
    const said = complaint(line);
    assertEquals(said.startsWith("usage: chpst [-vVP012] "), true, line);
    assertEquals(said.endsWith(" prog\n\n"), true, line);
  }
});

Deno.test("chpst says what is wrong with an option, and stops at the first mistake", () => {
  assertStringIncludes(complaint("-Z p"), "chpst: illegal option -- Z\nusage: chpst ");
  assertStringIncludes(complaint("-:"), "chpst: illegal option -- :\n");
  assertStringIncludes(complaint("-vu"), "chpst: option requires an argument -- u\nusage: chpst ");
  assertEquals(complaint("-o x -Z").startsWith("usage: "), true);
  assertStringIncludes(complaint("-V -Z"), "runit");
});

Deno.test("an unknown name is chpst's, without the d that it may begin with", () => {
  assertStringIncludes(complaint("-Z", "dfoo"), "dfoo: illegal option -- Z\nusage: foo [-vVP012] ");
  assertStringIncludes(complaint("", "ddenvdir"), "usage: denvdir [-vVP012] ");
  assertStringIncludes(complaint("", "constructor"), "usage: constructor [-vVP012] ");
});

Deno.test("envdir fails on a directory among the files, and has no options", () => {
  for (const name of ["envdir", "denvdir"]) {
    assertEquals(changes("-v prog", name), [{ kind: "envdir", path: "-v", directories: "fail" }]);
    assertEquals(complaint("dir", name), "usage: envdir dir child\n\n");
  }
});

Deno.test("envuidgid and setuidgid take the name of a user and nothing more", () => {
  const account = { text: ":1:2", syntax: "user" } as const;
  assertEquals(changes(":1:2 prog", "envuidgid"), [{ kind: "variables", account }]);
  assertEquals(changes(":1:2 prog", "dsetuidgid"), [{ kind: "ids", account }]);
  assertEquals(complaint("user", "setuidgid"), "usage: setuidgid account child\n\n");
  assertEquals(complaint("", "denvuidgid"), "usage: envuidgid account child\n\n");
});

Deno.test("pgrphack has no options", () => {
  assertEquals(parse(["--", "x"], "pgrphack").argv, ["--", "x"]);
  assertEquals(changes("prog", "dpgrphack"), [{ kind: "session" }]);
  assertEquals(complaint("", "pgrphack"), "usage: pgrphack child\n\n");
});

Deno.test("setlock waits with -n, keeps quiet with -x, and the last of each pair counts", () => {
  const of = (line: string) => {
    const { changes: [lock], lenient } = parse(words(`${line} file prog`.trim()), "setlock");
    return [lock?.kind === "lock" ? lock.wait : undefined, lenient];
  };
  assertEquals(of(""), [false, false]);
  assertEquals(of("-n"), [true, false]);
  assertEquals(of("-nN"), [false, false]);
  assertEquals(of("-N -n"), [true, false]);
  assertEquals(of("-x"), [false, true]);
  assertEquals(of("-xX"), [false, false]);
  assertEquals(of("-Xnx --"), [true, true]);
  assertEquals(
    complaint("-n file", "setlock"),
    "usage: setlock [ -nNxX ] file program [ arg ... ]\n\n",
  );
  assertStringIncludes(
    complaint("-V", "dsetlock"),
    "dsetlock: illegal option -- V\nusage: setlock ",
  );
});

Deno.test("softlimit knows more limits, and = for as much as is allowed", () => {
  assertEquals(limits("-a 1 -l 2 -s 3 prog", "softlimit"), [
    ["STACK", 3n],
    ["MEMLOCK", 2n],
    ["AS", 1n],
  ]);
  assertEquals(limits("-o = prog", "dsoftlimit"), [["NOFILE", -1n]]);
  assertStringIncludes(
    complaint("-n 5 prog", "softlimit"),
    "softlimit: illegal option -- n\nusage: softlimit [-a ",
  );
  assertStringIncludes(complaint("-o 5x prog", "softlimit"), "usage: softlimit [-vVP012] ");
  assertStringIncludes(complaint("-o =5 prog", "softlimit"), "usage: softlimit [-vVP012] ");
});
