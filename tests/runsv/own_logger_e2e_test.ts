/** A `log` without `run`: runsv is the logger itself, and so is a single process. */

import { assertEquals, assertMatch } from "@std/assert";
import { built } from "../support/build.ts";
import { RUNSVS } from "../support/hosted.ts";
import { osTest } from "../support/os.ts";
import { reference } from "../support/reference.ts";
import { descendants, type ServiceFiles, TestService } from "../support/service.ts";
import { pause, until } from "../support/until.ts";
import { allText, filesIn } from "../svlogd/run_svlogd.ts";

/** Writes a line for each that is appended to `lines`. */
const TALKS = "#!/bin/sh\nexec tail -n +1 -f lines 2>/dev/null\n";

/** Told to end, it says much more than a pipe holds. */
const SAYS_GOODBYE = `#!/usr/bin/perl
$SIG{TERM} = sub { syswrite(STDOUT, "line $_\\n") for 1..20000; exit 0 };
open(my $up, '>', 'up');
sleep 1000 while 1;
`;

/** What may be in the place of `log/run`, and where the log directory is then. */
const CONVENTIONS: Readonly<Record<string, string>> = {
  "log/main/config": "log/main",
  "log/config": "log",
};

/** A service whose logger has no process of its own. */
class Logged extends TestService {
  readonly #directory: string;

  constructor(runsv: string, config = "log/main/config", files: ServiceFiles = {}) {
    super({ runsv, files: { run: TALKS, lines: "", [config]: "n0\n", ...files } });
    this.#directory = CONVENTIONS[config] ?? "";
  }

  get main(): string {
    return `${this.dir}/${this.#directory}`;
  }

  say(text: string): void {
    Deno.writeTextFileSync(`${this.dir}/lines`, text, { append: true });
  }

  /** All that is logged, without its stamps. */
  get logged(): string {
    return allText(filesIn(this.main)).replace(/^[-0-9_:.]{25} /gm, "");
  }

  get oldLogs(): string[] {
    return Object.keys(filesIn(this.main)).filter((name) => name.startsWith("@"));
  }

  untilLogged(text: string): Promise<unknown> {
    return until(`${text.slice(-20)} is logged`, () => this.logged === text);
  }

  /** Waits until the logger is what it was told to be. */
  untilLog(what: string, ...[condition]: [Parameters<TestService["untilStatus"]>[1]]): ReturnType<
    TestService["untilStatus"]
  > {
    return this.untilStatus(what, condition, "log/");
  }

  /** What sv says of a command for the logger, or for the service; without process ids and times. */
  async sv(tool: string, command: string, of = "service/log"): Promise<string> {
    const { code, stdout } = await new Deno.Command(tool, {
      args: ["-w20", command, `./${of}`],
      cwd: this.outside,
      stdin: "null",
      stderr: "null",
    }).output();
    const said = new TextDecoder().decode(stdout).trimEnd();
    return `${code} ${said.replaceAll(/pid [0-9]+/g, "pid N").replaceAll(/\b[0-9]+s/g, "Ns")}`;
  }
}

for (const [kind, find] of Object.entries(RUNSVS)) {
  for (const config of Object.keys(CONVENTIONS)) {
    osTest(`${kind} is the logger where there is ${config} and no log/run`, async () => {
      await using service = new Logged(await find(), config);
      service.start();
      await service.untilRuns();
      service.say("one\ntwo\n");
      await service.untilLogged("one\ntwo\n");
      assertMatch(
        allText(filesIn(service.main)),
        /^(\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.\d{5} (one|two)\n){2}$/,
      );
      assertEquals(descendants(service.pid).length, 1);
      assertEquals(service.status("log/")?.pid, service.pid);
      assertEquals(service.read("log/supervise/pid"), "");
      for (const sv of [await built("sv"), reference("sv")]) {
        if (sv === undefined) continue;
        assertEquals(
          await service.sv(sv, "status", "service"),
          "0 run: ./service: (pid N) Ns; run: log: (pid N) Ns",
        );
        assertEquals(await service.sv(sv, "status"), "0 run: ./service/log: (pid N) Ns");
      }
      assertEquals(service.stderr, "");
    });
  }

  osTest(`${kind}, as the logger, answers to sv`, async () => {
    await using service = new Logged(await find());
    const sv = await built("sv");
    service.start();
    const { since } = await service.untilRuns(0, "log/");
    service.say("one\n");
    await service.untilLogged("one\n");

    assertEquals(await service.sv(sv, "alarm"), "0 ok: run: ./service/log: (pid N) Ns");
    await until("it has rotated", () => service.oldLogs.length === 1);

    service.write("log/main/config", "n0\npX: \n");
    await service.sv(sv, "hup");
    await until("it has read its config", async () => {
      service.say("-\n");
      await pause(20);
      return service.logged.endsWith("X: -\n");
    });
    service.write("log/main/config", "n0\n");
    await service.sv(sv, "hup");
    await until("and again", async () => {
      service.say("-\n");
      await pause(20);
      return service.logged.endsWith("\n-\n");
    });

    assertEquals(await service.sv(sv, "pause"), "0 ok: run: ./service/log: (pid N) Ns, paused");
    const before = await until("all is there", () => {
      const { logged } = service;
      return logged.match(/-\n/g)?.length === service.lines("lines").length - 1 && logged;
    });
    service.say("two\n");
    await pause(200);
    assertEquals(service.logged, before);
    assertEquals(await service.sv(sv, "cont"), "0 ok: run: ./service/log: (pid N) Ns");
    await service.untilLogged(`${before}two\n`);

    await until("its start was a while ago", () => Date.now() / 1000 > since.seconds + 2);
    assertEquals(await service.sv(sv, "restart"), "0 ok: run: ./service/log: (pid N) Ns");
    const restarted = service.status("log/")?.since;
    assertEquals(restarted?.seconds !== since.seconds, true);

    assertEquals(await service.sv(sv, "down"), "0 ok: down: ./service/log: Ns, normally up");
    assertEquals((Deno.statSync(`${service.main}/current`).mode ?? 0) & 0o777, 0o744);
    service.say("three\n");
    await pause(200);
    assertEquals(service.logged, `${before}two\n`);
    assertEquals(await service.sv(sv, "up"), "0 ok: run: ./service/log: (pid N) Ns");
    await service.untilLogged(`${before}two\nthree\n`);

    // Each of these ends a svlogd, and it comes back.
    let expected = `${before}two\nthree\n`;
    for (const [i, command] of ["kill", "interrupt", "quit", "1", "2"].entries()) {
      await service.untilRuns(0, "log/");
      await service.sv(sv, command);
      service.say(`${i}\n`);
      expected += `${i}\n`;
      await service.untilLogged(expected);
    }
    assertEquals(service.status()?.state, "run");
  });

  osTest(`${kind}, as the logger, ends last on exit, with all lines`, async () => {
    await using service = new Logged(await find(), "log/main/config", { run: SAYS_GOODBYE });
    service.write("log/main/config", "s50000\nn0\n");
    service.start();
    await service.untilRuns();
    await until("it is up", () => Deno.statSync(`${service.dir}/up`).isFile);
    service.control("x");
    assertEquals((await service.ended()).code, 0);
    const expected = Array.from({ length: 20000 }, (_, i) => `line ${i + 1}\n`).join("");
    assertEquals(service.logged === expected, true);
    assertEquals(filesIn(service.main)["current"]?.mode, "744");
    assertEquals(service.read("log/supervise/stat"), "down\n");
    assertEquals([service.processes(), service.stderr], [[], ""]);
  });

  osTest(`${kind} keeps what a service says while its own logger is normally down`, async () => {
    await using service = new Logged(await find(), "log/main/config", { "log/down": "" });
    service.start();
    await service.untilRuns();
    service.say("early\n");
    await pause(100);
    assertEquals(service.status("log/")?.state, "down");
    service.control("u", "log/");
    await service.untilLogged("early\n");
  });

  osTest(`${kind}, as the logger, tries again where its directory is another's`, async () => {
    await using service = new Logged(await find());
    service.write("log/main/lock", "");
    {
      using lock = Deno.openSync(`${service.main}/lock`, { write: true });
      lock.lockSync(true);
      service.start();
      await service.untilRuns();
      service.say("early\n");
      const said = "svlogd: warning: unable to lock directory: ./main: temporary failure\n" +
        "svlogd: fatal: no functional log directories.\n";
      await until("it has tried twice", () => service.stderr.startsWith(said + said));
    }
    await service.untilLogged("early\n");
  });

  osTest(`${kind} says that log lacks all, and is the logger once there is main`, async () => {
    await using service = new Logged(await find(), "log/main/config");
    Deno.removeSync(service.main, { recursive: true });
    service.start();
    await service.untilRuns();
    service.say("early\n");
    const said = "runsv service: fatal: unable to start log/./run: file does not exist\n";
    await until("it has tried twice", () => service.stderr.startsWith(said + said));
    Deno.mkdirSync(service.main);
    await service.untilLogged("early\n");
  });

  osTest(`${kind} gives way to a log/run at the next start of the logger`, async () => {
    await using service = new Logged(await find());
    service.start();
    await service.untilRuns();
    service.say("one\n");
    await service.untilLogged("one\n");
    service.write("log/run", "#!/bin/sh\nexec cat >taken\n");
    service.control("t", "log/");
    await service.untilRuns(service.pid, "log/");
    service.say("two\n");
    await until("it has it", () => service.read("log/taken") === "two\n");
  });
}
