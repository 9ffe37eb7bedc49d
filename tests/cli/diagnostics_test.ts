import { assertEquals } from "@std/assert";
import { Diagnostics, Exit } from "../../src/cli/diagnostics.ts";
import { OsError } from "../../src/os/error.ts";

/** What a {@linkcode Diagnostics} says, write by write. */
function said(say: (diagnostics: Diagnostics) => void, name = "runsv ./www"): string[] {
  const writes: string[] = [];
  say(new Diagnostics(name, (bytes) => writes.push(new TextDecoder().decode(bytes))));
  return writes;
}

Deno.test("Diagnostics says a line with name, severity, what happened and why, in one write", () => {
  assertEquals(
    said((diagnostics) => {
      diagnostics.fatal("unable to open supervise/lock", new OsError("EACCES", "open"));
      diagnostics.warning("unable to fork, sleeping", new OsError("EAGAIN", "spawn"));
      diagnostics.say("pausing", "unable to write to log", new OsError("ENOSPC", "write"));
    }),
    [
      "runsv ./www: fatal: unable to open supervise/lock: access denied\n",
      "runsv ./www: warning: unable to fork, sleeping: temporary failure\n",
      "runsv ./www: pausing: unable to write to log: out of disk space\n",
    ],
  );
});

Deno.test("Diagnostics leaves the reason out where there is none", () => {
  assertEquals(said((diagnostics) => diagnostics.warning("./log: not a directory.")), [
    "runsv ./www: warning: ./log: not a directory.\n",
  ]);
});

Deno.test("Diagnostics says the name as it was given", () => {
  assertEquals(said((diagnostics) => diagnostics.warning("x"), "runsv é 😀 "), [
    "runsv é 😀 : warning: x\n",
  ]);
});

Deno.test("Diagnostics says what a failure has to say for itself where it is not the system's", () => {
  assertEquals(
    said((diagnostics) => {
      diagnostics.fatal("a", new Error("out of luck"));
      diagnostics.fatal("b", "thrown as it is");
    }),
    ["runsv ./www: fatal: a: out of luck\n", "runsv ./www: fatal: b: thrown as it is\n"],
  );
});

Deno.test("Exit carries its code", () => {
  assertEquals(new Exit(111).code, 111);
});
