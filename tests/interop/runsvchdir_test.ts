/**
 * The same links under the reference runsvchdir and under ours. Its directory is `/etc/runit/runsvdir`, so each run has an
 * `/etc` of its own, in a mount namespace.
 */

import { assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { reference } from "../support/reference.ts";

const theirs = reference("runsvchdir");

const canMount = new Deno.Command("unshare", {
  args: ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/etc"],
  stderr: "null",
}).outputSync().success;

/** Runs a shell script in a new `/etc/runit/runsvdir`, in which `run` is the tool; returns all that it says. */
function inEtc(tool: string, script: string): string {
  const setUp = `mount -t tmpfs tmpfs /etc && mkdir -p /etc/runit/runsvdir &&
cd /etc/runit/runsvdir && mkdir -- one two -x && ln -s one current && touch file && ln -s nowhere gone
run() { "$TOOL" "$@"; echo "exit $?"; }
list() { ls -l --time-style=+ | tail -n +2 | cut -c1,11-; }
${script}
list`;
  const { stdout } = new Deno.Command("unshare", {
    args: ["--mount", "/bin/sh", "-c", `exec 2>&1; ${setUp}`],
    env: { TOOL: tool, LC_ALL: "C" },
  }).outputSync();
  return new TextDecoder().decode(stdout).replaceAll(tool, "NAME");
}

const SCRIPTS: Readonly<Record<string, string>> = {
  "the usage": "run",
  "a switch and back": "run two; list; run one",
  "the current directory": "run one",
  "the current directory by other names": "run one/; run /etc/runit/runsvdir/one; run two/../one",
  "an absolute path": "run /etc/runit/runsvdir/two",
  "a name that begins with a dot": "run .one; run ./one; run ../one",
  "a name that does not exist": "run nowhere; run gone; run ''",
  "a file": "run file",
  "a name that looks like an option": "run -x; run -V; run -- two",
  "more arguments than one": "run two one",
  "a missing current": "rm current; run two",
  "a dangling current": "ln -sfn nowhere current; run two",
  "a current that is a directory": "rm current; mkdir current; run two; run one",
  "a current that is reached through two links": "ln -s one link; ln -sfn link current; run two",
  "a previous that is a directory": "mkdir previous; run two",
  "a previous that is a file": "touch previous; run two",
  "a current.new that is left over": "touch current.new; run two",
  "a current.new that is a directory": "mkdir current.new; run two",
  "a missing base":
    "cd /; rm -r /etc/runit; run one; mkdir -p /etc/runit/runsvdir; cd /etc/runit/runsvdir",
};

for (const [name, script] of Object.entries(SCRIPTS)) {
  Deno.test({
    name: `runsvchdir does and says the same: ${name}`,
    ignore: theirs === undefined || !canMount,
    fn: async () => {
      assertEquals(inEtc(await built("runsvchdir"), script), inEtc(theirs ?? "", script));
    },
  });
}

Deno.test({
  name: "runsvchdir leaves no moment without a current directory",
  ignore: !canMount,
  fn: async () => {
    const output = inEtc(
      await built("runsvchdir"),
      `(until [ -e stop ]; do [ -d current/. ] || echo missing; done) &
i=0; while [ $i -lt 10 ]; do run one; run two; i=$((i+1)); done > log
touch stop; wait; rm stop; grep -c "now current" log; rm log`,
    );
    assertEquals(output.split("\n")[0], "19");
  },
});
