/**
 * The same services directories under the reference runsvdir and under ours: what they start, tell to end, say, and
 * exit with must be the same, in either mode of ours. A stand-in takes the place of runsv, except where the two are mixed.
 */

import { assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { reference } from "../support/reference.ts";
import { isAlive, ServicesDir, type ServicesDirOptions } from "../support/services_dir.ts";
import { pause, until } from "../support/until.ts";

interface Options extends Omit<ServicesDirOptions, "runsvdir" | "single"> {
  /** Whether it is about runsv, or differs in a single process, as the manual page says. */
  readonly onlyWithRunsv?: boolean;
}

/** Something that is done with a services directory; what it returns must not depend on who looks after it. */
type Scenario = (dir: ServicesDir) => Promise<unknown>;

const theirs = reference("runsvdir");

function compare(name: string, scenario: Scenario, options: Options = {}): void {
  Deno.test({
    name,
    ignore: theirs === undefined,
    fn: async () => {
      // Both are over before either fails, so that no test is left with what another has begun.
      const ours = await built("runsvdir");
      const [expected, ...results] = await Promise.allSettled(
        [
          { runsvdir: theirs ?? "", single: false },
          { runsvdir: ours, single: false },
          ...(options.onlyWithRunsv === true ? [] : [{ runsvdir: ours, single: true }]),
        ].map(async (which) => {
          await using dir = new ServicesDir({ ...options, ...which });
          return await scenario(dir);
        }),
      );
      for (const result of [expected, ...results]) {
        if (result?.status === "rejected") throw result.reason;
      }
      const [actual, single] = results;
      assertEquals(actual, expected);
      if (single !== undefined) assertEquals(single, expected, "in a single process");
    },
  });
}

/** Each different line once, in order: how often one is said depends on how often somebody looks. */
function lines(text: string): string[] {
  return [...new Set(text.split("\n"))];
}

async function untilSaid(dir: ServicesDir, text: string): Promise<void> {
  await until(`it says "${text}"`, () => dir.stderr.includes(text));
}

compare("the same directories are started under the same names", async (dir) => {
  for (const name of ["b", "a", ".dot", "with space", "*", "-x"]) dir.add(name);
  dir.prepare("out/link");
  Deno.symlinkSync("../new/out/link", `${dir.path}/link`);
  Deno.symlinkSync("link", `${dir.path}/link-to-link`);
  Deno.writeTextFileSync(`${dir.path}/file`, "");
  dir.start();
  await dir.untilStarted("with space");
  await until("all are started", () => dir.started().length >= 6);
  return dir.started().map((name) => name.startsWith("link") ? "link" : name).toSorted();
});

compare("names that cannot be looked up are said, and hold nothing up", async (dir) => {
  Deno.symlinkSync("nowhere", `${dir.path}/dangling`);
  Deno.symlinkSync("loop", `${dir.path}/loop`);
  dir.add("good");
  dir.start();
  await dir.untilStarted("good");
  // The pipe may lag behind.
  await untilSaid(dir, "stat dangling");
  await untilSaid(dir, "stat loop");
  return lines(dir.stderr).toSorted();
});

compare("a renamed directory keeps its runsv, one that is replaced does not", async (dir) => {
  dir.add("old");
  dir.add("replaced");
  dir.start();
  const kept = await dir.untilStarted("old");
  const ended = await dir.untilStarted("replaced");
  Deno.renameSync(`${dir.path}/old`, `${dir.path}/renamed`);
  Deno.renameSync(`${dir.path}/replaced`, dir.outside("gone"));
  dir.add("replaced");
  await dir.untilStarted("replaced", 2);
  await until("the old one has ended", () => !isAlive(ended));
  return { kept: isAlive(kept), started: dir.started().toSorted() };
});

compare("a link that is switched to another directory is another service", async (dir) => {
  dir.prepare("one/link");
  dir.prepare("two/link");
  Deno.symlinkSync("../new/one/link", `${dir.path}/link`);
  dir.start();
  const one = await dir.untilStarted("link");
  await pause(1100);
  Deno.symlinkSync("../new/two/link", `${dir.path}/.link`);
  Deno.renameSync(`${dir.path}/.link`, `${dir.path}/link`);
  await dir.untilStarted("link", 2);
  await until("the first has ended", () => !isAlive(one));
  return dir.started();
});

compare("a runsv that died is started again, whatever its exit", async (dir) => {
  dir.add("first");
  dir.start();
  Deno.kill(await dir.untilStarted("first"), "SIGKILL");
  Deno.kill(await dir.untilStarted("first", 2), "SIGTERM");
  await dir.untilStarted("first", 3);
  return dir.stderr;
});

compare("a directory that is moved away is missed, and services live on", async (dir) => {
  dir.add("first");
  dir.start();
  const pid = await dir.untilStarted("first");
  Deno.renameSync(dir.path, dir.outside("away"));
  await untilSaid(dir, "unable to stat");
  const alive = isAlive(pid);
  Deno.renameSync(dir.outside("away"), dir.path);
  dir.add("second");
  await dir.untilStarted("second");
  return { alive, said: lines(dir.stderr), started: dir.started() };
});

compare("a directory that is replaced as a whole is followed", async (dir) => {
  dir.add("old");
  dir.start();
  const pid = await dir.untilStarted("old");
  await pause(1100);
  dir.prepare("new");
  Deno.renameSync(dir.path, dir.outside("away"));
  Deno.renameSync(dir.outside("new"), dir.path);
  await dir.untilStarted("new");
  await until("the old one has ended", () => !isAlive(pid));
  return dir.started();
});

compare("what is no directory is said", async (dir) => {
  Deno.removeSync(dir.path);
  Deno.writeTextFileSync(dir.path, "");
  dir.start();
  await untilSaid(dir, "\n");
  return lines(dir.stderr);
});

compare("a missing runsv is said for each service", async (dir) => {
  Deno.removeSync(dir.outside("bin/runsv"));
  dir.add("a");
  dir.add("b");
  dir.start();
  await until("both are said", () => /runsv a:[^]*runsv b:|runsv b:[^]*runsv a:/.test(dir.stderr));
  return lines(dir.stderr).toSorted();
}, { onlyWithRunsv: true });

compare("a runsv that may not be executed is said", async (dir) => {
  Deno.chmodSync(dir.outside("bin/runsv"), 0o644);
  dir.add("a");
  dir.start();
  await untilSaid(dir, "\n");
  return lines(dir.stderr);
}, { onlyWithRunsv: true });

compare("ALRM leaves a label in the directory", async (dir) => {
  dir.add("a");
  dir.start();
  await dir.untilStarted("a");
  dir.signal("SIGALRM");
  const mark = `${dir.path}/.forced-rescan`;
  await until("the label is there", () => Deno.statSync(mark).size > 0);
  const label = Deno.readTextFileSync(mark);
  return { length: label.length, begin: label.slice(0, 9), mode: Deno.statSync(mark).mode };
});

for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  compare(`${signal} leads to the same exit, for runsvdir and its services`, async (dir) => {
    dir.add("a");
    dir.start();
    const pid = await dir.untilStarted("a");
    dir.signal(signal);
    const { code } = await dir.ended();
    if (signal === "SIGHUP") await until("the service has ended", () => !isAlive(pid));
    return { code, alive: isAlive(pid), said: dir.stderr };
    // After TERM, a single process takes its services with it.
  }, { onlyWithRunsv: signal === "SIGTERM" });
}

compare("INT ends it as it ends any program, and leaves the services", async (dir) => {
  dir.add("a");
  dir.start();
  const pid = await dir.untilStarted("a");
  dir.signal("SIGINT");
  const { code, signal } = await dir.ended();
  return { code, signal, alive: isAlive(pid) };
});

for (const options of [[], ["-P"]]) {
  compare(
    `a runsv has the same surroundings with ${options.join(" ") || "no option"}`,
    async (dir) => {
      dir.add("a");
      dir.start();
      const pid = await dir.untilStarted("a");
      const proc = `/proc/${pid}`;
      await until("it is what it stays", () => Deno.readTextFileSync(`${proc}/comm`) === "sleep\n");
      const stat = Deno.readTextFileSync(`${proc}/stat`).split(" ").slice(4, 6);
      const status = Deno.readTextFileSync(`${proc}/status`);
      return {
        ofItsOwn: stat.map((id) => id === `${pid}`),
        blocked: status.match(/^SigBlk:.*$/m)?.[0],
        // 32 and 33 are the C library's own, and posix_spawn(3) leaves them ignored.
        ignored: BigInt(`0x${status.match(/^SigIgn:\t(.*)$/m)?.[1]}`) & ~0x180000000n,
      };
    },
    { options },
  );
}

compare("a log that is too short is said and not used", async (dir) => {
  dir.add("a");
  dir.start();
  await dir.untilStarted("a");
  await untilSaid(dir, "disabled.\n");
  return dir.stderr;
}, { trailing: ["log:12"] });

compare("only one option is looked at", async (dir) => {
  dir.start();
  await until("it says why", () => dir.stderr.split("\n").length >= 4);
  return lines(dir.stderr);
}, { options: ["--", "-P"], name: "log" });

const usages: readonly (readonly string[])[] = [[], ["-P"], ["--"], ["-Pxyz"]];
for (const args of usages) {
  Deno.test({
    name: `the usage of runsvdir ${args.join(" ")} is the same`,
    ignore: theirs === undefined,
    fn: async () => {
      const run = (command: string): { code: number; stdout: string; stderr: string } => {
        const decoder = new TextDecoder();
        const { code, stdout, stderr } = new Deno.Command(command, { args: [...args] })
          .outputSync();
        return {
          code,
          stdout: decoder.decode(stdout),
          stderr: decoder.decode(stderr).replace(command, "NAME"),
        };
      };
      assertEquals(run(await built("runsvdir")), run(theirs ?? ""));
    },
  });
}

for (
  const which of ["the reference runsvdir over our runsv", "our runsvdir over the reference runsv"]
) {
  Deno.test({
    name: `${which}: services start, stop with their loggers, and come back`,
    ignore: theirs === undefined || reference("runsv") === undefined,
    fn: async () => {
      const ours = which.startsWith("our");
      await using dir = new ServicesDir({
        runsvdir: ours ? await built("runsvdir") : theirs ?? "",
        runsv: ours ? reference("runsv") ?? "" : await built("runsv"),
      });
      const log = "#!/bin/sh\nexec cat >> out\n";
      const run = "#!/bin/sh\necho up\nexec sleep 1000\n";
      dir.add("a", { run, "log/run": log });
      dir.start();
      const path = `${dir.path}/a`;
      await until("it runs", () => Deno.readTextFileSync(`${path}/supervise/stat`) === "run\n");
      await until("it is logged", () => Deno.readTextFileSync(`${path}/log/out`) === "up\n");
      Deno.renameSync(path, dir.outside("a"));
      const stat = (part: string): string =>
        Deno.readTextFileSync(dir.outside(`a/${part}supervise/stat`));
      await until(
        "service and logger are down",
        () => /^down.*\ndown/.test(stat("") + stat("log/")),
      );
      Deno.renameSync(dir.outside("a"), path);
      await until(
        "it runs again",
        () => Deno.readTextFileSync(`${path}/supervise/stat`) === "run\n",
      );
    },
  });
}
