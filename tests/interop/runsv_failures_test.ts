/** Programs that cannot be started: what runsv says of each, and how the service fares, as under the reference. */

import { assertEquals } from "@std/assert";
import { RUNSVS } from "../support/hosted.ts";
import { reference } from "../support/reference.ts";
import { controlScript, stayingRun } from "../support/scripts.ts";
import { type ServiceFiles, TestService } from "../support/service.ts";
import { until } from "../support/until.ts";

const RUN = stayingRun({ traps: ["HUP"] });
const TELLS = "#!/usr/bin/perl\nopen(my $out, '>>', 'finished'); syswrite($out, \"@ARGV\\n\");\n";

/** Ways to spoil a program, by what is said of them. */
const SPOILT: Readonly<Record<string, (path: string) => void>> = {
  "is missing": (path) => Deno.removeSync(path),
  "is not executable": (path) => Deno.chmodSync(path, 0o644),
  "has no interpreter line": (path) => Deno.writeTextFileSync(path, "echo no\n"),
  "has an interpreter that does not exist": (path) => Deno.writeTextFileSync(path, "#!/nosuch\n"),
  "is empty": (path) => Deno.writeTextFileSync(path, ""),
  "is a directory": (path) => {
    Deno.removeSync(path);
    Deno.mkdirSync(path);
  },
  "is a link to nowhere": (path) => {
    Deno.removeSync(path);
    Deno.symlinkSync("nowhere", path);
  },
};

/** A program that is spoilt, and how it shows. */
interface Case {
  readonly program: string;
  readonly files: ServiceFiles;
  /** Brings it about that the program is needed, and waits until that is over. */
  readonly need: (service: TestService) => Promise<void>;
}

async function up(service: TestService): Promise<number> {
  const { pid } = await service.untilRuns();
  await until("it is up", () => service.lines("ran").length === 1);
  return pid;
}

const CASES: readonly Case[] = [
  {
    program: "run",
    files: { run: RUN, finish: TELLS },
    need: async (service) => {
      await until("finish ran twice", () => service.lines("finished").length >= 2);
    },
  },
  {
    program: "finish",
    files: { run: RUN, finish: TELLS },
    need: async (service) => {
      const pid = await up(service);
      Deno.kill(pid, "SIGKILL");
      await service.untilRuns(pid);
    },
  },
  {
    program: "control/h",
    files: { "run": RUN, "control/h": controlScript(0) },
    need: async (service) => {
      await up(service);
      service.control("h");
      await until("HUP came", () => service.lines("got").length === 1);
    },
  },
  {
    program: "control/u",
    files: { "run": RUN, "control/u": controlScript(0) },
    need: async (service) => {
      await up(service);
    },
  },
  {
    program: "log/run",
    files: { "run": RUN, "log/run": RUN },
    need: async (service) => {
      await up(service);
      const tried = (): number => service.stderr.split("\n").length - 1;
      await until("it was tried twice", () => tried() >= 2);
    },
  },
];

async function run(runsv: string, one: Case, spoil: (path: string) => void): Promise<unknown> {
  await using service = new TestService({ runsv, files: one.files });
  spoil(`${service.dir}/${one.program}`);
  service.start();
  await one.need(service);
  const { state, want, gotTerm } = service.status() ?? {};
  if (one.program !== "log/run") {
    // What was said is all there only when it has ended. Without its logger, the reference may not.
    service.control("x");
    await service.ended();
  }
  // How often something was said depends on when one looks.
  const said = [...new Set(service.stderr.split("\n"))];
  const finished = [...new Set(service.lines("finished"))];
  const settled = one.program === "run" ? {} : { state, want, gotTerm };
  return { said, finished, ...settled };
}

const theirs = reference("runsv");

for (const one of CASES) {
  Deno.test({
    name: `runsv says of ${one.program} that cannot be started what the reference says`,
    ignore: theirs === undefined,
    fn: async () => {
      const kinds = await Promise.all(
        Object.entries(RUNSVS).map(async ([kind, ours]) => [kind, await ours()] as const),
      );
      await Promise.all(
        Object.entries(SPOILT).map(async ([how, spoil]) => {
          const [expected, ...all] = await Promise.all([
            run(theirs ?? "", one, spoil),
            ...kinds.map(async ([kind, ours]) => [kind, await run(ours, one, spoil)] as const),
          ]);
          for (const [kind, actual] of all) {
            assertEquals(actual, expected, `${one.program} ${how}, under ${kind}`);
          }
        }),
      );
    },
  });
}
