import { assert, assertEquals, assertMatch } from "@std/assert";
import { processesIn } from "../../scripts/demo/processes.ts";
import { ROOT } from "../../scripts/setup/files.ts";
import { built } from "../support/build.ts";
import { TempDir } from "../support/temp_dir.ts";
import { blocks, section } from "./readme.ts";

const TOOLS = ["runsv", "runsvdir", "sv", "svlogd", "chpst"];

/** A shell function that waits until a command succeeds, where a reader would have taken some seconds to type. */
const UNTIL = `until_() {
  for i in $(seq 400); do "$@" >/dev/null 2>&1 && return 0; sleep 0.05; done
  echo "gave up waiting: $*"; exit 1
}
is_older() { sv status clock | grep -Eq '^run: clock: [(]pid [0-9]+[)] ([2-9]|[0-9]{2,})s'; }
`;

/** What to wait for before a block of the tour, by a word in it. */
const WAITS: Readonly<Record<string, string>> = {
  "sv status clock": "until_ sv status clock",
  "kill -9": "until_ is_older",
  "clock/finish": "until_ is_older",
  "mkdir env": "until_ grep -q 'exit code -1, signal 15' clock/log/main/current",
};

/** The tour as a script that stops at the first command that fails. */
function tour(): string {
  const parts = ["set -e", UNTIL, `cd '${ROOT}'`];
  for (const block of blocks(section("A tour in five minutes"), "sh")) {
    for (const [word, wait] of Object.entries(WAITS)) if (block.includes(word)) parts.push(wait);
    // It has been built already, by the Deno that runs this.
    parts.push(block.replace("npx -y deno@2.8.3 task build\n", ""));
  }
  return parts.join("\n");
}

/** Whether a user without rights can get at the executables: nothing above them is closed to others. */
async function reachable(path: string): Promise<boolean> {
  for (let dir = path; dir !== ""; dir = dir.replace(/\/[^/]*$/, "")) {
    if (((await Deno.stat(dir)).mode ?? 0) % 2 === 0) return false;
  }
  return true;
}

async function assertTour(command: string, ...args: string[]): Promise<void> {
  for (const tool of TOOLS) await built(tool);
  using home = new TempDir();
  await Deno.chmod(home.path, 0o777);
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args, "bash", "-c", tour()],
    env: { HOME: home.path },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout);
  try {
    assertEquals({ code, stderr: decoder.decode(stderr) }, { code: 0, stderr: "" }, output);
    assertMatch(output, /^run: clock: \(pid \d+\) \d+s; run: log: \(pid \d+\) \d+s$/m);
    assertMatch(output, /^ok: down: clock: \d+s, normally up$/m);
    assertMatch(output, /^run: clock: \(pid \d+\) \d+s, normally down; run: log: /m);
    assertMatch(output, /^from a file\n64$/m);
    assertEquals([...Deno.readDirSync(home.path)], []);
    assertEquals(await processesIn(home.path), []);
  } finally {
    for (const pid of await processesIn(home.path)) Deno.kill(pid, "SIGKILL");
  }
}

Deno.test("the tour in README works as it is typed", async () => {
  await assertTour("env");
});

Deno.test({
  name: "the tour in README works for a user without rights",
  ignore: Deno.uid() !== 0 || !await reachable(`${ROOT}/dist/bin`),
  fn: async () => {
    await assertTour(await built("chpst"), "-u", "nobody");
  },
});

Deno.test("the tour in README has commands", () => {
  const found = blocks(section("A tour in five minutes"), "sh");
  assert(found.length > 5);
  for (const word of Object.keys(WAITS)) assert(found.some((block) => block.includes(word)), word);
});
