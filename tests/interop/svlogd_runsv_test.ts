/**
 * svlogd as the `log/run` of a service: ours under the reference runsv, the reference's under ours, and ours under ours;
 * and as a single process has it, with and without a process of its own.
 */

import { assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { hostedRunsv } from "../support/hosted.ts";
import { reference } from "../support/reference.ts";
import { TestService } from "../support/service.ts";
import { until } from "../support/until.ts";
import { allText, filesIn } from "../svlogd/run_svlogd.ts";

const theirs = { runsv: reference("runsv"), svlogd: reference("svlogd") };

const PAIRS = [
  { name: "ours under theirs", runsv: "theirs", svlogd: "ours" },
  { name: "theirs under ours", runsv: "ours", svlogd: "theirs" },
  { name: "ours under ours", runsv: "ours", svlogd: "ours" },
  { name: "theirs under a single process", runsv: "single", svlogd: "theirs" },
  { name: "ours under a single process", runsv: "single", svlogd: "ours" },
  { name: "a part of a single process", runsv: "single", svlogd: "hosted" },
] as const;

type Whose = typeof PAIRS[number]["runsv" | "svlogd"];

function find(whose: Whose, tool: "runsv" | "svlogd"): Promise<string> {
  if (whose === "single") return hostedRunsv();
  // By this name, it is hosted.
  if (whose === "hosted") return Promise.resolve("svlogd");
  return whose === "ours" ? built(tool) : Promise.resolve(theirs[tool] ?? "");
}

/** Says its process id and numbers its lines. */
const RUN = `#!/bin/sh
n=0
while :; do n=$((n + 1)); echo "$$ $n"; sleep 0.02; done
`;

/** The lines of each process are all there, in their order. */
function assertWhole(lines: readonly string[]): void {
  const last = new Map<string, number>();
  for (const line of lines) {
    const [pid = "", number] = line.split(" ");
    assertEquals(Number(number), (last.get(pid) ?? 0) + 1, line);
    last.set(pid, Number(number));
  }
  assertEquals(last.size, 2);
}

for (const { name, runsv, svlogd } of PAIRS) {
  Deno.test({
    name: `no line is lost when service and logger are restarted: svlogd is ${name}`,
    ignore: theirs.runsv === undefined || theirs.svlogd === undefined,
    async fn(): Promise<void> {
      const command = await find(svlogd, "svlogd");
      await using service = new TestService({
        runsv: await find(runsv, "runsv"),
        files: {
          run: RUN,
          "log/run": `#!/bin/sh\nexec ${command} -l 100 main\n`,
          "log/main/config": "s2000\nn0\n",
        },
      });
      service.start();
      const main = `${service.dir}/log/main`;
      const logged = (): string[] => allText(filesIn(main)).split("\n").slice(0, -1);
      const first = await service.untilRuns(0, "log/");
      assertEquals(first.pid === service.pid, svlogd === "hosted");
      await until("it logs", () => logged().length > 5);
      // The reference may lose a line when it is told to end.
      if (svlogd !== "theirs") {
        await until("its start was a while ago", () => Date.now() / 1000 > first.since.seconds + 2);
        service.control("t", "log/");
        await service.untilStatus(
          "it runs again",
          ({ state, since }) => state === "run" && since.seconds !== first.since.seconds,
          "log/",
        );
      }
      const before = logged().length;
      await until("it logs again", () => logged().length > before + 5);
      const { pid } = await service.untilRuns();
      service.control("t");
      await service.untilRuns(pid);
      const middle = logged().length;
      await until("it goes on", () => logged().length > middle + 10);
      service.control("x");
      await service.ended();
      assertWhole(logged());
      const files = filesIn(main);
      assertEquals(files["current"]?.mode, "744");
    },
  });
}
