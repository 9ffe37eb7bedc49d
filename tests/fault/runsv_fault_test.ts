/**
 * A minute of harm, under load: service and logger are killed at random, control characters come at random, and every
 * line that the service has written is in the log once, in order. In the end no process, descriptor or file is left.
 */

import { assert, assertEquals } from "@std/assert";
import { RUNSVS } from "../support/hosted.ts";
import { random } from "../support/random.ts";
import { TestService } from "../support/service.ts";
import { pause } from "../support/until.ts";

/** How long the harm goes on, in milliseconds. */
const DURATION = 60_000;

/** How many busy loops there are beside it. */
const LOAD = 3;

/** Bytes of a note of {@linkcode WRITER}: nine digits and a newline. */
const NOTE_SIZE = 10;

/**
 * Writes numbered lines, each with one write(2), and notes each number after that: a line whose number is noted has
 * been written; the one after it may have been, if the process was killed between. Each process is numbered, and
 * numbers its lines from 0 on.
 */
const WRITER = `#!/usr/bin/perl
sysopen(my $starts, 'starts', 0x441) or die;
syswrite($starts, 'x');
my $process = -s $starts;
sysopen(my $noted, 'noted', 0x42) or die;
for (my $number = 0;; $number++) {
  my $text = sprintf("%06d %09d of the service, with some more to read and to tear apart\\n", $process, $number);
  syswrite(STDOUT, $text) == length $text or die;
  sysseek($noted, ($process - 1) * ${NOTE_SIZE}, 0);
  syswrite($noted, sprintf("%09d\\n", $number));
  select(undef, undef, undef, 0.001) if $number % 7 == 0;
}
`;

/**
 * A logger that loses nothing when it is killed, as far as a logger can: what it takes out of the pipe is in the file
 * in the same moment, by splice(2), without a buffer of its own between.
 */
const LOGGER = `#!/usr/bin/perl
use Fcntl;
my $splice = ${Deno.build.arch === "aarch64" ? 76 : 275};
open(my $starts, '>>', 'starts'); syswrite($starts, 'x');
sysopen(my $log, 'log', O_WRONLY | O_CREAT) or die;
sysseek($log, 0, 2);
while (1) {
  my $count = syscall($splice, 0, 0, fileno($log), 0, 4096, 0);
  exit 0 if $count == 0;
  die $! if $count < 0;
}
`;

/** Something that is done to the service. */
type Harm = (service: TestService) => void;

function killed(prefix: "" | "log/"): Harm {
  return (service) => {
    const pid = Number(service.read(`${prefix}supervise/pid`));
    try {
      if (pid > 1) Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  };
}

/** Control characters; each that stops something is followed by what starts it again, soon enough. */
const SENT = [
  "t",
  "u",
  "o",
  "d",
  "p",
  "c",
  "h",
  "a",
  "i",
  "q",
  "k",
  "1",
  "2",
  "z",
  "du",
  "ou",
  "pc",
  "tk",
];

function harms(next: () => number): Harm[] {
  const pick = (from: readonly string[]): string => from[Math.floor(next() * from.length)] ?? "u";
  const send = (prefix: "" | "log/"): Harm => (service) => service.control(pick(SENT), prefix);
  const mend: Harm = (service) => {
    service.control("cu");
    service.control("cu", "log/");
  };
  return [
    killed(""),
    killed(""),
    killed("log/"),
    killed("log/"),
    send(""),
    send(""),
    send("log/"),
    send("log/"),
    mend,
    mend,
  ];
}

/** The open descriptors of a process, and what they are open on. */
function descriptors(pid: number): string[] {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/${pid}/fd/${name}`).replace(/\d+/, "");
    } catch {
      return "";
    }
  }).filter((to) => to !== "").toSorted();
}

/** How many lines each process has noted as written, from the first on. */
function notedLines(service: TestService): number[] {
  const notes = service.read("noted");
  return Array.from({ length: service.read("starts").length }, (_, i) => {
    const note = notes.slice(i * NOTE_SIZE, (i + 1) * NOTE_SIZE);
    // One that was killed before its first line has left a hole.
    return /^[0-9]/.test(note) ? Number(note) + 1 : 0;
  });
}

/** How many lines of each process are in the log; throws for a line that is torn, out of order, missing or there twice. */
function loggedLines(log: string, processes: number): number[] {
  const counts = new Array<number>(processes).fill(0);
  let current = 0;
  for (const line of log.split("\n").slice(0, -1)) {
    const [, process, number] =
      line.match(/^(\d{6}) (\d{9}) of the service, with some more to read and to tear apart$/) ??
        [];
    assert(process !== undefined, `torn: «${line}»`);
    assert(Number(process) > 0 && Number(process) >= current, `out of order: «${line}»`);
    current = Number(process);
    assertEquals(Number(number), counts[current - 1], `the next line of process ${current}`);
    counts[current - 1] = Number(number) + 1;
  }
  assert(log.endsWith("\n"), "the last line is whole");
  return counts;
}

/** Every line that was noted is in the log; of the lines after those, none but the first can be. */
function assertComplete(service: TestService): number {
  const noted = notedLines(service);
  const logged = loggedLines(service.read("log/log"), noted.length);
  noted.forEach((count, i) => {
    const found = logged[i] ?? 0;
    assert(
      found === count || found === count + 1,
      `process ${i + 1}: ${count} written, ${found} logged`,
    );
  });
  return logged.reduce((sum, count) => sum + count, 0);
}

// Where there is neither Linux's splice nor /proc it cannot be seen.
Deno.test({
  name:
    "every kind of runsv loses no line and leaks nothing in a minute of kill -9 and commands under load",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const kinds = await Promise.all(
      Object.entries(RUNSVS).map(async ([kind, find]) => [kind, await find()] as const),
    );
    const loops = Array.from(
      { length: LOAD },
      () => new Deno.Command("nice", { args: ["perl", "-e", "alarm 300; 1 while 1"] }).spawn(),
    );
    try {
      // At the same time, as each has long to wait.
      const results = await Promise.allSettled(kinds.map(([, runsv]) => suffer(runsv)));
      for (const [i, result] of results.entries()) {
        if (result.status === "rejected") throw new Error(kinds[i]?.[0], { cause: result.reason });
      }
    } finally {
      for (const loop of loops) {
        loop.kill("SIGKILL");
        await loop.status;
      }
    }
  },
});

async function suffer(runsv: string): Promise<void> {
  const files = { "run": WRITER, "log/run": LOGGER };
  await using service = new TestService({ runsv, files });
  service.start();
  await service.untilRuns();
  await service.untilRuns(0, "log/");
  const before = descriptors(service.pid);
  const next = random(2026);
  const choice = harms(next);
  const end = performance.now() + DURATION;
  while (performance.now() < end) {
    choice[Math.floor(next() * choice.length)]?.(service);
    await pause(next() * 120);
  }
  service.control("cu");
  service.control("cu", "log/");
  await service.untilStatus("both run in the end", ({ state }) => state === "run");
  await service.untilStatus("and the log", ({ state }) => state === "run", "log/");
  assertEquals(descriptors(service.pid), before, "descriptors of runsv");
  service.control("x");
  const { code } = await service.ended();
  assertEquals([code, service.stderr], [0, ""]);
  assertEquals(service.processes(), []);
  const names = [...Deno.readDirSync(`${service.dir}/supervise`)].map(({ name }) => name)
    .toSorted();
  assertEquals(names, ["control", "lock", "ok", "pid", "stat", "status"]);
  const lines = assertComplete(service);
  const starts = service.read("starts").length;
  console.log(`${lines} lines of ${starts} processes, all there`);
  assert(starts > 10 && service.read("log/starts").length > 10, "both were killed often");
}
