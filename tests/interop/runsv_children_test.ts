/**
 * The state that each program of a service is born in: descriptors, signals, directory, environment, arguments. It is
 * clean, and the same under the reference and under ours, whatever the state of the supervisor's parent.
 */

import { assertEquals } from "@std/assert";
import { RUNSVS } from "../support/hosted.ts";
import { parseState, type ProcessState, tellingScript } from "../support/process_state.ts";
import { reference } from "../support/reference.ts";
import { type ServiceFiles, TestService } from "../support/service.ts";
import { until } from "../support/until.ts";

const STAY = "POSIX::pause() while 1;";

/** What each program writes its state to, by the path that it has in the service directory. */
const TELLERS = {
  "run": "told-run",
  "finish": "told-finish",
  "control/u": "told-u",
  "control/h": "told-h",
  "log/run": "told-log",
};

const FILES: ServiceFiles = {
  "run": tellingScript("told-run", `use POSIX (); ${STAY}`),
  "finish": tellingScript("told-finish"),
  "control/u": tellingScript("told-u"),
  "control/h": tellingScript("told-h"),
  "log/run": tellingScript("told-log", "1 while sysread(STDIN, my $line, 65536);"),
};

/** How the parent is: a program that changes its own state, and executes the rest of its arguments. */
const PARENTS: Readonly<Record<string, string>> = {
  "an ordinary parent": "",
  "a parent with TERM, CHLD, HUP and USR1 blocked":
    "sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGTERM, SIGCHLD, SIGHUP, SIGUSR1));",
  "a parent that ignores HUP, INT, QUIT and USR1, as nohup does":
    "$SIG{$_} = 'IGNORE' for qw(HUP INT QUIT USR1);",
  "a parent that ignores TERM, PIPE and CHLD": "$SIG{$_} = 'IGNORE' for qw(TERM PIPE CHLD);",
  "a parent that leaves descriptors open": `
    $^F = 100;
    for (3, 7, 15) { my $fd = POSIX::open('/dev/zero', O_RDONLY); POSIX::dup2($fd, $_) }`,
  "a parent without standard input": "POSIX::close(0);",
  "a parent with an odd environment": String
    .raw`%ENV = (A => "\xff\xfe", "with space" => "\n", EMPTY => '');`,
  "a parent without environment": "%ENV = ();",
  "a parent with a strict umask": "umask 077;",
};

/** What the tests themselves were started with is out of the way first. */
const AFRESH = `
  use POSIX; use Fcntl;
  %ENV = (PATH => '/usr/bin:/bin', A => 'b');
  POSIX::close($_) for 3 .. 1023;`;

function wrapper(prepare: string): string[] {
  return ["/usr/bin/perl", "-e", `${AFRESH} ${prepare} exec { $ARGV[0] } @ARGV;`, "--"];
}

/** Takes a service through run, control/h, TERM and finish; the state that each of its programs told. */
async function tell(runsv: string, prepare: string): Promise<Record<string, ProcessState>> {
  await using service = new TestService({ runsv, files: FILES, wrapper: wrapper(prepare) });
  service.start();
  const told = (name: string): Promise<string> =>
    until(`${name} is told`, () => service.read(name) || service.read(`log/${name}`));
  await told("told-run");
  await service.untilRuns();
  service.control("h");
  await told("told-h");
  service.control("x");
  await told("told-finish");
  await service.ended();
  const states: Record<string, ProcessState> = {};
  for (const [path, file] of Object.entries(TELLERS)) {
    const state = parseState(await told(file));
    const directory = state.directory.replace(service.dir, "SERVICE");
    states[path] = { ...state, directory };
  }
  return states;
}

/** What is so with any parent: exactly three descriptors, and nothing of ours in the signal state. */
function assertClean(states: Readonly<Record<string, ProcessState>>): void {
  for (const [path, { descriptors, blocked, caught, directory, argv }] of Object.entries(states)) {
    assertEquals(Object.keys(descriptors), ["0", "1", "2"], path);
    assertEquals(descriptors[path === "log/run" ? "0" : "1"], "pipe:[]", path);
    assertEquals([blocked, caught], [0, 0], path);
    assertEquals(directory, path === "log/run" ? "SERVICE/log" : "SERVICE");
    const name = path.startsWith("control/") ? path : `./${path.replace("log/", "")}`;
    assertEquals(argv, path === "finish" ? [name, "-1", "15"] : [name]);
  }
}

const PIPE = 1 << 12;

/** Under the reference, where it is not as clean: what differs is put as ours has it. */
function cleaned(states: Readonly<Record<string, ProcessState>>): Record<string, ProcessState> {
  return Object.fromEntries(
    Object.entries(states).map(([path, state]) => {
      // Descriptors that its parent left open go on to all programs; a standard input that was closed stays so.
      const descriptors: Record<string, string> = { 0: "/dev/null", ...state.descriptors };
      for (const fd of Object.keys(descriptors)) if (Number(fd) > 2) delete descriptors[fd];
      // What its parent has blocked stays so, but for TERM and CHLD; control scripts have these two blocked as well.
      const blocked = 0;
      // Where its parent ignores PIPE, so do all programs.
      const ignored = state.ignored & ~PIPE;
      return [path, { ...state, descriptors, blocked, ignored }];
    }),
  );
}

const theirs = reference("runsv");

for (const [parent, prepare] of Object.entries(PARENTS)) {
  Deno.test({
    name: `under runsv with ${parent}, programs are born as under the reference, or cleaner`,
    ignore: theirs === undefined,
    fn: async () => {
      const [expected, ...all] = await Promise.all([
        tell(theirs ?? "", prepare),
        ...Object.entries(RUNSVS).map(async ([kind, ours]) =>
          [kind, await tell(await ours(), prepare)] as const
        ),
      ]);
      for (const [kind, actual] of all) {
        assertClean(actual);
        assertEquals(actual, cleaned(expected), kind);
      }
    },
  });
}
