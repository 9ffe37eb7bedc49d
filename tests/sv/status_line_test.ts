import { assertEquals } from "@std/assert";
import { readRecord, type ServiceStatus, taiSeconds } from "../../src/service/status.ts";
import { statusLine } from "../../src/sv/status_line.ts";
import { record } from "./support/fake_service.ts";

const START = 1_000_000_000;

function line(part: Partial<ServiceStatus>, normallyDown = false, after = 42): string {
  const fields = readRecord(record(part));
  if (fields === undefined) throw new Error("no record");
  return statusLine("www", fields, normallyDown, taiSeconds(START + after));
}

Deno.test("a line tells state, process and age", () => {
  assertEquals(line({ state: "run" }), "run: www: (pid 1234) 42s");
  assertEquals(line({ state: "finish" }), "finish: www: (pid 1234) 42s");
  assertEquals(line({ state: "down", want: "down" }, true), "down: www: 42s");
});

Deno.test("a line tells what is not as it normally is", () => {
  assertEquals(line({ state: "run" }, true), "run: www: (pid 1234) 42s, normally down");
  assertEquals(line({ state: "down", want: "down" }), "down: www: 42s, normally up");
});

Deno.test("a line tells what is wanted where it is something else", () => {
  assertEquals(line({ state: "run", want: "down" }), "run: www: (pid 1234) 42s, want down");
  assertEquals(line({ state: "down", want: "up" }, true), "down: www: 42s, want up");
});

Deno.test("the remarks come in this order", () => {
  assertEquals(
    line({ state: "run", want: "down", paused: true, gotTerm: true }, true),
    "run: www: (pid 1234) 42s, normally down, paused, want down, got TERM",
  );
});

Deno.test("a service that is down is neither paused nor sent TERM, whatever the record says", () => {
  assertEquals(
    line({ state: "down", want: "up", paused: true, gotTerm: true }),
    "down: www: 42s, normally up, want up",
  );
});

Deno.test("an age is whole seconds by the labels' difference, and never negative", () => {
  assertEquals(
    line({ since: { seconds: START, nanoseconds: 999_999_999 } }, false, 1),
    "run: www: (pid 1234) 1s",
  );
  assertEquals(line({}, false, -1), "run: www: (pid 1234) 0s");
});
