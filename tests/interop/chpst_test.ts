/**
 * Runs each command line of the table under the reference chpst and under ours, as root and as nobody: what the program
 * sees, what is said, and the exit code must be the same. So must they be for a hundred that are put together at random.
 */

import { assertEquals, assertExists } from "@std/assert";
import { type Case, CASES, PROBE } from "./chpst_cases.ts";
import { type Outcome, runnable, Surroundings } from "./chpst_surroundings.ts";
import { random } from "../support/random.ts";

function title({ name = "chpst", args, before, environment }: Case): string {
  const words = args.map((arg) =>
    arg === "" ? "''" : arg.length > 60 ? `${arg.slice(0, 60)}…` : arg
  );
  const path = environment === undefined ? "" : `PATH=${environment["PATH"]?.slice(0, 40)} `;
  return [before === undefined ? "" : `(${before}) `, path, [name, ...words].join(" ")].join("");
}

for (const user of ["root", "nobody"] as const) {
  Deno.test({
    name: `what a program sees under chpst as ${user} is the same as under the reference`,
    ignore: !runnable,
    async fn(t): Promise<void> {
      using surroundings = await Surroundings.make();
      for (const one of CASES[user]) {
        await t.step(title(one), async () => {
          const { expected, actual } = await surroundings.both(one, user);
          assertEquals(actual, expected);
          if (ran(one, expected)) assertExists(actual.saw, "a comparison of nothing with nothing");
        });
      }
    },
  });
}

/** Whether the probe must have run. `setlock -x` ends with 0 without running anything. */
function ran({ args, name }: Case, { code }: Outcome): boolean {
  return args.includes(PROBE) && code === 0 && !(name === "setlock" && args.includes("-x"));
}

for (const [holder, other] of [["ours", "theirs"], ["theirs", "ours"]] as const) {
  Deno.test({
    name: `a lock that a program has from ${holder} keeps ${other} out`,
    ignore: !runnable,
    async fn(): Promise<void> {
      using surroundings = await Surroundings.make();
      const { code, stderr } = await surroundings.nested(holder, other);
      assertEquals(code, 111);
      assertEquals(stderr, "chpst: fatal: unable to lock: lock: temporary failure\n");
    },
  });
}

const RANDOM_LINES = 120;

const NAMES = [
  "chpst",
  "chpst",
  "chpst",
  "envdir",
  "softlimit",
  "setlock",
  "setuidgid",
  "envuidgid",
];

const FLAGS = ["-v", "-P", "-0", "-1", "-2", "-vP", "-12", "-n5", "-o9", "-x", "--", "-", "-N"];

const WITH_ARGUMENT = [..."uUbe/nlLmdopfcrt"].map((letter) => `-${letter}`);

/** Right for some options, wrong for others. */
const ARGUMENTS = [
  "",
  "0",
  "5",
  "-3",
  "20",
  "1000000",
  "100000000000",
  "18446744073709551615",
  "nobody",
  "nobody:adm",
  "root",
  ":1:2",
  ":x",
  "nosuch",
  "env",
  "dirs",
  "lock",
  "held",
  "/",
  "-o",
];

const PROGRAMS = [[PROBE], [PROBE, "x"], ["echo", "hi"], ["true"], ["nosuch"], []];

/** Command lines that are right and wrong in all ways, the same each time. */
function* randomCases(): Generator<Case> {
  const next = random(2112);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  for (let i = 0; i < RANDOM_LINES; i++) {
    const args: string[] = [];
    for (let options = Math.floor(next() * 5); options > 0; options--) {
      if (next() < 0.4) args.push(pick(FLAGS));
      else args.push(pick(WITH_ARGUMENT), ...next() < 0.95 ? [pick(ARGUMENTS)] : []);
    }
    // No time at all is up at the next tick of the clock, whoever is at work then.
    if (args.some((arg, at) => arg === "-t" && ["", "0"].includes(args[at + 1] ?? ""))) continue;
    // That would wait for ever.
    const held = args.indexOf("held");
    if (held > 0 && args[held - 1] === "-l") args[held] = "lock";
    if (args.includes("held") && args.includes("-n")) continue;
    const name = pick(NAMES);
    // Or it would take the program's file for the lock's.
    if (name === "setlock") args.push("lock");
    yield { name, args: [...args, ...pick(PROGRAMS)] };
  }
}

Deno.test({
  name: "random command lines do under chpst what they do under the reference",
  ignore: !runnable,
  async fn(): Promise<void> {
    using surroundings = await Surroundings.make();
    for (const one of randomCases()) {
      const { expected, actual } = await surroundings.both(one, "root");
      assertEquals(actual, expected, title(one));
    }
  },
});
