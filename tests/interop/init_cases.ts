/**
 * Machines for `init_stages_test.ts`.
 *
 * @module
 */

import type { MachineOptions } from "../init/machine.ts";

type Files = MachineOptions["files"];

/** Stages, and what else makes a case. */
export interface Case {
  readonly name: string;
  readonly files: Files;
  readonly before?: string;
  /** That the reference complains in stage 3 of a signal that it has served, and we do not. */
  readonly complaint?: boolean;
}

const sh = (...lines: string[]): string => `#!/bin/sh\n${lines.join("\n")}\n`;

/** Says which stage it is, and ends. */
const plain = (stage: string, ...more: string[]): string => sh(`echo this is ${stage}`, ...more);

const STAGES: Files = { "1": plain("1"), "2": plain("2"), "3": plain("3") };

/** A stage 2 that does what a case is about, and then waits to be told to end. */
const staying = (...acts: string[]): string =>
  sh(
    `trap 'echo TERM; exit 0' TERM`,
    `trap 'echo ALRM; touch /run/alrm' ALRM`,
    `echo this is 2`,
    ...acts,
    `while :; do sleep 0.05; done`,
  );

/** A shell command that waits for a file. */
const wait = (file: string): string => `until test -e ${file}; do sleep 0.05; done`;

const ARM = "touch /run/runit.stopit; chmod 100 /run/runit.stopit";

/** Shows what the files that ask for something have become. */
const SHOW =
  `for file in stopit reboot; do stat -Lc '%n %a' /run/runit.$file; done >> $OUT 2>/dev/null`;

/** Ends in another way the first time. */
const first = (act: string): string => `if ! test -e /run/first; then touch /run/first; ${act}; fi`;

/** Begins what a stage says of descriptors that it should not have. The reference passes on what it was started with. */
export const BEYOND = "descriptor";

/** What a stage was started with. Its own session is told from that of pid 1. */
const PROCESS = `#!/usr/bin/perl
use POSIX ();
open(my $out, '>>', $ENV{OUT});
my ($stage) = $0 =~ m{([^/]+)$};
open(my $stat, '<', '/proc/self/stat');
my @fields = split ' ', <$stat>;
my $own = sub { $_[0] == $$ ? 'own' : $_[0] };
print $out "$0 @ARGV: parent $fields[3], group ", $own->($fields[4]), ", session ", $own->($fields[5]),
  ", terminal $fields[6], umask ", umask, ", directory ", POSIX::getcwd(), "\\n";
open(my $status, '<', '/proc/self/status');
while (<$status>) { print $out "$stage $_" if /^Sig(Ign|Cgt)/ }
opendir(my $dir, '/proc/self/fd');
for my $fd (sort grep { /^\\d+$/ } readdir $dir) {
  my $file = readlink("/proc/self/fd/$fd");
  next if !defined $file || $file =~ m{^/proc|/out$};
  if ($fd > 2) { print $out "${BEYOND} $fd in $stage\\n"; next }
  open(my $info, '<', "/proc/self/fdinfo/$fd");
  print $out "$stage $fd $file ", grep /flags/, <$info>;
}
print $out "$stage $_=$ENV{$_}\\n" for grep { !/^(OUT|PATH)$/ } sort keys %ENV;
`;

const ends = (stage: string, name: string, end: string): Case => ({
  name: `stage ${stage} ${name}`,
  files: { ...STAGES, [stage]: plain(stage, end) },
});

/** All cases. Their names are unique. */
export const CASES: readonly Case[] = [
  { name: "three stages", files: STAGES },
  ...["1", "3"].flatMap((stage) => [
    ends(stage, "exits 1", "exit 1"),
    ends(stage, "exits 100", "exit 100"),
    ends(stage, "exits 111", "exit 111"),
    ends(stage, "is killed", "kill -9 $$"),
    ends(stage, "dies of TERM", "kill $$"),
  ]),
  ends("2", "exits 1", "exit 1"),
  ends("2", "exits 100", "exit 100"),
  ends("2", "is killed", "kill -9 $$"),
  ends("2", "exits 111 twice", "echo x >> /run/times; test $(wc -l < /run/times) = 3 || exit 111"),
  {
    name: "what a stage 2 that exits 111 leaves behind is killed, if it is in its process group",
    files: {
      ...STAGES,
      "2": plain(
        "2",
        // The first to be asked for dies with the group, the second has a session of its own.
        first(
          [
            `sleep 1000 & echo $! > /run/in`,
            `setsid sh -c 'touch /run/begun; sleep 1000' & echo $! > /run/out`,
            `${wait("/run/begun")}; exit 111`,
          ].join("\n"),
        ),
        `for which in in out; do kill -0 $(cat /run/$which) 2>/dev/null; echo $which $? >> $OUT; done`,
      ),
    },
  },
  ...["1", "2", "3"].flatMap((stage): Case[] => [
    { name: `no stage ${stage}`, files: STAGES, before: `rm ${stage}` },
    { name: `stage ${stage} is not executable`, files: STAGES, before: `chmod 644 ${stage}` },
    { name: `stage ${stage} has no format`, files: STAGES, before: `echo echo hi > ${stage}` },
    { name: `stage ${stage} is a directory`, files: STAGES, before: `rm ${stage}; mkdir ${stage}` },
  ]),
  { name: "the state of processes", files: { "1": PROCESS, "2": PROCESS, "3": PROCESS } },
  {
    name: "the state of the ctrl-alt-del program",
    files: { ...STAGES, "2": staying("kill -INT 1"), "ctrlaltdel": PROCESS + `\`${ARM}\`;\n` },
  },
  ...["100", "744", "011", "000"].map((mode): Case => ({
    name: `reboot has mode ${mode}`,
    files: STAGES,
    before: `touch /run/runit.reboot; chmod ${mode} /run/runit.reboot`,
  })),
  { name: "reboot is a directory", files: STAGES, before: "mkdir /run/runit.reboot" },
  {
    name: "reboot is a symbolic link",
    files: STAGES,
    before: "touch /run/x; chmod 100 /run/x; ln -s x /run/runit.reboot",
  },
  {
    name: "reboot is asked for in stage 3",
    files: { ...STAGES, "3": plain("3", "touch /run/runit.reboot; chmod 100 /run/runit.reboot") },
  },
  {
    name: "CONT and no stopit, or one that is not armed",
    files: { ...STAGES, "2": sh("kill -CONT 1; touch /run/runit.stopit; kill -CONT 1; sleep 0.5") },
  },
  {
    name: "CONT and stopit",
    files: { ...STAGES, "2": staying(ARM, "kill -CONT 1"), "3": plain("3", SHOW) },
  },
  {
    name: "CONT, stopit and reboot",
    files: {
      ...STAGES,
      "2": staying(ARM, "touch /run/runit.reboot; chmod 100 /run/runit.reboot", "kill -CONT 1"),
      "3": plain("3", SHOW),
    },
  },
  {
    name: "stopit that is a symbolic link",
    files: { ...STAGES, "2": staying(ARM, "kill -CONT 1"), "3": plain("3", SHOW) },
    before: "mkdir /run/runit; ln -s runit/stopit /run/runit.stopit",
  },
  {
    name: "stopit that was armed before",
    files: { ...STAGES, "2": staying("sleep 0.3; kill -CONT 1"), "3": plain("3", SHOW) },
    before: ARM,
  },
  {
    name: "stage 2 fails when it is told to end",
    files: { ...STAGES, "2": sh(`trap 'exit 111' TERM`, ARM, "kill -CONT 1", wait("/nothing")) },
  },
  {
    name: "stage 2 does not end",
    files: { ...STAGES, "2": sh(`trap 'echo TERM' TERM`, ARM, "kill -CONT 1", wait("/nothing")) },
  },
  {
    name: "what stage 2 has started outlives it",
    files: {
      ...STAGES,
      "2": sh(
        `sleep 1000 & echo $! > /run/pid; trap 'exit 0' TERM`,
        ARM,
        "kill -CONT 1",
        wait("/nothing"),
      ),
      "3": plain("3", "kill -0 $(cat /run/pid); echo $? >> $OUT"),
    },
  },
  {
    name: "PWR",
    files: { ...STAGES, "2": staying("kill -PWR 1"), "3": plain("3", SHOW) },
    before: ARM,
    complaint: true,
  },
  {
    name: "ALRM reaches stage 2",
    files: { ...STAGES, "2": staying("kill -ALRM 1", wait("/run/alrm"), ARM, "kill -CONT 1") },
  },
  {
    name: "other signals",
    files: {
      ...STAGES,
      "2": staying(
        ...["HUP", "QUIT", "USR1", "USR2", "PIPE", "TERM", "WINCH"].map((name) =>
          `kill -${name} 1`
        ),
        "sleep 0.3",
        ARM,
        "kill -CONT 1",
      ),
    },
  },
  {
    name: "signals in stage 1",
    files: {
      ...STAGES,
      "1": plain("1", "for s in CONT INT PWR ALRM; do kill -$s 1; sleep 0.3; done"),
      "2": staying("sleep 0.3", ARM, "kill -CONT 1"),
    },
    before: ARM,
    complaint: true,
  },
  {
    name: "signals in stage 3",
    files: { ...STAGES, "3": plain("3", "for s in CONT INT ALRM; do kill -$s 1; sleep 0.3; done") },
    before: ARM,
  },
  {
    name: "INT and no program for it",
    files: { ...STAGES, "2": plain("2", "kill -INT 1; sleep 0.3") },
  },
  {
    name: "INT and a program that is not executable",
    files: { ...STAGES, "2": plain("2", "kill -INT 1; sleep 0.3"), "ctrlaltdel": "echo hi\n" },
  },
  {
    name: "INT and a program that cannot be executed",
    files: { ...STAGES, "2": plain("2", "kill -INT 1; sleep 0.5"), "ctrlaltdel": "echo hi\n" },
    before: "chmod 100 ctrlaltdel",
  },
  ...["exit 0", "exit 1", "exit 100", "exit 111", "kill -9 $$"].map((end): Case => ({
    name: `INT and a program that ends by ${end}`,
    files: {
      ...STAGES,
      "2": plain("2", "kill -INT 1", wait("/run/done"), "sleep 0.3"),
      "ctrlaltdel": sh("echo ctrlaltdel", "touch /run/done", end),
    },
  })),
  {
    name: "INT and a program that asks for a shutdown",
    files: {
      ...STAGES,
      "2": staying("kill -INT 1"),
      "3": plain("3", SHOW),
      "ctrlaltdel": sh("echo ctrlaltdel", ARM),
    },
  },
  {
    name: "stage 2 ends while the program for INT runs",
    files: {
      ...STAGES,
      "2": plain("2", "kill -INT 1", wait("/run/begun"), "exit 1"),
      "ctrlaltdel": sh("touch /run/begun", "echo ctrlaltdel", "sleep 0.5", "echo its end"),
    },
  },
  {
    name: "signals while the program for INT runs",
    files: {
      ...STAGES,
      "2": staying("kill -INT 1"),
      "ctrlaltdel": sh("echo ctrlaltdel", "kill -CONT 1", ARM, "sleep 0.3", "echo its end"),
    },
    complaint: true,
  },
  {
    name: "orphans",
    files: {
      ...STAGES,
      "2": sh(
        `i=0; while test $i -lt 30; do (sleep 0.1 & echo $! >> /run/orphans); i=$((i + 1)); done`,
        `for pid in $(cat /run/orphans); do while kill -0 $pid 2>/dev/null; do sleep 0.05; done; done`,
        `echo all collected >> $OUT`,
      ),
    },
  },
];
