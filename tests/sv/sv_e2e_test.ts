/**
 * The compiled sv, with a test in the supervisor's place.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { osTest } from "../support/os.ts";
import { TempDir } from "../support/temp_dir.ts";
import { pause, until } from "../support/until.ts";
import { carryOut } from "./support/experiment.ts";
import { FakeService } from "./support/fake_service.ts";

/** The status of a process that has been started just now. */
function fresh(pid: number): { pid: number; since: { seconds: number; nanoseconds: number } } {
  return { pid, since: { seconds: Math.floor(Date.now() / 1000), nanoseconds: pid } };
}

osTest("a restart in the second of the last start is reported when it has happened", async () => {
  const { code, stdout } = await carryOut(await built("sv"), {
    name: "restart at once",
    args: ["-w20", "restart", "s"],
    services: {
      // In the near future, so that it is the second of the command whenever that comes.
      s: { status: { since: { seconds: Math.floor(Date.now() / 1000) + 30, nanoseconds: 1 } } },
    },
    during: async ({ s }) => {
      await s?.receive("tcu");
      // Enough for a look or two, if it were to be fooled.
      await pause(500);
      s?.setStatus({ ...fresh(4321) });
    },
  });
  assertEquals([code, stdout.replace(/ [0-9]+s/, "")], [0, "ok: run: s: (pid 4321)\n"]);
});

osTest("services are reported in the order in which they obey", async () => {
  const { code, stdout } = await carryOut(await built("sv"), {
    name: "restart",
    args: ["-w20", "restart", "a", "b", "c"],
    services: { a: {}, b: {}, c: {} },
    during: async ({ a, b, c }) => {
      for (const one of [c, a, b]) {
        await one?.receive("tcu");
        one?.setStatus(fresh(77));
        await pause(600);
      }
    },
  });
  assertEquals(code, 0);
  assertEquals([...stdout.matchAll(/run: (.):/g)].map(([, name]) => name), ["c", "a", "b"]);
});

osTest("a report comes as soon as the service has obeyed, not when all have", async () => {
  using temp = new TempDir();
  using a = new FakeService(`${temp.path}/a`);
  using b = new FakeService(`${temp.path}/b`);
  const child = new Deno.Command(await built("sv"), {
    args: ["-w60", "stop", a.dir, b.dir],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  a.setStatus({ state: "down", want: "down" });
  const { value } = await reader.read();
  assert(value?.startsWith(`ok: down: ${a.dir}: `), value);
  b.setStatus({ state: "down", want: "down" });
  const next = await reader.read();
  assert(next.value?.startsWith(`ok: down: ${b.dir}: `), next.value);
  assertEquals((await child.status).code, 0);
  await reader.cancel();
});

osTest("a check that fails at first is asked again until it succeeds", async () => {
  const { code, stdout, stderr } = await carryOut(await built("sv"), {
    name: "start",
    args: ["-w20", "start", "s"],
    services: { s: { check: "#!/bin/sh\necho x >>tries\ntest $(wc -l <tries) -ge 3\n" } },
  });
  assertEquals(code, 0, stdout + stderr);
});

osTest(
  "warnings on standard error keep their place among the lines on standard output",
  async () => {
    using temp = new TempDir();
    const service = { prepare: (dir: string): void => Deno.symlinkSync("down", `${dir}/down`) };
    using a = new FakeService(`${temp.path}/a`);
    using b = new FakeService(`${temp.path}/b`, service);
    const { stdout } = new Deno.Command("/bin/sh", {
      args: ["-c", 'exec "$0" "$@" 2>&1', await built("sv"), "status", a.dir, b.dir, a.dir],
      stdin: "null",
    }).outputSync();
    const lines = new TextDecoder().decode(stdout).replace(/ [0-9]+s/g, "").split("\n");
    const up = `run: ${a.dir}: (pid 1234)`;
    assertEquals(lines, [
      up,
      `warning: unable to stat ${b.dir}/down: symbolic link loop`,
      "",
      up,
      "",
    ]);
  },
);

osTest("hundreds of services are waited for in one call", async () => {
  using temp = new TempDir();
  const fakes = Array.from({ length: 200 }, (_, i) => new FakeService(`${temp.path}/s${i}`));
  try {
    const child = new Deno.Command(await built("sv"), {
      args: ["-w60", "restart", ...fakes.map(({ dir }) => dir)],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const output = child.output();
    const obedient = new Set<FakeService>();
    await until("all have obeyed", () => {
      for (const fake of fakes) {
        if (obedient.has(fake) || fake.sent !== "tcu") continue;
        fake.setStatus(fresh(55));
        obedient.add(fake);
      }
      return obedient.size === fakes.length;
    });
    const { code, stdout } = await output;
    assertEquals(code, 0);
    assertEquals(new TextDecoder().decode(stdout).match(/^ok: run: /gm)?.length, fakes.length);
  } finally {
    for (const fake of fakes) fake[Symbol.dispose]();
  }
});

osTest("nobody reading the report is no reason to do less", async () => {
  using temp = new TempDir();
  using a = new FakeService(`${temp.path}/a`, { status: { state: "down", want: "down" } });
  const { code } = new Deno.Command("/bin/sh", {
    args: ["-c", 'exec "$0" "$@" >&-', await built("sv"), "-v", "down", a.dir],
    stdin: "null",
  }).outputSync();
  assertEquals([code, a.sent], [0, "d"]);
});

osTest("a variable that is not UTF-8 is a failure, not a crash", async () => {
  const call = 'SVDIR=$(printf "\\377") exec "$0" status s';
  const { code, stdout, stderr } = new Deno.Command("/bin/sh", {
    args: ["-c", call, await built("sv")],
    stdin: "null",
  }).outputSync();
  const decoder = new TextDecoder();
  assertEquals([code, decoder.decode(stdout), decoder.decode(stderr)], [
    100,
    "",
    "fatal: unable to use SVDIR: not UTF-8\n",
  ]);
});
