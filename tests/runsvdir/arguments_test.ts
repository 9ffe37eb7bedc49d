import { assertEquals } from "@std/assert";
import { type Arguments, parseArguments } from "../../src/runsvdir/arguments.ts";

const PLAIN: Arguments = {
  dir: "dir",
  session: false,
  init: false,
  grace: undefined,
  singleProcess: false,
  builtinLog: true,
  log: undefined,
  logTooShort: false,
  trailing: 0,
};

const ACCEPTED: Readonly<Record<string, Partial<Arguments>>> = {
  "dir": {},
  "-P dir": { session: true },
  "-Px dir": { session: true },
  "-- dir": {},
  "--anything dir": {},
  "-x": { dir: "-x" },
  "-- -P": { dir: "-P" },
  "-P -P": { session: true, dir: "-P" },
  "dir log:12": { logTooShort: true },
  "dir log:123": { log: "log:123" },
  "dir log:123 more": { log: "log:123", trailing: 1 },
  "dir äöü1": { log: "äöü1" },
  "--init dir": { init: true },
  "--grace 3 dir": { grace: 3000 },
  "--grace=0.25 --init -P dir": { grace: 250, init: true, session: true },
  "--single-process dir": { singleProcess: true },
  "--single-process --init -P dir": { singleProcess: true, init: true, session: true },
  "--no-builtin-log --single-process dir": { singleProcess: true, builtinLog: false },
};

for (const [line, expected] of Object.entries(ACCEPTED)) {
  Deno.test(`parseArguments() takes: ${line}`, () => {
    assertEquals(parseArguments(line.split(" ")), { ...PLAIN, ...expected });
  });
}

for (
  const line of [
    "",
    "-P",
    "--",
    "--init",
    "--grace",
    "--grace 3",
    "--grace x dir",
    "--no-builtin-log dir",
  ]
) {
  Deno.test(`parseArguments() refuses: "${line}"`, () => {
    assertEquals(parseArguments(line === "" ? [] : line.split(" ")), undefined);
  });
}

Deno.test("parseArguments() refuses a period that no timer can be set for", () => {
  assertEquals(parseArguments(["--grace", "99999999", "dir"]), undefined);
  assertEquals(parseArguments(["--grace", "-1", "dir"]), undefined);
});
