/**
 * sv and runsv of either make, in every combination: what is said, and what becomes of the service.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { hostedRunsv } from "../support/hosted.ts";
import { osTest } from "../support/os.ts";
import { reference } from "../support/reference.ts";
import { appendingLog, stayingRun } from "../support/scripts.ts";
import { TestService } from "../support/service.ts";
import { until } from "../support/until.ts";

type Make = "ours" | "the reference" | "a single process";

const SV_MAKES = ["ours", "the reference"] as const;
const RUNSV_MAKES = ["ours", "the reference", "a single process"] as const;
const available = reference("sv") !== undefined;

async function path(make: Make, tool: string): Promise<string> {
  if (make === "a single process") return await hostedRunsv();
  return make === "ours" ? await built(tool) : reference(tool) ?? "";
}

/** What a call of sv came to: the exit code and the line, without what differs from time to time. */
async function sv(path: string, service: TestService, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(path, {
    args: ["-w20", ...args, "./service"],
    cwd: service.outside,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  return `${code} ${
    said.replace("./service", "s").replace(/pid [0-9]+/g, "pid N").replace(/\b[0-9]+s/g, "Ns")
  }`.trim();
}

for (const svMake of SV_MAKES) {
  for (const runsvMake of RUNSV_MAKES) {
    osTest(`a service's day, with sv of ${svMake} and runsv of ${runsvMake}`, async () => {
      await using service = new TestService({
        runsv: await path(runsvMake, "runsv"),
        files: { run: stayingRun({ traps: ["HUP"] }), "log/run": appendingLog },
      });
      const tool = await path(svMake, "sv");
      service.start();
      const { pid } = await service.untilRuns();
      await service.untilRuns(0, "log/");
      const call = (...args: string[]): Promise<string> => sv(tool, service, ...args);
      assertEquals(
        await call("status"),
        "0 run: s: (pid N) Ns; run: log: (pid N) Ns",
      );
      // The reference takes a command in the second of the last start for done.
      const settled = (): Promise<unknown> =>
        service.untilStatus(
          "its first second is over",
          ({ since }) => Date.now() / 1000 > since.seconds + 2,
        );
      await settled();
      assertEquals(await call("restart"), "0 ok: run: s: (pid N) Ns");
      const restarted = await service.untilRuns(pid);
      assertEquals(await call("pause"), "0 ok: run: s: (pid N) Ns, paused");
      assertEquals(await call("cont"), "0 ok: run: s: (pid N) Ns");
      assertEquals(await call("once"), "0 ok: run: s: (pid N) Ns, want down");
      await settled();
      assertEquals(await call("kill"), "0 ok: down: s: Ns, normally up");
      assertEquals(await call("up"), "0 ok: run: s: (pid N) Ns");
      await service.untilRuns(restarted.pid);
      assertEquals(await call("stop"), "0 ok: down: s: Ns, normally up");
      const runs = service.lines("ran").length;
      assertEquals(await call("start"), "0 ok: run: s: (pid N) Ns");
      assertEquals(await call("check"), "0 ok: run: s: (pid N) Ns");
      // Before it has said that it runs, it would not survive this.
      await until("it is ready", () => service.lines("ran").length > runs);
      assertEquals(await call("hup"), "0 ok: run: s: (pid N) Ns");
      await until("it got the signal", () => service.lines("got").length === 1);
      assertEquals(await call("shutdown"), "0 ok: s: runsv not running");
      assertEquals(await call("status"), "1 fail: s: runsv not running");
      assertEquals((await service.ended()).code, 0);
    }, { ignore: !available });
  }
}
