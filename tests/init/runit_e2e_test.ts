import { assert, assertEquals } from "@std/assert";
import { boot, CAN_HAVE_MACHINE } from "./machine.ts";
import { built } from "../support/build.ts";

const sh = (...lines: string[]): string => `#!/bin/sh\n${lines.join("\n")}\n`;

Deno.test({
  name: "runit goes on where it cannot open anything any more",
  ignore: !CAN_HAVE_MACHINE,
  fn: async () => {
    const files = {
      "1": sh("prlimit --pid 1 --nofile=4:4"),
      // A shell needs more descriptors than these are.
      "2": `#!/usr/bin/perl\nprint "stage 2 has run\\n";\n`,
      "3": `#!/usr/bin/perl\nprint "stage 3 has run\\n";\n`,
    };
    const { console, end } = await boot({ init: await built("runit"), files });
    assertEquals(end, "power off");
    const failure = "- runit: warning: unable to open /dev/console: process cannot open more files";
    assert(console.includes(failure));
    assertEquals(console.filter((line) => line !== failure).slice(1), [
      "- runit: enter stage: /etc/runit/1",
      "- runit: leave stage: /etc/runit/1",
      "- runit: enter stage: /etc/runit/2",
      "stage 2 has run",
      "- runit: leave stage: /etc/runit/2",
      "- runit: enter stage: /etc/runit/3",
      "stage 3 has run",
      "- runit: leave stage: /etc/runit/3",
      "- runit: sending KILL signal to all processes...",
      "- runit: power off...",
    ]);
  },
});

Deno.test({
  name: "what runit starts has no signal blocked, and no descriptors but the console's",
  ignore: !CAN_HAVE_MACHINE,
  fn: async () => {
    // By a program that leaves its mask as it finds it.
    const show = `#!/usr/bin/perl
open(my $out, '>>', $ENV{OUT});
open(my $status, '<', '/proc/self/status');
while (<$status>) { print $out $_ if /^SigBlk/ }
opendir(my $dir, '/proc/self/fd');
my @open = grep { /^\\d+$/ && (readlink("/proc/self/fd/$_") // '') =~ m{^/dev|pipe|socket|anon} } readdir $dir;
print $out join(' ', sort @open), "\\n";
`;
    const files = { "1": show, "2": show, "3": show };
    const { out } = await boot({ init: await built("runit"), files });
    const expected = ["SigBlk:\t0000000000000000", "0 1 2"];
    assertEquals(out, [...expected, ...expected, ...expected]);
  },
});

Deno.test({
  name: "a thousand orphans that end at once are all collected",
  ignore: !CAN_HAVE_MACHINE,
  fn: async () => {
    const orphans = `#!/usr/bin/perl
$SIG{USR1} = sub { exit 0 };
pipe(my $read, my $write);
if (!fork) {
  for (1..1000) { fork or do { close $write; sysread($read, my $byte, 1); exit 0 } }
  exit 0;
}
wait;
close $write;
my $left = 1;
while ($left) {
  opendir(my $dir, '/proc');
  $left = grep { /^\\d+$/ && $_ != 1 && $_ != $$ } readdir $dir;
  select undef, undef, undef, 0.05;
}
open(my $out, '>>', $ENV{OUT});
print $out "all collected\\n";
`;
    const files = { "1": sh(":"), "2": orphans, "3": sh(":") };
    const { out, end } = await boot({ init: await built("runit"), files });
    assertEquals([out, end], [["all collected"], "power off"]);
  },
});
