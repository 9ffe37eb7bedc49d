/**
 * What goes wrong with one service of a single process, or with its log, is said, and tried again for that service; another
 * one does not notice.
 */

import { assert, assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { LoggedServices } from "../support/logged_services.ts";
import { canUnshare, unshare } from "../support/namespace.ts";
import { osTest } from "../support/os.ts";
import type { ServicesDirOptions } from "../support/services_dir.ts";
import { pause, until } from "../support/until.ts";

/** Writes a line for each that is appended to `lines`. */
const TALKS = "#!/bin/sh\nexec tail -n +1 -f lines 2>/dev/null\n";

const LOG = "#!/bin/sh\nexec svlogd ./main\n";
const LOGGED = { run: TALKS, lines: "", "log/run": LOG, "log/main/config": "s4000\nn0\n" };

/** Says a number all the time. */
const COUNTS = `#!/usr/bin/perl
for (my $i = 1;; $i++) { syswrite(STDOUT, "$i\\n"); select(undef, undef, undef, 0.01) }
`;

/** Some services, and one that must not notice what becomes of the others. */
class Services extends LoggedServices {
  #witness = 0;

  static async make(options: Partial<ServicesDirOptions> = {}): Promise<Services> {
    return new Services({ runsvdir: await built("runsvdir"), single: true, ...options });
  }

  /** Starts runsvdir, and waits for the witness and the services. */
  async begin(...names: readonly string[]): Promise<void> {
    this.add("witness", { ...LOGGED, run: COUNTS });
    this.start();
    for (const name of names) await this.untilRuns(name);
    this.#witness = (await this.untilRuns("witness")).pid;
    await until("it logs", () => this.lines("witness").length > 0);
  }

  /** The witness is the same process, its lines go on without a gap, and it takes commands. */
  async assertUntouched(): Promise<void> {
    const before = this.lines("witness").length;
    await until("it goes on", () => this.lines("witness").length > before + 5);
    const lines = this.lines("witness");
    assertEquals(lines.findIndex((line, i) => Number(line) !== i + 1), -1);
    this.control("witness", "p");
    const { pid } = await this.untilStatus("witness", ({ paused }) => paused);
    assertEquals(pid, this.#witness);
    this.control("witness", "c");
    await this.untilStatus("witness", ({ paused }) => !paused);
  }

  say(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.path}/${name}/lines`, text, { append: true });
  }

  untilLogged(name: string, ...lines: readonly string[]): Promise<unknown> {
    return until(`${lines} are logged`, () => `${this.lines(name)}` === `${lines}`);
  }

  untilSaid(text: string): Promise<unknown> {
    return until(`${text} is said`, () => this.stderr.includes(text));
  }
}

/** A service in bad order: how it is spoilt, what is said of it, and how it is mended. */
interface Case {
  readonly spoil: (path: string) => void;
  readonly said: string;
  readonly mend: (path: string) => void;
}

function remove(path: string): void {
  Deno.removeSync(path, { recursive: true });
}

const CASES: Readonly<Record<string, Case>> = {
  control: {
    spoil: (path) => Deno.mkdirSync(`${path}/supervise/control`, { recursive: true }),
    said: "runsv control: fatal: supervise/control exists but is not a fifo\n",
    mend: (path) => remove(`${path}/supervise`),
  },
  logcontrol: {
    spoil: (path) => Deno.mkdirSync(`${path}/log/supervise/control`, { recursive: true }),
    said: "runsv logcontrol: fatal: log/supervise/control exists but is not a fifo\n",
    mend: (path) => remove(`${path}/log/supervise`),
  },
  supervise: {
    spoil: (path) => Deno.writeTextFileSync(`${path}/supervise`, ""),
    said: "runsv supervise: fatal: unable to open supervise/lock: not a directory\n",
    mend: (path) => remove(`${path}/supervise`),
  },
  interpreter: {
    spoil: (path) => Deno.writeTextFileSync(`${path}/run`, "#!/nosuch\n"),
    said: "runsv interpreter: fatal: unable to start ./run: file does not exist\n",
    mend: (path) => Deno.writeTextFileSync(`${path}/run`, TALKS),
  },
  logrun: {
    spoil: (path) => Deno.writeFileSync(`${path}/log/run`, new Uint8Array([1, 0, 255, 10, 2])),
    said: "runsv logrun: fatal: unable to start log/./run: exec format error\n",
    mend: (path) => Deno.writeTextFileSync(`${path}/log/run`, LOG),
  },
  hugelog: {
    // What begins like one that is hosted, and goes on for megabytes.
    spoil: (path) => Deno.writeTextFileSync(`${path}/log/run`, LOG.repeat(200_000)),
    said: "runsv hugelog: fatal: unable to start log/./run: access denied\n",
    mend: (path) => Deno.writeTextFileSync(`${path}/log/run`, LOG),
  },
  fifolog: {
    spoil: (path) => {
      remove(`${path}/log/run`);
      new Deno.Command("mkfifo", { args: ["-m", "755", `${path}/log/run`] }).outputSync();
    },
    said: "runsv fifolog: fatal: unable to start log/./run: access denied\n",
    mend: (path) => {
      remove(`${path}/log/run`);
      Deno.writeTextFileSync(`${path}/log/run`, LOG, { mode: 0o755 });
    },
  },
  nomain: {
    spoil: (path) => remove(`${path}/log/main`),
    said: "svlogd: warning: unable to open log directory: ./main: file does not exist\n",
    mend: (path) => Deno.mkdirSync(`${path}/log/main`),
  },
  filemain: {
    spoil: (path) => {
      remove(`${path}/log/main`);
      Deno.writeTextFileSync(`${path}/log/main`, "");
    },
    said: "svlogd: warning: unable to change directory: ./main: not a directory\n",
    mend: (path) => {
      remove(`${path}/log/main`);
      Deno.mkdirSync(`${path}/log/main`);
    },
  },
};

osTest(
  "services in bad order are said, and come up when they are mended; another one does not notice",
  async () => {
    await using dir = await Services.make();
    const place = (name: string): string => `${dir.path}/${name}`;
    for (const [name, { spoil }] of Object.entries(CASES)) {
      dir.prepare(name, LOGGED);
      spoil(dir.outside(`new/${name}`));
      if (name === "hugelog") Deno.chmodSync(dir.outside(`new/${name}/log/run`), 0o644);
      Deno.renameSync(dir.outside(`new/${name}`), place(name));
    }
    await dir.begin();
    for (const { said } of Object.values(CASES)) await dir.untilSaid(said);
    await dir.assertUntouched();
    for (const [name, { mend }] of Object.entries(CASES)) {
      mend(place(name));
      if (name === "hugelog") Deno.chmodSync(`${place(name)}/log/run`, 0o755);
    }
    for (const name of Object.keys(CASES)) {
      await dir.untilRuns(name);
      dir.say(name, "one\n");
      await dir.untilLogged(name, "one");
    }
    await dir.assertUntouched();
  },
);

osTest(
  "a logger that another supervisor holds is tried again, and nobody waits for it",
  async () => {
    await using dir = await Services.make();
    dir.add("held", { ...LOGGED, "log/supervise/lock": "" });
    {
      using lock = Deno.openSync(`${dir.path}/held/log/supervise/lock`, { write: true });
      lock.lockSync(true);
      await dir.begin();
      const said = "runsv held: fatal: unable to lock log/supervise/lock: temporary failure\n";
      await dir.untilSaid(said + said);
      await dir.assertUntouched();
    }
    await dir.untilRuns("held");
    await dir.assertUntouched();
  },
);

osTest("a log/run that is too long to be read is run", async () => {
  await using dir = await Services.make();
  dir.add("a", { ...LOGGED, "log/run": `#!/bin/sh\nexec cat >all\n${"#\n".repeat(5_000_000)}` });
  await dir.begin("a");
  dir.say("a", "one\n");
  await until("it is run", () => dir.temp.read("services/a/log/all") === "one\n");
  await dir.assertUntouched();
});

osTest("a log directory that is removed or replaced is its logger's matter", async () => {
  await using dir = await Services.make();
  for (const name of ["removed", "replaced"]) dir.add(name, LOGGED);
  await dir.begin("removed", "replaced");
  for (const name of ["removed", "replaced"]) {
    dir.say(name, "one\n");
    await dir.untilLogged(name, "one");
  }
  remove(dir.logOf("removed"));
  Deno.renameSync(dir.logOf("replaced"), dir.outside("before"));
  Deno.mkdirSync(dir.logOf("replaced"));
  for (const name of ["removed", "replaced"]) dir.say(name, "two\n");
  // What has its directory open goes on in there, until it is told to look again.
  const current = (): string => Deno.readTextFileSync(dir.outside("before/current"));
  await until("it goes on", () => current() === "one\ntwo\n");
  for (const name of ["removed", "replaced"]) dir.control(`${name}/log`, "a");
  await dir.untilSaid("svlogd: pausing: unable to rename current: ./main: file does not exist\n");
  await until("it goes on", () => current() === "");
  await dir.assertUntouched();
  for (const name of ["removed", "replaced"]) dir.control(`${name}/log`, "h");
  await dir.untilSaid(
    "svlogd: warning: unable to open log directory: ./main: file does not exist\n",
  );
  Deno.mkdirSync(dir.logOf("removed"));
  for (const name of ["removed", "replaced"]) {
    dir.say(name, "three\n");
    await dir.untilLogged(name, "three");
  }
  await dir.assertUntouched();
});

/** Mounts a file system of 64 KB in its own namespace, for the logs of the service `small`. */
const SMALL =
  `cd "\${STAND_IN_OUTPUT%/*}" && mkdir small && mount -t tmpfs -o size=64k tmpfs small &&
mkdir small/main && printf 's20000\\nn0\\n' >small/main/config && exec "$@"`;

for (const how of ["full", "read-only"]) {
  osTest(
    `a disk that is ${how} stops the loggers that write to it, which lose nothing`,
    async () => {
      const wrapper = [...unshare("mount"), "sh", "-c", SMALL, "sh"];
      await using dir = await Services.make({ wrapper });
      dir.add("small", {
        ...LOGGED,
        "log/run": `#!/bin/sh\nexec svlogd ${dir.outside("small/main")}\n`,
      });
      await dir.begin("small");
      const small = `/proc/${dir.pid}/root${dir.outside("small")}`;
      const logged = (): string => {
        const old = [...Deno.readDirSync(`${small}/main`)].map(({ name }) => name)
          .filter((name) => name.startsWith("@")).toSorted();
        return [...old, "current"].map((name) => Deno.readTextFileSync(`${small}/main/${name}`))
          .join("");
      };
      const text = Array.from({ length: 1000 }, (_, i) => `line ${i} of some\n`).join("");
      dir.say("small", "first\n");
      await until("it logs", () => logged() === "first\n");
      const remount = (mode: string): void => {
        const args = [
          `--mount=/proc/${dir.pid}/ns/mnt`,
          "mount",
          "-o",
          `remount,${mode}`,
          dir.outside("small"),
        ];
        assert(new Deno.Command("nsenter", { args }).outputSync().success);
      };
      if (how === "full") Deno.writeFileSync(`${small}/filler`, new Uint8Array(52 * 1024));
      else {
        // It cannot become that while it is written.
        dir.control("small/log", "d");
        await dir.untilStatus("small/log", ({ state }) => state === "down");
        remount("ro");
        dir.control("small/log", "u");
      }
      dir.say("small", text);
      await dir.untilSaid(
        how === "full"
          ? "svlogd: pausing: unable to write to current: "
          : "svlogd: warning: unable to lock directory: ",
      );
      await dir.assertUntouched();
      assertEquals(dir.status("small").state, "run");
      if (how === "full") Deno.removeSync(`${small}/filler`);
      else remount("rw");
      await until("all is there", () => logged() === `first\n${text}`);
      await pause(100);
      assertEquals(logged(), `first\n${text}`);
      await dir.assertUntouched();
    },
    { ignore: Deno.build.os !== "linux" || !canUnshare("mount") },
  );
}
