/** The compiled runsv on real processes: order, signals, locks, and what it survives. */

import { assert, assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { RUNSVS } from "../support/hosted.ts";
import { appendingLog, controlScript, endingRun, stayingRun } from "../support/scripts.ts";
import { descendants, TestService, type TestServiceOptions } from "../support/service.ts";
import { TempDir } from "../support/temp_dir.ts";
import { pause, until } from "../support/until.ts";

const linux = Deno.build.os === "linux";

/** A service that is started already. */
type Supervised = (options: Omit<TestServiceOptions, "runsv">) => Promise<TestService>;

/** A test of every kind of runsv, or of the program alone. */
function test(
  what: string,
  fn: (supervised: Supervised, kind: { path: string; hosted: boolean }) => Promise<void>,
  { ignore = false, onlyProgram = false } = {},
): void {
  for (const [name, find] of Object.entries(RUNSVS)) {
    const hosted = name !== "runsv";
    if (hosted && onlyProgram) continue;
    const supervised: Supervised = async (options) => {
      const service = new TestService({ runsv: await find(), ...options });
      service.start();
      return service;
    };
    Deno.test({
      name: `${name} ${what}`,
      ignore,
      fn: async () => await fn(supervised, { path: await find(), hosted }),
    });
  }
}

/** How a process of runsv's that has no service ends: by its words and its exit code. */
async function runsv(cwd: string, ...args: string[]): Promise<{ code: number; stderr: string }> {
  const command = new Deno.Command(await built("runsv"), {
    args,
    cwd,
    stdin: "null",
    stdout: "null",
  });
  const { code, stderr } = await command.output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** The descriptors of a process that are open. */
function descriptors(pid: number): string[] {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => name).toSorted();
}

test("restarts a service that was killed, at once if it ran for a second", async (supervised) => {
  await using service = await supervised({ files: { run: stayingRun() } });
  const { pid, since } = await service.untilRuns();
  await until("it is up", () => service.lines("ran").length === 1);
  // It may not rest after this.
  await until("a second has passed", () => Date.now() / 1000 > since.seconds + 2.2);
  Deno.kill(pid, "SIGKILL");
  const again = await service.untilRuns(pid);
  assert(again.pid !== pid);
  await until("both have been there", () => service.lines("ran").length === 2);
});

test("on TERM takes the service down, then exits 0", async (supervised) => {
  await using service = await supervised({ files: { run: stayingRun() } });
  const { pid } = await service.untilRuns();
  Deno.kill(service.pid, "SIGTERM");
  assertEquals((await service.ended()).code, 0);
  assertEquals(service.read("supervise/stat"), "down\n");
  assertEquals(service.status()?.pid, 0);
  assert(!alive(pid));
});

test("takes TERM that comes while it starts", async (supervised) => {
  for (let i = 0; i < 5; i++) {
    await using service = await supervised({ files: { run: stayingRun() } });
    // As soon as there is a trace of it, the handler is in place.
    await until("it has begun", () => Deno.lstatSync(`${service.dir}/supervise/lock`));
    Deno.kill(service.pid, "SIGTERM");
    assertEquals((await service.ended()).code, 0);
    assertEquals(service.processes(), []);
  }
});

test("is not disturbed by a second one, which is refused", async (supervised) => {
  await using service = await supervised({ files: { run: stayingRun() } });
  const { pid } = await service.untilRuns();
  assertEquals(await runsv(service.outside, TestService.NAME), {
    code: 111,
    stderr: "runsv service: fatal: unable to lock supervise/lock: temporary failure\n",
  });
  service.control("1");
  assertEquals((await service.untilRuns()).pid, pid);
});

// In a single process, all others would wait as well: see tests/runsvdir/isolation_e2e_test.ts.
test("waits for whoever holds the lock of the log", async (_, { path: runsv }) => {
  const files = { "run": stayingRun(), "log/run": appendingLog };
  await using service = new TestService({ runsv, files });
  service.write("log/supervise/lock", "");
  const holder = Deno.openSync(`${service.dir}/log/supervise/lock`, { write: true });
  holder.lockSync(true);
  service.start();
  await until("it waits", () => /FLOCK.*WRITE 0*/.test(waitingLocks(service.pid)));
  assertEquals(service.read("ran"), "");
  holder.close();
  await service.untilRuns();
}, { onlyProgram: true });

test("starts the logger first, and ends it last", async (supervised) => {
  const trace = 'open(my $t, \'>>\', "$ENV{TRACE}"); syswrite($t, "$words\\n");';
  const says = (words: string): string => trace.replace("$words", words);
  const run = `#!/usr/bin/perl
$SIG{TERM} = sub { ${says("service ends")} print "last words\\n"; exit 0 };
$| = 1; print "first words\\n"; sleep 1 while 1;`;
  const log = `#!/usr/bin/perl
${says("logger starts")} while (<STDIN>) { chomp; my $line = $_; ${says("logged: $line")} } ${
    says("logger ends")
  }`;
  const temp = Deno.makeTempFileSync({ prefix: "runit-deno-test-" });
  {
    const files = { run, "log/run": log };
    await using service = await supervised({ files, env: { TRACE: temp } });
    await until("the first words", () => Deno.readTextFileSync(temp).includes("first words"));
    await service.untilRuns();
    service.control("x");
    assertEquals((await service.ended()).code, 0);
  }
  assertEquals(Deno.readTextFileSync(temp).split("\n"), [
    "logger starts",
    "logged: first words",
    "service ends",
    "logged: last words",
    "logger ends",
    "",
  ]);
  Deno.removeSync(temp);
});

test("keeps the pipe and what is in it while the logger is down", async (supervised) => {
  const run = '#!/usr/bin/perl\n$| = 1; print "line $_\\n" for 1 .. 100; sleep 1 while 1;';
  const files = { run, "log/run": appendingLog, "log/down": "" };
  await using service = await supervised({ files });
  await service.untilRuns();
  service.control("u", "log/");
  const expected = Array.from({ length: 100 }, (_, i) => `line ${i + 1}`);
  await until("all is logged", () => service.lines("log/log").length === 100);
  assertEquals(service.lines("log/log"), expected);
});

test("obeys ten thousand control characters in one go, all and in order", async (supervised) => {
  const traps = ["HUP"];
  await using service = await supervised({ files: { run: stayingRun({ traps }) } });
  const { pid } = await service.untilRuns();
  await until("it listens", () => service.lines("ran").length === 1);
  const characters = "uo12z".replaceAll(/[12]/g, "h").repeat(2000);
  const start = performance.now();
  // The FIFO may be full now and then; the rest is written when there is room.
  service.control(characters);
  service.control("d");
  await service.untilStatus("down at last", ({ state }) => state === "down");
  console.log(`10,000 characters took ${Math.round(performance.now() - start)} ms`);
  assertEquals(service.status()?.want, "down");
  assert(service.lines("got").length > 0);
  assert(!alive(pid));
});

test(
  "does not wake up at all while service and logger are idle",
  async (supervised, { hosted }) => {
    const files = { "run": stayingRun(), "log/run": appendingLog };
    await using service = await supervised({ files });
    await service.untilRuns();
    await service.untilRuns(0, "log/");
    // A single process gives pages back after five seconds.
    if (hosted) await pause(6000);
    await until("it has come to rest after its start", async () => {
      const before = switches(service.pid);
      await pause(500);
      return JSON.stringify(switches(service.pid)) === JSON.stringify(before);
    });
    const before = switches(service.pid);
    await pause(10_000);
    assertEquals(switches(service.pid), before, "context switches of each thread");
    // It was asleep, not dead.
    service.control("d");
    await service.untilStatus("down", ({ state }) => state === "down");
  },
  { ignore: !linux },
);

test("keeps no descriptor and no file of what it has done a hundred times", async (supervised) => {
  const files = { "run": stayingRun(), "control/h": controlScript(0), "log/run": appendingLog };
  await using service = await supervised({ files });
  const { pid } = await service.untilRuns();
  await service.untilRuns(0, "log/");
  service.control("h");
  await until("once", () => service.lines("controlled").length === 1);
  const before = descriptors(service.pid);
  service.control("h".repeat(100));
  await until("a hundred times more", () => service.lines("controlled").length === 101);
  Deno.kill(pid, "SIGKILL");
  await service.untilRuns(pid);
  assertEquals(descriptors(service.pid), before);
  assertEquals(descendants(service.pid).length, 2);
}, { ignore: !linux });

// A single process keeps some back: see tests/runsvdir/hosted_services_test.ts. Its soft limit is not for others to set.
test("goes on when it can have no more descriptors, and its files catch up", async (supervised) => {
  await using service = await supervised({ files: { run: stayingRun() } });
  const { pid } = await service.untilRuns();
  await until("it is up", () => service.lines("ran").length === 1);
  // The next one that it could have is one too many.
  await limitDescriptors(service.pid, firstFree(service.pid));
  Deno.kill(pid, "SIGKILL");
  await until("it runs again", () => service.lines("ran").length === 2);
  await until("a warning", () => service.stderr.endsWith("\n"));
  assertEquals(
    service.stderr,
    "runsv service: warning: unable to open supervise/pid.new: process cannot open more files\n",
  );
  assertEquals(service.status()?.pid, pid, "what is on disk is old");
  await limitDescriptors(service.pid, 1024);
  const again = await service.untilRuns(pid);
  assertEquals(service.read("supervise/pid"), `${again.pid}\n`);
}, { ignore: !linux, onlyProgram: true });

test("sees a removed service directory through to the end", async (supervised) => {
  await using service = await supervised({ files: { run: stayingRun() } });
  const { pid } = await service.untilRuns();
  await until("it is up", () => service.lines("ran").length === 1);
  Deno.renameSync(service.dir, `${service.outside}/gone`);
  Deno.removeSync(`${service.outside}/gone`, { recursive: true });
  assert(alive(pid));
  Deno.kill(service.pid, "SIGTERM");
  assertEquals((await service.ended()).code, 0);
  assert(!alive(pid));
});

test("needs to enter the service directory, not to read it", async (_, { path: runsv }) => {
  const files = { "run": stayingRun(), "supervise/lock": "" };
  const nobody = 65534;
  const wrapper = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
  using elsewhere = new TempDir();
  // Where the executable lies, nobody may not look.
  Deno.copyFileSync(runsv, `${elsewhere.path}/runsv`);
  await using service = new TestService({ runsv: `${elsewhere.path}/runsv`, files, wrapper });
  for (const dir of [elsewhere.path, service.outside]) Deno.chmodSync(dir, 0o755);
  for (const name of ["supervise", "supervise/lock"]) {
    Deno.chownSync(`${service.dir}/${name}`, nobody, nobody);
  }
  Deno.chmodSync(service.dir, 0o711);
  service.start();
  await service.untilRuns();
  assertEquals(service.stderr, "");
}, { ignore: !linux || Deno.uid() !== 0 });

test("follows a service directory that is renamed", async (supervised) => {
  await using service = await supervised({ files: { run: endingRun(0) } });
  await until("it has run", () => service.lines("ran").length > 0);
  const elsewhere = `${service.outside}/elsewhere`;
  Deno.renameSync(service.dir, elsewhere);
  const ran = (): number => Deno.readTextFileSync(`${elsewhere}/ran`).split("\n").length;
  const before = ran();
  await until("it runs again there", () => ran() > before);
});

function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** The lines of the kernel's list of locks about what this process waits for. */
function waitingLocks(pid: number): string {
  return Deno.readTextFileSync("/proc/locks").split("\n")
    .filter((line) => line.includes("->") && line.split(/\s+/).includes(`${pid}`)).join("\n");
}

/** How often each thread of a process has been put on or taken from a processor. */
function switches(pid: number): Record<string, string> {
  const tasks = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  return Object.fromEntries(tasks.map((task) => {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${task}/status`);
    return [task, [...status.matchAll(/ctxt_switches:\s*(\d+)/g)].map(([, n]) => n).join(" ")];
  }));
}

/** The lowest descriptor that is not in use. */
function firstFree(pid: number): number {
  const used = new Set(descriptors(pid).map(Number));
  let fd = 0;
  while (used.has(fd)) fd++;
  return fd;
}

async function limitDescriptors(pid: number, soft: number): Promise<void> {
  const args = [`--pid=${pid}`, `--nofile=${soft}:`];
  const { success } = await new Deno.Command("prlimit", { args }).output();
  assert(success, "prlimit");
}
