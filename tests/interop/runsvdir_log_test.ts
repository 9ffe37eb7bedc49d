import { assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { reference } from "../support/reference.ts";
import { MODES, ServicesDir } from "../support/services_dir.ts";
import { until } from "../support/until.ts";

const theirs = reference("runsvdir");

const LOG = `log: ${"x".repeat(40)}`;

/** What ps(1) would show of the log. */
function title(dir: ServicesDir, index: number): Uint8Array {
  const line = Deno.readFileSync(`/proc/${dir.pid}/cmdline`);
  let from = 0;
  for (let i = 0; i < index; i++) from = line.indexOf(0, from) + 1;
  return line.subarray(from, line.indexOf(0, from));
}

/** Runs runsvdir with a log until the stand-in for runsv, or a service, has said something, and returns what became of the arguments. */
async function titles(
  runsvdir: string,
  options: { readonly say: string; readonly options?: string[]; readonly trailing: string[] },
  single = false,
): Promise<string[]> {
  await using dir = new ServicesDir({ runsvdir, single, ...options });
  // Its standard error is that of runsvdir.
  const says = `#!/bin/sh\nprintf '${options.say}' >&2\nexec sleep 1000\n`;
  if (!single) dir.temp.write("bin/runsv", says, 0o755);
  dir.add("a", { run: says });
  dir.start();
  const first = dir.wordsBefore + 1;
  const latin1 = new TextDecoder("latin1");
  await until("it is in the title", () => latin1.decode(title(dir, first)).includes("end"));
  return options.trailing.map((_, i) => withoutDot(latin1.decode(title(dir, first + i))));
}

/** The first dot and the first message come at the same time, the one or the other first. */
function withoutDot(log: string): string {
  const moving = log.slice(5);
  return log.slice(0, 5) + moving.replaceAll(".", "").slice(1 - moving.length);
}

const CASES: Readonly<
  Record<string, { say: string; options?: string[]; trailing: string[] }>
> = {
  "a short message": { say: "one end", trailing: [LOG] },
  "a message longer than the log": { say: "0123456789".repeat(7) + "end", trailing: [LOG] },
  "control characters and bytes beyond ASCII": {
    say: "a\\nb\\tc\\001\\200\\377 end",
    trailing: [LOG],
  },
  "an option before and a word behind": {
    say: "one end",
    options: ["-P"],
    trailing: [LOG, "more"],
  },
  "a log of nine bytes": { say: "end", trailing: ["log: xxxx"] },
  "a place that is not made for it": {
    say: "end",
    trailing: ["readproctitle service errors: x"],
  },
};

for (const [name, options] of Object.entries(CASES)) {
  Deno.test({
    name: `the log in the title shows the same as the reference's: ${name}`,
    ignore: theirs === undefined,
    fn: async () => {
      const ours = await built("runsvdir");
      const [expected, actual, single] = await Promise.all([
        titles(theirs ?? "", options),
        titles(ours, options),
        titles(ours, options, true),
      ]);
      assertEquals(actual, expected);
      assertEquals(single, expected, "in a single process");
    },
  });
}

Deno.test({
  name: "our own warnings go to the log in the title, as the reference's do",
  ignore: theirs === undefined,
  fn: async () => {
    const shown = async (
      runsvdir: string,
      single = false,
    ): Promise<{ title: string; stderr: string }> => {
      const trailing = [`log: ${".".repeat(80)}`];
      await using dir = new ServicesDir({ runsvdir, single, trailing });
      Deno.symlinkSync("nowhere", `${dir.path}/dangling`);
      dir.start();
      const text = (): string => new TextDecoder().decode(title(dir, dir.wordsBefore + 1));
      await until("it is in the title", () => text().includes("does not exist"));
      const [, line = ""] = text().split(/\.(?=runsvdir)/);
      return { title: line.split("\n")[0] ?? "", stderr: dir.stderr };
    };
    const expected = await shown(theirs ?? "");
    for (const { single } of Object.values(MODES)) {
      assertEquals(await shown(await built("runsvdir"), single), expected);
    }
  },
});
