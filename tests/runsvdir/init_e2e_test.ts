/**
 * runsvdir as process 1 of a pid namespace, and with `--init` elsewhere: what becomes of services, loggers and orphans when
 * it is told to go down.
 */

import { assert, assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { reference } from "../support/reference.ts";
import { descendants } from "../support/service.ts";
import { isAlive, ServicesDir } from "../support/services_dir.ts";
import { until } from "../support/until.ts";

/** In a pid and mount namespace of its own, where runsvdir is process 1; it needs privileges that a container may lack. */
const NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc"];

const canUnshare = new Deno.Command("unshare", {
  args: [...NAMESPACE.slice(1), "true"],
  stderr: "null",
}).outputSync().success;

/** Both ways to be an init. */
const WAYS = {
  "as process 1": { wrapper: NAMESPACE, options: [] as string[], ignore: !canUnshare },
  "with --init": { wrapper: [] as string[], options: ["--init"], ignore: false },
  "as process 1 and the only one": {
    wrapper: NAMESPACE,
    options: ["--single-process"],
    ignore: !canUnshare,
  },
  "with --init in a single process": {
    wrapper: [] as string[],
    options: ["--init", "--single-process"],
    ignore: false,
  },
};

/** How often each test's services are made differently: with our runsv, and with the reference's. */
const RUNSV = {
  "our runsv": () => built("runsv"),
  "the reference runsv": () => reference("runsv"),
};

/** A directory that is up, and the process that is its runsvdir. */
class Init implements AsyncDisposable {
  readonly dir: ServicesDir;
  pid = 0;

  private constructor(dir: ServicesDir) {
    this.dir = dir;
  }

  static async start(
    way: { wrapper: readonly string[]; options: readonly string[] },
    runsv: string,
    grace: string,
    services: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ): Promise<Init> {
    const dir = new ServicesDir({
      runsvdir: await built("runsvdir"),
      runsv,
      wrapper: way.wrapper,
      options: [...way.options, "--grace", grace],
    });
    const init = new Init(dir);
    try {
      for (const [name, files] of Object.entries(services)) dir.add(name, files);
      dir.start();
      for (const name of Object.keys(services)) await dir.untilState(name, "run");
      init.pid = way.wrapper.length === 0
        ? dir.pid
        : await until("unshare has a child", () => descendants(dir.pid)[0]);
      return init;
    } catch (error) {
      await init[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Sends a signal to runsvdir itself. */
  signal(signal: Deno.Signal): void {
    Deno.kill(this.pid, signal);
  }

  /** Waits for its end; returns the exit code and the milliseconds that it took. */
  async ended(): Promise<{ code: number; took: number }> {
    const since = performance.now();
    const { code } = await this.dir.ended();
    return { code, took: performance.now() - since };
  }

  /** Reads a file of a service, empty while there is none. */
  read(path: string): string {
    try {
      return this.dir.temp.read(`services/${path}`);
    } catch {
      return "";
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dir[Symbol.asyncDispose]();
  }
}

const STUBBORN = `#!/usr/bin/perl
$SIG{TERM} = sub { open(my $out, '>>', 'got'); print $out "TERM\\n" };
open(my $up, '>', 'up');
sleep 1000 while 1;
`;

/** Writes many lines at its end, and is slow to read them: what is in the pipe then must not be lost. */
const TALKER = `#!/usr/bin/perl
$| = 1;
$SIG{TERM} = sub { print "line $_\\n" for 1..5000; exit 0 };
open(my $up, '>', 'up');
sleep 1000 while 1;
`;
const SLOW_LOG = `#!/usr/bin/perl
open(my $out, '>>', 'out');
while (sysread(STDIN, my $buffer, 4096)) {
  select(undef, undef, undef, 0.01);
  syswrite($out, $buffer);
}
syswrite($out, "end\\n");
`;

/** Never reads and never ends. */
const STUCK_LOG = "#!/usr/bin/perl\n$SIG{TERM} = 'IGNORE';\nsleep 1000 while 1;\n";

/** Starts a process in a session of its own, whose parent ends at once; it ignores TERM and holds the log pipe open. */
const LOSES_A_CHILD = `#!/usr/bin/perl
use POSIX ();
if (fork == 0) {
  POSIX::setsid();
  exit 0 if fork;
  $SIG{TERM} = 'IGNORE';
  open(my $out, '>', 'orphan'); print $out (split ' ', readlink '/proc/self')[0]; close $out;
  rename 'orphan', 'up';
  sleep 1000 while 1;
}
wait;
exec 'sleep', '1000';
`;

for (const [wayName, way] of Object.entries(WAYS)) {
  const single = way.options.includes("--single-process");
  for (const [runsvName, runsv] of Object.entries(RUNSV)) {
    // There is no runsv then.
    if (single && runsvName.includes("reference")) continue;
    const name = (what: string): string => `runsvdir ${wayName}, with ${runsvName}: ${what}`;
    const ignore = way.ignore || runsvName.includes("reference") && runsv() === undefined;

    Deno.test({
      name: name("services stop, loggers drain, and it exits with 0"),
      ignore,
      fn: async () => {
        await using init = await Init.start(way, await runsv() ?? "", "20", {
          talker: { run: TALKER, "log/run": SLOW_LOG },
          plain: {},
        });
        await until("it is ready", () => Deno.statSync(`${init.dir.path}/talker/up`).isFile);
        init.signal("SIGTERM");
        assertEquals((await init.ended()).code, 0);
        const lines = init.read("talker/log/out").split("\n").slice(0, -1);
        assertEquals([lines.length, lines[0], lines.at(-2), lines.at(-1)], [
          5001,
          "line 1",
          "line 5000",
          "end",
        ]);
      },
    });

    Deno.test({
      name: name("what ignores TERM is killed after the grace period, its logger is not"),
      ignore,
      fn: async () => {
        await using init = await Init.start(way, await runsv() ?? "", "0.5", {
          stubborn: { run: STUBBORN, "log/run": SLOW_LOG },
        });
        await until("it is ready", () => Deno.statSync(`${init.dir.path}/stubborn/up`).isFile);
        init.signal("SIGINT");
        const { code, took } = await init.ended();
        assertEquals(code, 0);
        assert(took >= 500, `took ${took} ms`);
        assertEquals(init.read("stubborn/got"), "TERM\n");
        assertEquals(init.read("stubborn/log/out"), "end\n");
      },
    });

    Deno.test({
      name: name("a second signal kills what is left at once"),
      ignore,
      fn: async () => {
        await using init = await Init.start(way, await runsv() ?? "", "1000", {
          stubborn: { run: STUBBORN, "log/run": SLOW_LOG },
        });
        await until("it is ready", () => Deno.statSync(`${init.dir.path}/stubborn/up`).isFile);
        init.signal("SIGTERM");
        await until("TERM has come", () => init.read("stubborn/got") === "TERM\n");
        init.signal("SIGTERM");
        assertEquals((await init.ended()).code, 0);
        assertEquals(init.read("stubborn/log/out"), "end\n");
      },
    });
  }

  const plain = (what: string): string => `runsvdir ${wayName}: ${what}`;

  Deno.test({
    name: plain("a logger that never ends is killed after a second period"),
    ignore: way.ignore,
    fn: async () => {
      await using init = await Init.start(way, await built("runsv"), "0.4", {
        stuck: { "log/run": STUCK_LOG },
      });
      init.signal("SIGTERM");
      const { code, took } = await init.ended();
      assertEquals(code, 0);
      assert(took >= 3400, `took ${took} ms`);
    },
  });

  Deno.test({
    name: plain("an orphan that holds a log pipe is killed, so that the logger can drain"),
    ignore: way.ignore,
    fn: async () => {
      await using init = await Init.start(way, await built("runsv"), "0.4", {
        loser: { run: LOSES_A_CHILD, "log/run": SLOW_LOG },
      });
      await until("the orphan is there", () => init.read("loser/up") !== "");
      const family = descendants(init.pid);
      init.signal("SIGTERM");
      const { code } = await init.ended();
      assertEquals(code, 0);
      assertEquals(init.read("loser/log/out"), "end\n");
      await until("none is left", () => !family.some(isAlive));
    },
  });

  Deno.test({
    name: plain("orphans are collected"),
    ignore: way.ignore,
    fn: async () => {
      const run = `#!/usr/bin/perl
for my $i (1..20) { if (fork == 0) { if (fork == 0) { select(undef, undef, undef, 0.2); exit 7 } exit 0 } wait }
open(my $up, '>', 'up');
exec 'sleep', '1000';
`;
      await using init = await Init.start(way, await built("runsv"), "10", { mother: { run } });
      await until("it has lost them", () => Deno.statSync(`${init.dir.path}/mother/up`).isFile);
      await until("none is a child of runsvdir but runsv", () => {
        const children = descendants(init.pid).filter((pid) => parent(pid) === init.pid);
        return children.length === 1;
      });
      init.signal("SIGTERM");
      assertEquals((await init.ended()).code, 0);
    },
  });

  Deno.test({
    name: plain("HUP takes it down the same way, with exit code 111"),
    ignore: way.ignore,
    fn: async () => {
      await using init = await Init.start(way, await built("runsv"), "20", {
        talker: { run: TALKER, "log/run": SLOW_LOG },
      });
      await until("it is ready", () => Deno.statSync(`${init.dir.path}/talker/up`).isFile);
      init.signal("SIGHUP");
      assertEquals((await init.ended()).code, 111);
      assertEquals(init.read("talker/log/out").endsWith("line 5000\nend\n"), true);
    },
  });

  Deno.test({
    name: plain("without any service it exits at once"),
    ignore: way.ignore,
    fn: async () => {
      await using init = await Init.start(way, await built("runsv"), "1000", {});
      // Its handlers are set before it looks at the directory.
      init.dir.add("late");
      await init.dir.untilState("late", "run");
      Deno.renameSync(`${init.dir.path}/late`, init.dir.outside("late"));
      await until(
        "it is down",
        () => init.dir.temp.read("late/supervise/stat").startsWith("down"),
      );
      init.signal("SIGTERM");
      assertEquals((await init.ended()).code, 0);
    },
  });
}

function parent(pid: number): number {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return 0;
  }
}
