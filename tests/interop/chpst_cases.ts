/**
 * Command lines for chpst and its other names, to be run under the reference and under ours in the same surroundings.
 *
 * @module
 */

/** One command line, and what it runs in. */
export interface Case {
  /** The arguments. {@linkcode PROBE} stands for a program that tells what it sees. */
  readonly args: readonly string[];
  /** The name to call it by. @default {"chpst"} */
  readonly name?: string;
  /** Shell commands that run first, in the same process. */
  readonly before?: string;
  /** Whether it runs in a mount namespace of its own; `before` does, too. */
  readonly namespace?: boolean;
  /** The environment, in place of one with nothing but a `PATH`. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The program that tells what it sees: becomes a command and its first argument. */
export const PROBE = "PROBE";

function each(lines: readonly string[], more: Omit<Case, "args"> = {}): Case[] {
  return lines.map((line) => ({ args: split(line), ...more }));
}

/** Words, where `''` is an empty one. */
function split(line: string): string[] {
  return line.split(" ").filter((word) => word !== "").map((word) => word === "''" ? "" : word);
}

/** Wrong command lines. What `-V` says first is each implementation's own, so it is not among them. */
const USAGE: readonly Case[] = [
  ...each([
    "",
    "--",
    "-v",
    "-Z PROBE",
    "-: PROBE",
    "-u",
    "-vu",
    "-v5 PROBE",
    "-n 1x PROBE",
    "-n -+5 PROBE",
    "-n -- PROBE",
    "-o -1 PROBE",
    "-o 12x PROBE",
    "-p +5 PROBE",
    "-d 0x10 PROBE",
    "-t = PROBE",
    "-a 5 PROBE",
    "-s 5 PROBE",
    "-n x -Z",
    "-Z -o x",
    "-l a -L b PROBE",
    "-L a -L a PROBE",
  ]),
  ...each(["", "-Z", "--"], { name: "dchpst" }),
  ...each(["", "-Z"], { name: "ddenvdir" }),
  ...each(["", "-v"], { name: "anything" }),
  ...each(["", "env", "--"], { name: "envdir" }),
  ...each(["", "nobody"], { name: "envuidgid" }),
  ...each(["", "nobody"], { name: "setuidgid" }),
  ...each([""], { name: "pgrphack" }),
  ...each(["", "-Z", "lock", "-n lock", "-V"], { name: "dsetlock" }),
  ...each(["", "-n 5 PROBE", "-o 5x PROBE", "-o =5 PROBE", "-a"], { name: "softlimit" }),
];

/** Finding the program, and failing to. */
const PROGRAMS: readonly Case[] = [
  ...each([
    "PROBE",
    "-- PROBE a b",
    "PROBE -v --  x",
    "-b name PROBE",
    "-bname PROBE x",
    "-b '' PROBE",
    "nosuch",
    "''",
    "-b name nosuch",
    "./env",
    "./noexec",
    "/etc/passwd/x",
    "nosuch/x",
    "bin2/noshebang",
    "bin2/nointerpreter",
    "bin2/loop",
    "-",
    "-v -- -v",
    "/",
  ]),
  ...[
    "bin1:bin2",
    "bin1:nosuch",
    "bin1",
    "bindir:bin2",
    "bindir:nosuch",
    "noexec:bin2",
    "nosuch:noexec",
    "bin2/loop:bin2",
    "",
    ":",
    "nosuch:",
    ":nosuch",
    "nosuch::nosuch2",
    `${"a".repeat(300)}:bin2`,
  ].map((path): Case => ({ args: ["prog"], environment: { PATH: path } })),
  { args: ["here"], environment: { PATH: "" } },
  { args: ["noshebang"], environment: { PATH: "bin2" } },
  { args: ["nointerpreter"], environment: { PATH: "bin2:bin1" } },
  { args: ["true"], environment: {} },
  { args: ["-e", "envpath", "prog"], environment: { PATH: "nosuch" } },
  { args: ["-e", "envpath", "prog"], environment: { PATH: "bin2" } },
];

/** The environment. */
const ENVIRONMENT: readonly Case[] = [
  ...["-e env", "-v -e env", "-e odd", "-e env/", "-e dirs", "-v -e dirs", "-e null", "-e fifo"]
    .map((options): Case => ({
      args: [...split(options), PROBE],
      environment: { PATH: "/usr/bin:/bin", A: "1", B: "2", C: "3", D: "4", EMPTY: "5", GONE: "6" },
    })),
  ...each(["-e nosuch PROBE", "-e noexec PROBE", "-e '' PROBE", "-e looped PROBE"]),
  ...each(["-e locked PROBE", "-v -e locked PROBE", "-e unreadable PROBE", "-e unlisted PROBE"]),
  ...each(["env PROBE", "dirs PROBE", "nosuch PROBE", "-- PROBE"], { name: "envdir" }),
  {
    args: ["-e", "ids", "-U", "nobody", PROBE],
    environment: { PATH: "/usr/bin:/bin", UID: "7", GID: "8", Z: "1" },
  },
  { args: ["-e", "../env", PROBE], before: "cd unlisted" },
];

/** Who the program is. */
const ACCOUNTS = [
  "nobody",
  "root",
  "nobody:daemon",
  "nobody:daemon:adm:bin",
  "nobody:adm:adm",
  "nosuch",
  "nobody:nosuch",
  "nobody:adm:nosuch",
  "nobody:",
  "nobody::adm",
  "''",
  "0",
  ":",
  ":1",
  ":1:",
  "::1",
  ":1:2",
  ":1:2:3:4",
  ":4:3:2:1",
  ":1:2:x",
  ":-1:1",
  ":+1:1",
  ":1:-1",
  ":4294967295:1",
  ":1:4294967295",
  ":4294967297:4294967298",
  ":99999999999999999999:1",
];

const IDS: readonly Case[] = [
  ...ACCOUNTS.flatMap((account) => each([`-u ${account} PROBE`, `-U ${account} PROBE`])),
  ...["nobody", "nobody:adm", ":1:2", "nosuch"].flatMap((account) => [
    ...each([`${account} PROBE`], { name: "setuidgid" }),
    ...each([`${account} PROBE`], { name: "envuidgid" }),
  ]),
  ...[60, 61].map((count): Case => ({
    args: ["-u", `:1${":2".repeat(count)}`, PROBE],
  })),
  { args: ["-u", `nobody${":adm".repeat(70)}:nosuch`, PROBE] },
  { args: ["-u", "nobody", "-U", "root", PROBE] },
];

/** The root, the current directory, niceness, sessions. */
const SURROUNDINGS: readonly Case[] = [
  ...each(["-/ / PROBE", "-/ nosuch PROBE", "-/ noexec PROBE", "-/ '' PROBE", "-/ env ls"]),
  ...each(["-/ env -u nobody PROBE", "-/ etcroot -u nobody:adm x", "-/ etcroot -U me x"]),
  ...each(["-/ root PROBE", "-/ root -u me PROBE", "-/ root -u me:us -U me:us -e env PROBE"], {
    namespace: true,
    before: "mount --rbind / root && mount --bind etcroot/etc root/etc",
  }),
  ...["-5", "+5", "5", "100", "-100", "''", "-", "4294967295", "2147483648"].flatMap((number) =>
    each([`-n ${number} PROBE`])
  ),
  ...each(["-P PROBE", "-P -P PROBE"]),
  ...each(["PROBE"], { name: "pgrphack" }),
];

/** Descriptors, locks, signals. */
const DESCRIPTORS: readonly Case[] = [
  ...each(["-0 PROBE", "-1 PROBE", "-2 PROBE", "-012 PROBE", "-2 nosuch", "-1 nosuch"]),
  ...each(["-l lock PROBE", "-L lock PROBE", "-L lock -012 PROBE", "-L lock -0 PROBE"]),
  ...each(["-L held PROBE", "-l '' PROBE", "-L env PROBE", "-l nosuch/lock PROBE"]),
  ...each(["-L forbidden PROBE", "-L fifo/F PROBE", "-u nobody -L roots PROBE"]),
  ...each(["lock PROBE", "-n lock PROBE", "held PROBE", "-x held PROBE", "-xX held PROBE"], {
    name: "setlock",
  }),
  ...each(["-x nosuch/lock PROBE", "-x lock nosuch", "lock nosuch", "-nN held PROBE"], {
    name: "setlock",
  }),
  ...each(["PROBE", "-L lock PROBE", "-0 -L lock PROBE"], {
    before: "exec 3</dev/null 5>/dev/null 6<env/A 9<.",
  }),
  ...each(["-L lock PROBE", "PROBE"], { before: "exec 4</dev/null; umask 077" }),
  ...each(["PROBE"], { before: "trap '' HUP INT QUIT TERM USR1 USR2 CHLD WINCH TSTP ALRM" }),
];

/** Shell commands after which the rest of the command line runs by way of Perl, which is not the shell's to do. */
function perl(code: string): string {
  return `exec /usr/bin/perl -MPOSIX -e '${code}; exec { $ARGV[0] } @ARGV' "$0" "$@"`;
}

/** What a parent hands down that a shell cannot. */
const INHERITED: readonly Case[] = [
  ...each(["PROBE"], {
    before: perl("sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGUSR1, SIGTERM, SIGCHLD, SIGPIPE))"),
  }),
  ...each(["-P PROBE"], { before: perl("setpgid(0, 0)") }),
  ...each(["-n 3 PROBE"], { before: perl("nice(4)") }),
  ...each(["-u nobody PROBE", "PROBE"], {
    before: perl(String.raw`$ENV{"X\xff"} = "\xfe\x80"; $ENV{E} = ""`),
  }),
];

/** Limits, also such as the runtime itself does not fit in. */
const LIMITS: readonly Case[] = [
  ...each([
    "-m 4294967296 PROBE",
    "-d 1000000000 PROBE",
    "-o 50 PROBE",
    "-p 5000 PROBE",
    "-f 100000 PROBE",
    "-c 1000 PROBE",
    "-r 1000000 PROBE",
    "-t 1000 PROBE",
    "-o 9999999999 PROBE",
    "-o 18446744073709551615 PROBE",
    "-o 18446744073709551613 PROBE",
    "-o 18446744073709551666 PROBE",
    "-o 99999999999999999999 PROBE",
    "-o 60 -o 18446744073709551614 PROBE",
    "-o 60 -o 50 PROBE",
    "-m 2000000000 -d 1000000000 PROBE",
    "-d 1000000000 -m 2000000000 PROBE",
    "-c '' PROBE",
  ], { before: "ulimit -Sn 100; ulimit -Hn 200" }),
  ...each(
    [
      "-a 2000000000 PROBE",
      "-l 4096 PROBE",
      "-s 1000000 PROBE",
      "-o = PROBE",
      "-m = -s 100000 PROBE",
    ],
    { name: "softlimit", before: "ulimit -Sn 100; ulimit -Hn 200" },
  ),
  ...each([
    "-m 1000000 true",
    "-m 0 true",
    "-m 3000000 true",
    "-d 0 true",
    "-d 100000 true",
    "-o 0 true",
    "-o 1 true",
    "-o 2 true",
    "-o 3 true",
    "-p 0 true",
    "-t 1 true",
    "-f 0 true",
    "-m 1000000 nosuch",
    "-m 0 nosuch",
    "-d 0 nosuch",
    "-o 0 nosuch",
    "-p 0 nosuch",
    "-f 0 nosuch",
    "-m 1000000 -o 0 -p 0 -f 0 -L lock -e env nosuch",
  ]),
  ...each(["-s 0 true", "-s 4096 true", "-a 0 true", "-a 0 nosuch"], { name: "softlimit" }),
];

/** Several at once. */
const TOGETHER: readonly Case[] = each([
  "-vP -e env -u nobody:adm -U root -n 3 -o 60 -c 0 -1 PROBE x y",
  "-P -n 5 -/ / -u :1:2 -e env -m 4294967296 PROBE",
  "-0 -L lock -o 5 -b argv0 PROBE",
]);

/** Those of which the outcome hangs on who asks. */
const PRIVILEGED: readonly Case[] = [
  ...ENVIRONMENT,
  ...IDS,
  ...SURROUNDINGS,
  ...DESCRIPTORS,
  ...INHERITED,
  ...LIMITS,
  ...TOGETHER,
];

/** Whom chpst is run by. */
export type User = "root" | "nobody";

/** All of them that are worth a try for a user. */
export const CASES: Readonly<Record<User, readonly Case[]>> = {
  root: [...USAGE, ...PROGRAMS, ...PRIVILEGED],
  // Who may not mount cannot have a namespace of his own.
  nobody: PRIVILEGED.filter(({ namespace }) => !namespace),
};
