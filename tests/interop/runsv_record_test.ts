/**
 * What our runsv leaves on disk, byte by byte beside the reference's, and as the reference's sv reads it: in every
 * state that a service can be held in.
 */

import { assert, assertEquals } from "@std/assert";
import type { ServiceStatus } from "../../src/service/status.ts";
import { RUNSVS } from "../support/hosted.ts";
import { reference } from "../support/reference.ts";
import { appendingLog, stayingRun, waitingFinish } from "../support/scripts.ts";
import { type ServiceFiles, TestService } from "../support/service.ts";
import { until } from "../support/until.ts";

const FILES: ServiceFiles = {
  "run": stayingRun({ traps: ["TERM", "HUP"] }),
  "finish": waitingFinish,
  "log/run": appendingLog,
};

/** Something that is done to a service, and the state that it comes to. */
interface Stop {
  readonly what: string;
  readonly act?: (service: TestService) => void;
  readonly comesTo: (status: ServiceStatus) => boolean;
}

function kill(service: TestService): void {
  Deno.kill(service.status()?.pid ?? 0, "SIGKILL");
}

const STOPS: readonly Stop[] = [
  { what: "run", comesTo: ({ state }) => state === "run" },
  {
    what: "paused",
    act: (service) => service.control("p"),
    comesTo: ({ paused }) => paused,
  },
  {
    what: "going on",
    act: (service) => service.control("c"),
    comesTo: ({ paused }) => !paused,
  },
  {
    what: "once",
    act: (service) => service.control("o"),
    comesTo: ({ want }) => want === "down",
  },
  {
    what: "going down, which it refuses",
    act: (service) => service.control("d"),
    comesTo: ({ gotTerm }) => gotTerm,
  },
  { what: "finish", act: kill, comesTo: ({ state, pid }) => state === "finish" && pid !== 0 },
  {
    what: "down",
    act: (service) => service.write("finish-go", ""),
    comesTo: ({ state }) => state === "down",
  },
  {
    what: "up again",
    act: (service) => service.control("u"),
    comesTo: ({ state, want }) => state === "run" && want === "up",
  },
  {
    what: "exiting, which it refuses",
    act: (service) => service.control("x"),
    comesTo: ({ gotTerm }) => gotTerm,
  },
];

/** The 20 bytes of a record, in hexadecimal; time and pid are checked, and left out. */
function record(service: TestService, prefix: "" | "log/"): string {
  const bytes = Deno.readFileSync(`${service.dir}/${prefix}supervise/status`);
  assertEquals(bytes.length, 20);
  const view = new DataView(bytes.buffer);
  const unix = Number(view.getBigUint64(0) - (2n ** 62n + 10n));
  const now = Date.now() / 1000;
  assert(unix > now - 120 && unix <= now, `${unix} is not within two minutes of ${now}`);
  assert(view.getUint32(8) < 1e9);
  const pid = view.getUint32(12, true);
  assertEquals(service.read(`${prefix}supervise/pid`), pid === 0 ? "" : `${pid}\n`);
  if (pid !== 0) assert(Deno.statSync(`/proc/${pid}`).isDirectory);
  return [...bytes.subarray(16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What the reference's sv says of a service, without pids and times. */
async function said(sv: string, service: TestService): Promise<string> {
  const { code, stdout } = await new Deno.Command(sv, {
    args: ["status", `./${TestService.NAME}`],
    cwd: service.outside,
    stdin: "null",
  }).output();
  const line = new TextDecoder().decode(stdout);
  return `${code} ${line.replace(/pid \d+/g, "pid N").replace(/\b\d+s/g, "Ns")}`;
}

const [theirRunsv, theirSv] = [reference("runsv"), reference("sv")];

for (const [kind, find] of Object.entries(RUNSVS)) {
  Deno.test({
    name: `the records of ${kind} are those of the reference in every state, and its sv reads them`,
    ignore: theirRunsv === undefined || theirSv === undefined || Deno.build.os !== "linux",
    fn: async () => {
      await using theirs = new TestService({ runsv: theirRunsv ?? "", files: FILES });
      await using ours = new TestService({ runsv: await find(), files: FILES });
      for (const service of [theirs, ours]) {
        service.start();
        await service.untilRuns(0, "log/");
        // Only now does it refuse to end.
        await until("it is up", () => service.lines("ran").length === 1);
      }
      for (const { what, act, comesTo } of STOPS) {
        const seen: unknown[] = [];
        for (const service of [theirs, ours]) {
          const starts = service.lines("ran").length;
          act?.(service);
          await service.untilStatus(what, comesTo);
          if (what === "up again") {
            await until("it is up", () => service.lines("ran").length === starts + 1);
          }
          // The three files are written one after the other.
          seen.push(
            await until(`the files agree on ${what}`, async () => ({
              record: record(service, ""),
              log: record(service, "log/"),
              stat: service.read("supervise/stat"),
              said: await said(theirSv ?? "", service),
            })),
          );
        }
        assertEquals(seen[1], seen[0], what);
      }
    },
  });
}
