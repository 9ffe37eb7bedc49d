import { assertEquals } from "@std/assert";
import { readRecord, type ServiceStatus, type StatusRecord } from "../../src/service/status.ts";
import { hasTakenEffect, type Verdict } from "../../src/sv/effect.ts";
import { record } from "./support/fake_service.ts";

function status(part: Partial<ServiceStatus> = {}): StatusRecord {
  const read = readRecord(record(part));
  if (read === undefined) throw new Error("no record");
  return read;
}

const BEFORE = { seconds: 1_000_000_000, nanoseconds: 5 };
const LATER = { seconds: 1_000_000_000, nanoseconds: 6 };
const EARLIER = { seconds: 999_999_999, nanoseconds: 5 };

interface Case {
  readonly characters: string;
  readonly now: Partial<ServiceStatus>;
  readonly verdict: Verdict;
}

function check(cases: readonly Case[]): void {
  for (const { characters, now, verdict } of cases) {
    const actual = hasTakenEffect(characters, status(now), status());
    assertEquals(actual, verdict, `${characters}: ${JSON.stringify(now)}`);
  }
}

Deno.test("up has taken effect when run is alive and checked, whatever is wanted", () => {
  check([
    { characters: "u", now: { state: "run" }, verdict: "if checked" },
    { characters: "u", now: { state: "run", want: "down" }, verdict: "if checked" },
    { characters: "u", now: { state: "run", pid: 0 }, verdict: "no" },
    { characters: "u", now: { state: "finish" }, verdict: "no" },
    { characters: "u", now: { state: "down" }, verdict: "no" },
  ]);
});

Deno.test("down has taken effect when nothing is alive, finish included", () => {
  check([
    { characters: "d", now: { state: "down" }, verdict: "yes" },
    { characters: "d", now: { state: "finish" }, verdict: "no" },
    { characters: "d", now: { state: "run" }, verdict: "no" },
  ]);
});

Deno.test("term and kill have taken effect when another process has started", () => {
  for (const characters of "tk") {
    check([
      { characters, now: { since: BEFORE }, verdict: "no" },
      { characters, now: { since: BEFORE, gotTerm: true }, verdict: "no" },
      { characters, now: { since: LATER }, verdict: "if checked" },
      { characters, now: { since: LATER, gotTerm: true }, verdict: "no" },
      { characters, now: { since: LATER, state: "down" }, verdict: "no" },
      { characters, now: { since: BEFORE, state: "finish", pid: 99 }, verdict: "no" },
    ]);
  }
});

Deno.test("term and kill have nothing to do for a service that is meant to be down", () => {
  check([
    { characters: "t", now: { state: "down", want: "down" }, verdict: "yes" },
    { characters: "k", now: { state: "down", want: "down" }, verdict: "yes" },
    { characters: "t", now: { state: "down", want: "up" }, verdict: "no" },
  ]);
});

Deno.test("a start counts after the clock was set back, too", () => {
  check([{ characters: "t", now: { since: EARLIER }, verdict: "if checked" }]);
});

Deno.test("once has taken effect when it runs and will not again, or has run meanwhile", () => {
  check([
    { characters: "o", now: { state: "run", want: "up" }, verdict: "no" },
    { characters: "o", now: { state: "run", want: "down" }, verdict: "yes" },
    { characters: "o", now: { state: "down", since: BEFORE }, verdict: "no" },
    { characters: "o", now: { state: "down", since: LATER }, verdict: "yes" },
  ]);
});

Deno.test("pause and cont go by what the status says of a process that is alive", () => {
  check([
    { characters: "p", now: { paused: false }, verdict: "no" },
    { characters: "p", now: { paused: true }, verdict: "yes" },
    { characters: "p", now: { state: "down" }, verdict: "yes" },
    { characters: "c", now: { paused: true }, verdict: "no" },
    { characters: "c", now: { paused: false }, verdict: "yes" },
    { characters: "c", now: { paused: true, state: "down" }, verdict: "yes" },
  ]);
});

Deno.test("exit has not taken effect as long as there is a status to judge", () => {
  check([{ characters: "x", now: { state: "down", want: "down" }, verdict: "no" }]);
});

Deno.test("other signals have their effect at once", () => {
  for (const characters of "haiq12") check([{ characters, now: {}, verdict: "yes" }]);
});

Deno.test("check asks the script where something is alive", () => {
  check([
    { characters: "C", now: {}, verdict: "if checked" },
    { characters: "C", now: { state: "finish" }, verdict: "if checked" },
    { characters: "C", now: { state: "down", want: "up" }, verdict: "yes" },
  ]);
});

Deno.test("a restart needs all of its characters to have taken effect", () => {
  check([
    { characters: "tcu", now: { since: LATER }, verdict: "if checked" },
    { characters: "tcu", now: { since: LATER, paused: true }, verdict: "no" },
    { characters: "tcu", now: { since: LATER, state: "finish" }, verdict: "no" },
    { characters: "tcu", now: { state: "down", want: "down" }, verdict: "no" },
    { characters: "tc", now: { state: "down", want: "down" }, verdict: "yes" },
    { characters: "tc", now: { since: LATER, state: "finish" }, verdict: "if checked" },
  ]);
});
