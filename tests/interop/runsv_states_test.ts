/**
 * Walks through the states of a service, in lockstep under the reference runsv and under ours: after each control
 * character, signal or exit, what is on disk, which scripts ran with what arguments, and which signals came must be
 * the same. The walks are random, and the same each time.
 */

import { assertEquals } from "@std/assert";
import { RUNSVS } from "../support/hosted.ts";
import { random } from "../support/random.ts";
import { reference } from "../support/reference.ts";
import { controlScript, stayingRun, waitingFinish } from "../support/scripts.ts";
import { type ServiceFiles, TestService } from "../support/service.ts";
import { DEADLINE, pause } from "../support/until.ts";

const SIGNALS = ["HUP", "INT", "QUIT", "USR1", "USR2", "ALRM"];

const LETTERS = "udotpchaiq12k";

/** What a walk's service is like. */
const SERVICES: Readonly<Record<string, ServiceFiles>> = {
  "a plain service": { run: stayingRun({ traps: SIGNALS }) },
  "a service that ignores TERM": { run: stayingRun({ traps: [...SIGNALS, "TERM"] }) },
  "a service with finish": { run: stayingRun({ traps: SIGNALS }), finish: waitingFinish },
  "a service that is normally down": { run: stayingRun({ traps: SIGNALS }), down: "" },
  "a service with log": {
    run: stayingRun({ traps: SIGNALS }),
    "log/run": stayingRun({ traps: SIGNALS }),
  },
  "a service whose log is normally down": {
    run: stayingRun({ traps: SIGNALS }),
    "log/run": stayingRun({ traps: SIGNALS }),
    "log/down": "",
  },
  "a service with control scripts that replace the signal": {
    run: stayingRun({ traps: [...SIGNALS, "TERM"] }),
    finish: waitingFinish,
    ...controls(0),
    // The reference loses track of a service that outlives it: see "k" in tests/runsv/unit_life_test.ts.
    "control/k": controlScript(1),
  },
  "a service with control scripts that do not": {
    run: stayingRun({ traps: SIGNALS }),
    finish: waitingFinish,
    ...controls(1),
  },
};

function controls(code: number): ServiceFiles {
  return Object.fromEntries([...LETTERS, "x"].map((c) => [`control/${c}`, controlScript(code)]));
}

/** One step of a walk: what is done to both services. */
interface Step {
  readonly what: string;
  readonly act: (service: TestService) => void;
}

function control(character: string, prefix: "" | "log/" = ""): Step {
  return {
    what: `${prefix}${character}`,
    act: (service) => {
      // After this the reference runs finish a second time: see "k" in tests/runsv/unit_life_test.ts.
      if (character === "k" && service.status(prefix)?.state === "finish") return;
      service.control(character, prefix);
    },
  };
}

const KILL_RUN: Step = {
  what: "kill -9 of the process",
  act: (service) => {
    const status = service.status();
    if (status?.pid && status.state !== "finish") Deno.kill(status.pid, "SIGKILL");
  },
};

const END_FINISH: Step = {
  what: "finish ends",
  act: (service) => {
    if (service.status()?.state === "finish") service.write("finish-go", "");
  },
};

function steps(files: ServiceFiles): Step[] {
  const all = [...LETTERS, "z"].map((character) => control(character));
  all.push(KILL_RUN);
  if ("finish" in files) all.push(END_FINISH, END_FINISH, END_FINISH);
  if ("log/run" in files) {
    all.push(...[..."udotpcxhk"].map((character) => control(character, "log/")));
  }
  return all;
}

/** All that can be seen of a service from outside, but for pids and times. */
function observe(service: TestService): unknown {
  const one = (prefix: "" | "log/"): unknown => {
    const status = service.status(prefix);
    if (status === undefined) return undefined;
    const { pid, since: _, ...rest } = status;
    return {
      ...rest,
      hasPid: pid !== 0,
      pidFile: service.read(`${prefix}supervise/pid`) === (pid === 0 ? "" : `${pid}\n`),
      stat: service.read(`${prefix}supervise/stat`),
      ran: service.lines(`${prefix}ran`),
      got: service.lines(`${prefix}got`),
      finished: service.lines(`${prefix}finished`),
      controlled: service.lines(`${prefix}controlled`),
    };
  };
  return { service: one(""), log: one("log/") };
}

/** Whether the reference may be in its second of sleep, in which it hears nothing. */
function mayRest(service: TestService): boolean {
  return (["", "log/"] as const).some((prefix) => {
    const status = service.status(prefix);
    return status !== undefined && Date.now() / 1000 - status.since.seconds < 2.2;
  });
}

/** Waits until both show the same, have shown it for a while, and are not just resting. */
async function settle(theirs: TestService, ours: TestService, context: string): Promise<void> {
  const end = performance.now() + DEADLINE;
  let since = performance.now();
  let last = "";
  // On a busy machine a while may pass between two looks, in which nobody has come to do anything.
  let looks = 0;
  for (;;) {
    const expected = observe(theirs);
    const actual = observe(ours);
    const both = JSON.stringify([expected, actual]);
    const same = JSON.stringify(expected) === JSON.stringify(actual);
    looks++;
    if (both !== last || mayRest(theirs)) {
      since = performance.now();
      looks = 0;
    }
    last = both;
    if (same && looks > 5 && performance.now() - since > 150) return;
    if (performance.now() > end) assertEquals(actual, expected, context);
    await pause(25);
  }
}

async function walk(
  name: string,
  files: ServiceFiles,
  seed: number,
  runsv: [theirs: string, ours: string],
): Promise<void> {
  const next = random(seed);
  const choice = steps(files);
  await using theirs = new TestService({ runsv: runsv[0], files });
  await using ours = new TestService({ runsv: runsv[1], files });
  theirs.start();
  ours.start();
  const taken = [];
  await settle(theirs, ours, `${name} at the start`);
  for (let i = 0; i < 14; i++) {
    const step = choice[Math.floor(next() * choice.length)];
    if (step === undefined) continue;
    taken.push(step.what);
    step.act(theirs);
    step.act(ours);
    await settle(theirs, ours, `${name}, seed ${seed}: ${taken.join(", ")}`);
  }
  assertEquals(ours.stderr, theirs.stderr, name);
}

const theirs = reference("runsv");

/** Which walks each kind of runsv takes: the first takes all, the other has the same core. */
const SEEDS = [[1, 2, 3, 4, 5], [1, 2]];

// All at once, since nearly all of it is waiting.
for (const [i, [what, make]] of Object.entries(RUNSVS).entries()) {
  Deno.test({
    name: `${what} goes through the same states as the reference`,
    ignore: theirs === undefined,
    fn: async () => {
      const ours = await make();
      const walks = Object.entries(SERVICES).flatMap(([name, files]) =>
        (SEEDS[i] ?? []).map((seed) => walk(name, files, seed, [theirs ?? "", ours]))
      );
      const results = await Promise.allSettled(walks);
      const failures = results.filter((result) => result.status === "rejected");
      for (const { reason } of failures) console.error(reason);
      assertEquals(failures.length, 0);
    },
  });
}
