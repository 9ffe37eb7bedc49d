/**
 * runit-init beside the reference's: as process no 1, and telling process no 1, of either build, what to do.
 */

import { assert, assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { canUnshare, hide, unshare } from "../support/namespace.ts";
import { reference } from "../support/reference.ts";
import { quoted } from "../support/shell.ts";
import { boot, CAN_HAVE_MACHINE, type Outcome } from "../init/machine.ts";

const theirs = { runit: reference("runit") ?? "", init: reference("runit-init") ?? "" };
const HAVE = theirs.runit !== "" && theirs.init !== "";

const sh = (...lines: string[]): string => `#!/bin/sh\n${lines.join("\n")}\n`;

/** Asks for the end, and waits for it. */
const stages = (argument: string): Record<string, string> => ({
  "1": sh(":"),
  "2": sh(`trap 'exit 0' TERM`, `runit-init ${argument}`, `while :; do sleep 0.05; done`),
  "3": sh(`stat -c '%n %a' /run/runit.stopit /run/runit.reboot >> $OUT 2>/dev/null`),
});

/** But for the name of the build. */
function plainly({ console, end, out }: Outcome): unknown {
  return { lines: console.map((line) => line.replace(/: .*: booting\.$/, ": booting.")), end, out };
}

Deno.test({
  name: "process no 1 and runit-init understand each other, whichever of them is ours",
  ignore: !HAVE || !CAN_HAVE_MACHINE,
  fn: async () => {
    const ours = { runit: await built("runit"), init: await built("runit-init") };
    const ends = { "0": "power off", "6": "reboot" };
    await Promise.all(
      Object.entries(ends).map(async ([argument, end]) => {
        const files = stages(argument);
        const [expected, ...others] = await Promise.all([
          boot({ init: theirs.runit, runitInit: theirs.init, files }),
          boot({ init: ours.runit, runitInit: ours.init, files }),
          boot({ init: theirs.runit, runitInit: ours.init, files }),
          boot({ init: ours.runit, runitInit: theirs.init, files }),
        ]);
        assertEquals(expected?.end, end);
        for (const actual of others) assertEquals(plainly(actual), plainly(expected), argument);
      }),
    );
  },
});

Deno.test({
  name: "runit that keeps to its own place is told there",
  ignore: !CAN_HAVE_MACHINE,
  fn: async () => {
    const ours = { runit: await built("runit"), init: await built("runit-init") };
    const files = {
      ...stages("6"),
      "3": sh("stat -c '%n %a' /etc/runit/stopit /etc/runit/reboot >> $OUT"),
    };
    const outcome = await boot({ init: ours.runit, runitInit: ours.init, files });
    assertEquals(outcome.end, "reboot");
    assertEquals(outcome.out, ["/etc/runit/stopit 0", "/etc/runit/reboot 100"]);
  },
});

Deno.test({
  name: "runit-init as process no 1 becomes runit, with the environment and without the arguments",
  ignore: !HAVE || !CAN_HAVE_MACHINE,
  fn: async () => {
    const show = sh(
      `tr '\\0' ' ' < /proc/1/cmdline >> $OUT; echo >> $OUT`,
      `cat /proc/1/comm >> $OUT; echo $TERM >> $OUT`,
    );
    const files = { "1": show, "2": sh(":"), "3": sh(":") };
    const [expected, actual] = await Promise.all([
      boot({ init: theirs.init, runit: theirs.runit, files, arguments: ["single"] }),
      boot({
        init: await built("runit-init"),
        runit: await built("runit"),
        files,
        arguments: ["single"],
      }),
    ]);
    assertEquals(expected.out[0], "runit ");
    assertEquals(plainly(actual), plainly(expected));
  },
});

/** Runs runit-init where process no 1 only says that it has got CONT. */
function tell(init: string, args: string, before: string): unknown {
  const show = `for file in stopit reboot; do stat -c '%n %A' /run/runit.$file 2>/dev/null; done`;
  const script = [
    hide("/run"),
    hide("/etc"),
    `trap 'echo CONT' CONT`,
    before,
    `umask 077`,
    `PATH=${quoted(init.slice(0, init.lastIndexOf("/")))}:$PATH`,
    `runit-init ${args} 2>&1`,
    `echo code $?`,
    show,
    "",
  ].join("\n");
  const [command, ...flags] = unshare("mount and pid");
  const { stdout, stderr } = new Deno.Command(command ?? "", {
    args: [...flags, "sh", "-c", script],
    stdin: "null",
  }).outputSync();
  assertEquals(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout)
    // Words of the build, and errors that the reference gets wrong: "file descriptor not open" for whatever it was.
    .replace(/^(\$Id.*|runit-deno.*)$/m, "VERSION")
    .replace(/^(init: fatal: unable to create [^:]*): .*$/m, "$1")
    .split("\n");
}

const BOTH = "touch /run/runit.stopit /run/runit.reboot";

Deno.test({
  name: "runit-init leaves the same files, messages and exit codes as the reference",
  ignore: !HAVE || !canUnshare("mount and pid"),
  fn: async () => {
    const ours = await built("runit-init");
    const words = [
      "0",
      "6",
      "06",
      "60",
      "0x",
      "6 0",
      "0 6",
      "",
      "x",
      "'' 0",
      "' 0'",
      "-0",
      "-V",
      "-V 0",
      "--",
      "7",
    ];
    const cases: [args: string, before: string][] = [
      ...words.map((word): [string, string] => [word, ":"]),
      ...["0", "6"].flatMap((word): [string, string][] => [
        [word, BOTH],
        [word, `${BOTH}; chmod 100 /run/*`],
        [word, "mkdir /run/runit.stopit"],
        [word, "mkdir /run/runit.reboot"],
        [word, "mount -o remount,ro /run"],
        [word, "ln -s /nowhere/x /run/runit.stopit"],
        [word, "ln -s x /run/runit.stopit"],
      ]),
    ];
    const outcomes = new Set<string>();
    for (const [args, before] of cases) {
      const expected = tell(theirs.init, args, before);
      assertEquals(tell(ours, args, before), expected, `${before}; runit-init ${args}`);
      outcomes.add(JSON.stringify(expected));
    }
    assert(outcomes.size > 8);
  },
});

Deno.test({
  name: "runit is process no 1 or nothing",
  ignore: theirs.runit === "",
  fn: async () => {
    const say = (path: string, ...args: string[]): unknown => {
      const { code, stdout, stderr } = new Deno.Command(path, { args }).outputSync();
      return [code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)];
    };
    const ours = await built("runit");
    for (const args of [[], ["-V"], ["0"]]) {
      assertEquals(say(ours, ...args), say(theirs.runit, ...args));
    }
  },
});
