/** `runsvdir --single-process` as an executable: services, hosted loggers, and how it ends. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { built } from "../support/build.ts";
import { osTest } from "../support/os.ts";
import { reference } from "../support/reference.ts";
import { descendants } from "../support/service.ts";
import { isAlive, ServicesDir } from "../support/services_dir.ts";
import { pause, until } from "../support/until.ts";
import { decodeStatus, type ServiceStatus } from "../../src/service/status.ts";

const LOG_RUN = "#!/bin/sh\nexec svlogd ./main\n";

/** Writes a line for each that is appended to `lines`. */
const TALKS = "#!/bin/sh\nexec tail -n +1 -f lines 2>/dev/null\n";

const IGNORES_TERM = "#!/usr/bin/perl\n$SIG{TERM} = sub { print qq(deaf\\n) };\n$| = 1;\n" +
  "open(my $up, '>', 'up');\nsleep 1000 while 1;\n";

/** Services under `runsvdir --single-process`. */
class Single implements AsyncDisposable {
  readonly dir: ServicesDir;

  private constructor(dir: ServicesDir) {
    this.dir = dir;
  }

  static async start(
    services: Readonly<Record<string, Readonly<Record<string, string>>>>,
    ...options: readonly string[]
  ): Promise<Single> {
    const dir = new ServicesDir({
      runsvdir: await built("runsvdir"),
      runsv: "/bin/false",
      options: ["--single-process", ...options],
    });
    const single = new Single(dir);
    try {
      for (const [name, files] of Object.entries(services)) single.add(name, files);
      dir.start();
      for (const name of Object.keys(services)) await dir.untilState(name, "run");
      return single;
    } catch (error) {
      await single[Symbol.asyncDispose]();
      throw error;
    }
  }

  add(name: string, files: Readonly<Record<string, string>> = {}): void {
    const { main, ...rest } = files as Record<string, string>;
    this.dir.prepare(name, rest);
    const log = this.dir.outside(`new/${name}/log`);
    if (main !== undefined || "log/run" in files) {
      Deno.mkdirSync(`${log}/main`, { recursive: true });
    }
    Deno.renameSync(this.dir.outside(`new/${name}`), `${this.dir.path}/${name}`);
  }

  get pid(): number {
    return this.dir.pid;
  }

  /** A file of a service; empty while there is none. */
  read(path: string): string {
    try {
      return this.dir.temp.read(`services/${path}`);
    } catch {
      return "";
    }
  }

  status(name: string): ServiceStatus {
    const status = decodeStatus(
      Deno.readFileSync(`${this.dir.path}/${name}/supervise/status`),
    );
    if (status === undefined) throw new Error("no status");
    return status;
  }

  until(name: string, condition: (status: ServiceStatus) => boolean): Promise<ServiceStatus> {
    return until(`${name} is as wanted, not ${this.read(`${name}/supervise/stat`)}`, () => {
      const status = this.status(name);
      return condition(status) ? status : undefined;
    });
  }

  control(name: string, characters: string): void {
    using fifo = Deno.openSync(`${this.dir.path}/${name}/supervise/control`, {
      read: true,
      write: true,
    });
    fifo.writeSync(new TextEncoder().encode(characters));
  }

  say(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.dir.path}/${name}/lines`, text, { append: true });
  }

  /** The permissions of its current log. */
  mode(name: string): number {
    return (Deno.statSync(`${this.dir.path}/${name}/log/main/current`).mode ?? 0) & 0o777;
  }

  log(name: string): string {
    return this.read(`${name}/log/main/current`);
  }

  untilLogged(name: string, text: string): Promise<unknown> {
    return until(`${text} is logged`, () => this.log(name) === text);
  }

  /** Waits until its log directory is open. */
  untilLogging(name: string): Promise<unknown> {
    const current = `${this.dir.path}/${name}/log/main/current`;
    const link = (entry: Deno.DirEntry): string =>
      Deno.readLinkSync(`/proc/${this.pid}/fd/${entry.name}`);
    return until(
      `${name} logs`,
      () => [...Deno.readDirSync(`/proc/${this.pid}/fd`)].map(link).includes(current),
    );
  }

  oldLogs(name: string): string[] {
    return [...Deno.readDirSync(`${this.dir.path}/${name}/log/main`)]
      .map((entry) => entry.name).filter((file) => file.startsWith("@")).toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dir[Symbol.asyncDispose]();
  }
}

const LOGGED = { run: TALKS, "log/run": LOG_RUN, lines: "" };

osTest("all services are in one process, and so are their loggers", async () => {
  await using single = await Single.start({ a: LOGGED, b: { run: TALKS, lines: "", main: "" } });
  for (const name of ["a/log", "b/log"]) {
    const { pid } = await single.until(name, ({ state }) => state === "run");
    assertEquals(pid, single.pid);
    assertEquals(single.read(`${name}/supervise/pid`), "");
  }
  assertEquals(descendants(single.pid).length, 2);
  single.say("a", "one\n");
  single.say("b", "two\n");
  await single.untilLogged("a", "one\n");
  await until(
    "the stamp",
    () => /^....-..-.._..:..:..\......... two\n|^[-0-9_:.]+ two\n/.test(single.log("b")),
  );
});

osTest("--no-builtin-log runs every log/run", async () => {
  const cat = "#!/bin/sh\nexec cat >out\n";
  await using single = await Single.start(
    { a: { ...LOGGED, "log/run": cat }, b: { run: TALKS, lines: "", main: "" } },
    "--no-builtin-log",
  );
  const { pid } = await single.until("a/log", ({ state }) => state === "run");
  assert(pid !== single.pid);
  await until("what fails is said", () => single.dir.stderr.includes("unable to start log/./run"));
});

osTest("a hosted logger answers to the commands for loggers", async () => {
  await using single = await Single.start({ a: LOGGED });
  await single.until("a/log", ({ state }) => state === "run");
  single.say("a", "one\n");
  await single.untilLogged("a", "one\n");

  single.control("a/log", "a");
  await until("alarm rotates", () => single.oldLogs("a").length === 1);
  single.say("a", "two\n");
  await single.untilLogged("a", "two\n");

  Deno.writeTextFileSync(`${single.dir.path}/a/log/main/config`, "pX: \n");
  single.control("a/log", "h");
  await until("the config is read", async () => {
    single.say("a", "-\n");
    await pause(20);
    return single.log("a").includes("X: -\n");
  });

  single.control("a/log", "p");
  await single.until("a/log", ({ paused }) => paused);
  const before = single.log("a");
  single.say("a", "three\n");
  await pause(200);
  assertEquals(single.log("a"), before);
  single.control("a/log", "c");
  await until("cont goes on", () => single.log("a").endsWith("X: three\n"));

  const { since } = single.status("a/log");
  await pause(1100);
  single.control("a/log", "t");
  await single.until(
    "a/log",
    (status) =>
      status.state === "run" && !status.gotTerm &&
      (status.since.seconds !== since.seconds || status.since.nanoseconds !== since.nanoseconds),
  );
  single.control("a/log", "d");
  await single.until("a/log", ({ state }) => state === "down");
  single.say("a", "four\n");
  await pause(200);
  assert(!single.log("a").includes("four"));
  assertEquals(single.mode("a"), 0o744);
  single.control("a/log", "u");
  await until("up goes on where down stopped", () => single.log("a").endsWith("X: four\n"));
  single.control("a/log", "k");
  await single.until("a/log", ({ state }) => state === "down" || state === "run");
  single.say("a", "five\n");
  await until("killed, it comes back", () => single.log("a").endsWith("X: five\n"));
});

osTest("a log that cannot be opened is said and tried again, and the service runs", async () => {
  await using single = await Single.start({ a: LOGGED, b: LOGGED });
  await single.untilLogging("a");
  Deno.removeSync(`${single.dir.path}/a/log/main`, { recursive: true });
  single.control("a/log", "t");
  await until(
    "it is said",
    () =>
      single.dir.stderr.includes(
        "svlogd: warning: unable to open log directory: ./main: file does not exist\n" +
          "svlogd: fatal: no functional log directories.\n",
      ),
  );
  assertEquals(single.read("a/supervise/stat"), "run\n");
  Deno.mkdirSync(`${single.dir.path}/a/log/main`);
  single.say("a", "one\n");
  await single.untilLogged("a", "one\n");
});

osTest("processors run, and their state is kept", async () => {
  await using single = await Single.start({ a: LOGGED });
  await single.until("a/log", ({ state }) => state === "run");
  Deno.writeTextFileSync(`${single.dir.path}/a/log/main/config`, "!tr a-z A-Z; echo done >&5\n");
  single.control("a/log", "h");
  await pause(300);
  single.say("a", "one\n");
  await single.untilLogged("a", "one\n");
  single.control("a/log", "a");
  const [name] = await until("it is processed", () => {
    const files = single.oldLogs("a");
    return files.length === 1 && files[0]?.endsWith(".s") ? files : undefined;
  });
  assertEquals(single.read(`a/log/main/${name}`), "ONE\n");
  await until("the state", () => single.read("a/log/main/state") === "done\n");
});

osTest("sv exit ends a service and its logger, and they are started anew", async () => {
  await using single = await Single.start({ a: LOGGED, b: LOGGED });
  await single.until("a/log", ({ state }) => state === "run");
  const { pid } = single.status("a");
  const other = single.status("b").pid;
  single.say("a", "last words\n");
  await pause(1200);
  single.control("a", "x");
  await single.until("a", (status) => status.state === "run" && status.pid !== pid);
  assert(!isAlive(pid));
  await until("nothing is lost", () => single.log("a").startsWith("last words\n"));
  assertEquals(single.status("b").pid, other);
});

osTest(
  "a directory that is removed takes its service with it, and one that comes is started",
  async () => {
    await using single = await Single.start({ a: LOGGED, b: LOGGED });
    const { pid } = single.status("a");
    await single.untilLogging("a");
    await single.untilLogging("b");
    const before = descriptors(single.pid);
    Deno.renameSync(`${single.dir.path}/a`, single.dir.outside("a"));
    await until("it is down", () => !isAlive(pid));
    single.add("c", LOGGED);
    await single.dir.untilState("c", "run");
    await single.until("c/log", ({ state }) => state === "run");
    await until(
      "no descriptor is left behind",
      () => descriptors(single.pid) <= before,
    );
  },
);

osTest("a second supervisor is refused as by runsv, whoever comes second", async () => {
  await using single = await Single.start({ a: {} });
  for (const runsv of [await built("runsv"), reference("runsv")]) {
    if (runsv === undefined) continue;
    const { code, stderr } = await new Deno.Command(runsv, {
      args: ["a"],
      cwd: single.dir.path,
    }).output();
    assertEquals(code, 111);
    assertEquals(
      new TextDecoder().decode(stderr),
      "runsv a: fatal: unable to lock supervise/lock: temporary failure\n",
    );
  }
  const second = await new Deno.Command("timeout", {
    args: ["1", await built("runsvdir"), "--single-process", "services"],
    cwd: single.dir.outside("."),
  }).output();
  assertMatch(
    new TextDecoder().decode(second.stderr),
    /^runsv a: fatal: unable to lock supervise\/lock: temporary failure\n/,
  );
});

for (const [signal, code] of [["SIGTERM", 0], ["SIGHUP", 111]] as const) {
  osTest(`${signal} takes all services down before it exits with ${code}`, async () => {
    await using single = await Single.start({ a: LOGGED, b: {} });
    single.say("a", "one\n");
    await single.untilLogged("a", "one\n");
    const family = descendants(single.pid);
    single.dir.signal(signal);
    assertEquals((await single.dir.ended()).code, code);
    assertEquals(family.filter(isAlive), []);
    assertEquals(single.read("a/supervise/stat"), "down\n");
    assertEquals(single.mode("a"), 0o744);
  });
}

osTest(
  "without a grace period it waits for services as long as it takes, or for a second signal",
  async () => {
    await using single = await Single.start({ a: { ...LOGGED, run: IGNORES_TERM } });
    await until("it is deaf", () => Deno.statSync(`${single.dir.path}/a/up`).isFile);
    single.dir.signal("SIGTERM");
    await until("it has heard", () => single.log("a") === "deaf\n");
    await pause(300);
    assert(isAlive(single.pid));
    single.dir.signal("SIGTERM");
    assertEquals((await single.dir.ended()).code, 0);
  },
);

osTest(
  "a process starts with the descriptor limit that the supervisor was started with",
  async () => {
    const run = "#!/bin/sh\nulimit -Sn >limit\nexec sleep 1000\n";
    const command = new Deno.Command("/bin/sh", {
      args: ["-c", "ulimit -Sn 512; ulimit -Sn"],
    }).outputSync();
    assertEquals(new TextDecoder().decode(command.stdout), "512\n");
    const dir = new ServicesDir({
      runsvdir: await built("runsvdir"),
      runsv: "/bin/false",
      wrapper: ["/bin/sh", "-c", 'ulimit -Sn 512; exec "$@"', "sh"],
      options: ["--single-process"],
    });
    await using _ = dir;
    dir.add("a", { run });
    dir.start();
    await until("it tells", () => dir.temp.read("services/a/limit") === "512\n");
    assertMatch(Deno.readTextFileSync(`/proc/${dir.pid}/limits`), /^Max open files +(?!512 )/m);
  },
);

osTest("idle, it does not wake up", async () => {
  await using single = await Single.start({ a: LOGGED, b: LOGGED, c: {} });
  await single.until("b/log", ({ state }) => state === "run");
  await until("it is quiet", async () => {
    const before = switches(single.pid);
    await pause(2000);
    return switches(single.pid) === before;
  });
});

function descriptors(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

function switches(pid: number): number {
  let count = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
    for (const [, n] of status.matchAll(/^(?:non)?voluntary_ctxt_switches:\s+(\d+)/gm)) {
      count += Number(n);
    }
  }
  return count;
}
