import { assertEquals } from "@std/assert";
import { IDENTIFICATION } from "../../src/cli/version.ts";
import { parseCommandLine, type Request, type WrongUsage } from "../../src/sv/command_line.ts";

const USAGE = "usage: sv [-v] [-w sec] command service ...\n\n";
const LSB_USAGE = "usage: www [-w sec] command\n\n";

function parse(words: string, svwait?: string, name = "sv"): Request | WrongUsage {
  return parseCommandLine(words.split(" ").filter(Boolean), name, svwait);
}

function accepted(words: string, svwait?: string, name = "sv"): Request {
  const request = parse(words, svwait, name);
  if ("message" in request) throw new Error(request.message);
  return request;
}

Deno.test("a command waits seven seconds, or what SVWAIT says, or what -w says", () => {
  assertEquals(accepted("up a").wait, 7);
  assertEquals(accepted("up a", "12").wait, 12);
  assertEquals(accepted("-w 3 up a", "12").wait, 3);
  assertEquals(accepted("-w3 -w4 up a").wait, 4);
});

Deno.test("a time to wait is the number that the text begins with", () => {
  assertEquals(accepted("up a", "").wait, 0);
  assertEquals(accepted("up a", "abc").wait, 0);
  assertEquals(accepted("up a", "5s").wait, 5);
  assertEquals(accepted("-w -1 up a").wait, 0);
});

Deno.test("-w and -v make every command wait; SVWAIT alone does not", () => {
  assertEquals(accepted("up a", "12").verbose, false);
  assertEquals(accepted("-v up a").verbose, true);
  assertEquals(accepted("-w9 up a").verbose, true);
});

Deno.test("all that follows the command is a service", () => {
  assertEquals(accepted("status a -v --").names, ["a", "-v", "--"]);
});

Deno.test("wrong usage is told why, where there is a reason, and how it is meant", () => {
  assertEquals(parse(""), { message: USAGE, code: 100 });
  assertEquals(parse("up"), { message: USAGE, code: 100 });
  assertEquals(parse("zap a"), { message: USAGE, code: 100 });
  assertEquals(parse("-x up a"), { message: `sv: illegal option -- x\n${USAGE}`, code: 100 });
  assertEquals(parse("-w"), {
    message: `sv: option requires an argument -- w\n${USAGE}`,
    code: 100,
  });
});

Deno.test("-V says what this is, and ends the reading of options", () => {
  assertEquals(parse("-vVx up a"), { message: `${IDENTIFICATION}\n${USAGE}`, code: 100 });
});

Deno.test("called by another name it controls the service of that name, and operands are left alone", () => {
  const { lsb, names, wait } = accepted("-w 2 start other", undefined, "www");
  assertEquals({ lsb, names, wait }, { lsb: true, names: ["www"], wait: 2 });
  assertEquals(parse("", undefined, "www"), { message: LSB_USAGE, code: 2 });
  assertEquals(parse("-x", undefined, "www"), {
    message: `www: illegal option -- x\n${LSB_USAGE}`,
    code: 2,
  });
});
