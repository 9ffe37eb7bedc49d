import { assertEquals, assertMatch } from "@std/assert";
import { built } from "../support/build.ts";
import { isAlive, MODES, ServicesDir, type ServicesDirOptions } from "../support/services_dir.ts";
import { pause, until } from "../support/until.ts";

type Options = Omit<ServicesDirOptions, "runsvdir" | "single">;

/** One of both modes, and what a test of it needs. */
interface Mode {
  readonly single: boolean;
  readonly services: (options?: Options) => Promise<ServicesDir>;
  /** A directory whose runsvdir has made its first scan: the service `first` is up. */
  readonly running: (options?: Options) => Promise<ServicesDir>;
}

/** A test in both modes, or, where a runsv makes a difference, in one. */
function test(
  what: string,
  fn: (mode: Mode) => Promise<void>,
  { onlyWithRunsv = false } = {},
): void {
  for (const [name, { single }] of Object.entries(MODES)) {
    if (single && onlyWithRunsv) continue;
    const services = async (options: Options = {}): Promise<ServicesDir> =>
      new ServicesDir({ runsvdir: await built("runsvdir"), single, ...options });
    const running = async (options: Options = {}): Promise<ServicesDir> => {
      const dir = await services(options);
      dir.add("first");
      dir.start();
      await dir.untilStarted("first");
      return dir;
    };
    Deno.test(`${name} ${what}`, () => fn({ single, services, running }));
  }
}

test("starts what is there: directories and links to such, no dot names, no files", async ({ services }) => {
  await using dir = await services();
  for (const name of ["plain", "with space", "ünï"]) dir.add(name);
  dir.add(".hidden");
  dir.prepare("elsewhere/link");
  Deno.symlinkSync("../new/elsewhere/link", `${dir.path}/link`);
  Deno.writeTextFileSync(`${dir.path}/file`, "");
  dir.start();
  for (const name of ["plain", "with space", "ünï", "link"]) await dir.untilStarted(name);
  assertEquals(dir.started().toSorted(), ["link", "plain", "with space", "ünï"]);
});

test("picks up a new directory and a new link, and tells a removed one to end", async ({ running }) => {
  await using dir = await running();
  dir.add("new");
  const pid = await dir.untilStarted("new");
  dir.prepare("linked/link");
  Deno.symlinkSync("../new/linked/link", `${dir.path}/link`);
  const link = await dir.untilStarted("link");
  Deno.renameSync(`${dir.path}/new`, dir.outside("removed"));
  await until("the removed one has ended", () => !isAlive(pid));
  Deno.removeSync(`${dir.path}/link`);
  await until("the unlinked one has ended", () => !isAlive(link));
  assertEquals(isAlive(dir.standIn("first")), true);
  assertEquals(dir.started(), ["first", "new", "link"]);
});

test("passes a name on that is not UTF-8", async ({ services }) => {
  await using dir = await services();
  dir.add("plain");
  dir.prepare("odd");
  // Deno has no way to say such a name; the shell has.
  const { success } = new Deno.Command("/bin/sh", {
    args: ["-c", `mv new/odd "services/$(printf 'a\\377b')"`],
    cwd: dir.temp.path,
  }).outputSync();
  assertEquals(success, true);
  dir.start();
  await dir.untilStarted("plain");
  const line = await until("the odd one is started", () => {
    const bytes = Deno.readFileSync(dir.outside("starts"));
    const at = bytes.indexOf(0xff);
    return at < 0 ? undefined : bytes.subarray(at - 1, at + 2);
  });
  assertEquals([...line], [0x61, 0xff, 0x62]);
});

test("waits for a directory that is still being filled", async ({ running }) => {
  await using dir = await running();
  const path = `${dir.path}/slow`;
  Deno.mkdirSync(`${path}/log`, { recursive: true });
  await pause(150);
  dir.temp.write("services/slow/run", dir.run, 0o755);
  await pause(150);
  assertEquals(dir.started(), ["first"]);
  dir.temp.write("services/slow/log/run", dir.run, 0o644);
  await pause(150);
  assertEquals(dir.started(), ["first"]);
  Deno.chmodSync(`${path}/log/run`, 0o755);
  await dir.untilStarted("slow");
});

test("starts a directory without run after five seconds, as it is", async ({ running, single }) => {
  await using dir = await running();
  const since = performance.now();
  Deno.mkdirSync(`${dir.path}/bare`);
  if (single) await until("it is tried", () => dir.stderr.includes("runsv bare: fatal: unable to"));
  else await dir.untilStarted("bare");
  assertEquals(performance.now() - since >= 4900, true);
});

test("keeps the service of a renamed directory", async ({ running }) => {
  await using dir = await running();
  Deno.renameSync(`${dir.path}/first`, `${dir.path}/second`);
  dir.add("other");
  await dir.untilStarted("other");
  const pid = dir.standIn("first");
  assertEquals(isAlive(pid), true);
  Deno.kill(pid, "SIGKILL");
  await dir.untilStarted("second");
});

test("restarts what has died, at most once a second", async ({ running }) => {
  await using dir = await running();
  dir.add("refusing", { refuse: "" });
  await dir.untilStarted("refusing", 1);
  const since = performance.now();
  await dir.untilStarted("refusing", 3);
  assertEquals(performance.now() - since >= 1900, true);
  assertEquals(dir.started().filter((name) => name === "first").length, 1);
});

test("follows when the directory is replaced, moved away and brought back", async ({ running }) => {
  await using dir = await running();
  Deno.renameSync(dir.path, dir.outside("away"));
  await until("it is missed", () => dir.stderr.includes("unable to stat services: file does not"));
  assertEquals(isAlive(dir.standIn("first")), true);
  Deno.renameSync(dir.outside("away"), dir.path);
  dir.add("back");
  await dir.untilStarted("back");
  dir.prepare("replacing");
  Deno.renameSync(dir.path, dir.outside("away"));
  Deno.renameSync(dir.outside("new"), dir.path);
  await dir.untilStarted("replacing");
  const pid = dir.standIn("first");
  await until("the service of the old directory has ended", () => !isAlive(pid));
});

test("follows when a link on the way to the directory is switched", async ({ services }) => {
  await using dir = await services({ name: "service/" });
  Deno.symlinkSync("current", dir.outside("service"));
  Deno.symlinkSync("services", dir.outside("current"));
  dir.add("first");
  dir.prepare("second");
  dir.start();
  const pid = await dir.untilStarted("first");
  Deno.symlinkSync("new", dir.outside("current.new"));
  Deno.renameSync(dir.outside("current.new"), dir.outside("current"));
  await dir.untilStarted("second");
  await until("the first has ended", () => !isAlive(pid));
});

test("waits for a directory that is not there at the start", async ({ services }) => {
  await using dir = await services();
  dir.add("late");
  Deno.renameSync(dir.path, dir.outside("away"));
  dir.start();
  await until("it is missed", () => dir.stderr !== "");
  Deno.renameSync(dir.outside("away"), dir.path);
  await dir.untilStarted("late");
});

// In a single process there is no runsv to be found.
test("picks up a service when its runsv can be found again", async ({ services }) => {
  await using dir = await services();
  dir.add("first");
  Deno.renameSync(dir.outside("bin/runsv"), dir.outside("bin/gone"));
  dir.start();
  await until("it is missed", () => dir.stderr !== "");
  assertMatch(
    dir.stderr,
    /^runsvdir services: fatal: unable to start runsv first: file does not exist\n/,
  );
  Deno.renameSync(dir.outside("bin/gone"), dir.outside("bin/runsv"));
  await dir.untilStarted("first");
}, { onlyWithRunsv: true });

// In a single process they go down with it: see tests/runsvdir/single_process_e2e_test.ts.
test("exits with 0 on TERM, and leaves the services running", async ({ running }) => {
  await using dir = await running();
  const pid = dir.standIn("first");
  dir.signal("SIGTERM");
  assertEquals((await dir.ended()).code, 0);
  assertEquals(isAlive(pid), true);
}, { onlyWithRunsv: true });

test("exits with 111 on HUP, and tells each runsv to end", async ({ running }) => {
  await using dir = await running();
  const pid = dir.standIn("first");
  dir.signal("SIGHUP");
  assertEquals((await dir.ended()).code, 111);
  await until("runsv has ended", () => !isAlive(pid));
});

test("leaves a mark in the directory on ALRM, and looks at it anew", async ({ running }) => {
  await using dir = await running();
  dir.signal("SIGALRM");
  await until("the mark is there", () => dir.temp.read("services/.forced-rescan") !== "");
  assertMatch(dir.temp.read("services/.forced-rescan"), /^@4[0-9a-f]{23}$/);
});

test("starts what it starts with a clean state, and with -P in a session of its own", async ({ running }) => {
  await using dir = await running({ options: ["-P"] });
  const pid = dir.standIn("first");
  const comm = `/proc/${pid}/comm`;
  await until("it is what it stays", () => Deno.readTextFileSync(comm) === "sleep\n");
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  assertMatch(status, /^SigBlk:\t0+$/m);
  // 32 and 33 are the C library's own, and posix_spawn(3) leaves them ignored.
  assertMatch(status, /^SigIgn:\t0+(180000000)?$/m);
  // A program that is being loaded has its libraries open.
  await until("it has three descriptors", () => {
    const descriptors = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => name);
    return descriptors.toSorted().join() === "0,1,2";
  });
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`).split(" ");
  const [group, session] = stat.slice(4);
  assertEquals([group, session], [`${pid}`, `${pid}`]);
});

// So does a single process: see tests/runsvdir/single_process_e2e_test.ts.
test("sleeps while nothing happens", async ({ running }) => {
  await using dir = await running();
  // Its first second is over: what Deno does after a start has been done.
  await pause(2000);
  const before = wakeUps(dir.pid);
  await pause(5000);
  assertEquals(wakeUps(dir.pid) - before, 0);
}, { onlyWithRunsv: true });

/** How often the threads of a process have gone to sleep so far. */
function wakeUps(pid: number): number {
  let sum = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
    sum += Number(status.match(/^voluntary_ctxt_switches:\t(\d+)$/m)?.[1]);
  }
  return sum;
}
