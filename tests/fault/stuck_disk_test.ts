/**
 * A disk that does not answer, under the logs of some services of a single process: what does not log there does not notice,
 * what does goes on for as long as its pipe takes more, and when the disk is back every line is there once and in order.
 */

import { assert, assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { LoggedServices } from "../support/logged_services.ts";
import { osTest } from "../support/os.ts";
import { isAlive } from "../support/services_dir.ts";
import { canStickDisks, StuckDisk } from "../support/stuck_disk.ts";
import { pause, until } from "../support/until.ts";

/** Services that flood a log on the stuck disk, are quiet there, and start there when it is stuck: more than there are threads. */
const FLOODING = names("flooding", 6);
const QUIET = names("quiet", 4);
const LATE = names("late", 5);

/** Services that log elsewhere. */
const FREE = names("free", 4);

/** Milliseconds that anything may take that has nothing to do with the disk: far more than it does. */
const PROMPT = 2000;

/** Writes its process and a number, line by line, and notes the number; told to end, how many there were. */
const WRITES = `#!/usr/bin/perl
open(my $count, '>', 'count');
$SIG{TERM} = sub { $stop = 1 };
sub say_ { my $text = shift; until (syswrite(STDOUT, $text)) {} }
until ($stop) {
  say_("$$ " . ++$i . " of a line that is long enough to fill a pipe\\n");
  sysseek($count, 0, 0);
  syswrite($count, "$i\\n");
  select(undef, undef, undef, 0.001);
}
say_("$$ end $i\\n");
`;

const SAYS_HELLO = "#!/bin/sh\necho hello\nexec sleep 1000\n";

function names(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${kind}${i}`);
}

/** A place for logs, as the services name it, and as this process does. */
interface Place {
  readonly path: string;
  readonly outside: string;
}

class Services extends LoggedServices {
  readonly #logs = new Map<string, string>();

  makeLog(name: string, { outside }: Place): void {
    Deno.mkdirSync(`${outside}/${name}`, { recursive: true });
    Deno.writeTextFileSync(`${outside}/${name}/config`, "s100000\nn0\n");
    this.#logs.set(name, `${outside}/${name}`);
  }

  addLogged(name: string, run: string, { path }: Place): void {
    this.add(name, { run, "log/run": `#!/bin/sh\nexec svlogd ${path}/${name}\n` });
  }

  /** How many lines its process has written. */
  written(name: string): number {
    return Number(this.temp.read(`services/${name}/count`));
  }

  override logOf(name: string): string {
    return this.#logs.get(name) ?? "";
  }
}

/** Each process's lines are 1, 2, 3 and so on; so many of the processes were told to end, and their last words are there. */
function assertComplete(name: string, lines: readonly string[], ended: number): void {
  const last = new Map<string, number>();
  let ends = 0;
  for (const line of lines) {
    const [pid = "", second, third] = line.split(" ");
    const before = last.get(pid) ?? 0;
    if (second === "end") {
      assertEquals(Number(third), before, `${name}: ${line}`);
      ends++;
    } else {
      assertEquals(Number(second), before + 1, `${name}: ${line}`);
      last.set(pid, before + 1);
    }
  }
  assertEquals(ends, ended, `${name}: last words`);
}

/** Does something, which must not take long. */
async function promptly<T>(what: string, action: () => Promise<T>): Promise<T> {
  const since = performance.now();
  const result = await action();
  const took = performance.now() - since;
  assert(took < PROMPT, `${what} took ${Math.round(took)} ms`);
  return result;
}

osTest("a disk that does not answer stops what logs there, and nothing else", async () => {
  // It is the last to go: what runs has it open.
  await using disk = await StuckDisk.make();
  await using dir = new Services({
    runsvdir: await built("runsvdir"),
    single: true,
    wrapper: disk.wrapper,
  });
  const elsewhere = { path: dir.outside("logs"), outside: dir.outside("logs") };
  for (const name of [...FLOODING, ...QUIET, ...LATE]) dir.makeLog(name, disk);
  for (const name of [...FREE, "new"]) dir.makeLog(name, elsewhere);
  for (const name of FLOODING) dir.addLogged(name, WRITES, disk);
  for (const name of QUIET) dir.addLogged(name, SAYS_HELLO, disk);
  for (const name of FREE) dir.addLogged(name, WRITES, elsewhere);
  dir.start();
  const first = [...FLOODING, ...QUIET, ...FREE];
  await until("all log", () => first.every((name) => dir.lines(name).length > 0));
  // From then on they are started again at once.
  await pause(2000);
  await disk.freeze();
  try {
    await whileStuck(dir, disk, elsewhere);
  } finally {
    await disk.thaw();
  }

  const stuck = [...FLOODING, ...LATE];
  const before = stuck.map((name) => dir.written(name));
  await until(
    "the stuck ones go on",
    () => stuck.every((name, i) => dir.written(name) > (before[i] ?? 0) + 100),
  );
  await dir.untilStatus("quiet0/log", ({ state, gotTerm }) => state === "run" && !gotTerm);
  await dir.untilStatus("quiet2/log", ({ state }) => state === "down");
  await until("quiet3 is gone", () => dir.temp.read("quiet3/log/supervise/stat") === "down\n");
  dir.signal("SIGTERM");
  assertEquals((await dir.ended()).code, 0);
  for (const name of QUIET) assertEquals(dir.lines(name), ["hello"]);
  for (const name of [...stuck, ...FREE, "new"]) {
    assertComplete(name, dir.lines(name), name === "free1" || name === "free3" ? 2 : 1);
  }
  assertEquals(dir.stderr, "");
}, { ignore: !await canStickDisks() });

async function whileStuck(dir: Services, disk: Place, elsewhere: Place): Promise<void> {
  // Loggers that have nothing to write are told to end, to rotate and reopen, to be down, and to be gone.
  dir.control("quiet0/log", "t");
  dir.control("quiet1/log", "ah");
  dir.control("quiet2/log", "d");
  Deno.renameSync(`${dir.path}/quiet3`, dir.outside("quiet3"));
  // Others have yet to open their logs.
  for (const name of LATE) {
    dir.addLogged(name, WRITES, disk);
    await promptly(`the start of ${name}`, () => dir.untilStatus(name, ({ pid }) => pid !== 0));
  }
  const stuck = [...FLOODING, ...LATE];
  await until("the pipes are full", async () => {
    const before = stuck.map((name) => dir.written(name));
    await pause(300);
    return stuck.every((name, i) => dir.written(name) === before[i]);
  });
  for (const name of stuck) assertEquals(dir.status(name).state, "run", name);

  const sv = await built("sv");
  const call = (...args: readonly string[]): Promise<void> =>
    promptly(`sv ${args[0]} ${args.at(-1)}`, async () => {
      const { success, stdout } = await new Deno.Command(sv, {
        args: ["-w10", ...args],
        cwd: dir.path,
      }).output();
      assert(success, new TextDecoder().decode(stdout));
    });
  await call("status", ...[...stuck, ...FREE].map((name) => `./${name}`));
  for (const name of FREE) {
    const { pid } = dir.status(name);
    const before = dir.lines(name).length;
    await promptly(
      `${name} is logged`,
      () => until("its log grows", () => dir.lines(name).length > before),
    );
    if (name === "free0" || name === "free2") Deno.kill(pid, "SIGKILL");
    else await call("restart", `./${name}`);
    await promptly(
      `the restart of ${name}`,
      () => dir.untilRuns(name, pid),
    );
  }
  dir.addLogged("new", WRITES, elsewhere);
  await promptly("a new service", () => until("it logs", () => dir.lines("new").length > 0));

  // Those whose loggers are stuck are supervised as well.
  const { pid } = dir.status("flooding0");
  Deno.kill(pid, "SIGKILL");
  await promptly(
    "the restart of flooding0",
    () => dir.untilRuns("flooding0", pid),
  );
  await promptly("pause of quiet0", async () => {
    const { pid } = dir.status("quiet0");
    dir.control("quiet0", "p");
    await dir.untilStatus("quiet0", ({ paused }) => paused);
    dir.control("quiet0", "c");
    await dir.untilStatus("quiet0", (status) => !status.paused && status.pid === pid);
  });
  assert(isAlive(dir.pid));
}
