/**
 * Surroundings in which command lines of chpst run, under the reference and under ours.
 *
 * @module
 */

import { type Case, PROBE, type User } from "./chpst_cases.ts";
import { built } from "../support/build.ts";
import { reference } from "../support/reference.ts";
import { TempDir } from "../support/temp_dir.ts";

/** The reference chpst, if it can be had. */
export const theirs: string | undefined = reference("chpst");

/** Whether this can be run: it takes the reference, and root, to become others. */
export const runnable: boolean = theirs !== undefined && Deno.uid() === 0;

/** Tells all of a process's state that chpst could change, or might by mistake. */
const TELL = String.raw`
use Cwd ();
sub slurp { open(my $in, '<', $_[0]) or return "unreadable\n"; local $/; scalar <$in> }
my %fds;
opendir(my $fds, '/proc/self/fd');
for my $fd (readdir $fds) {
  next if $fd =~ /^\./ || $fd eq fileno($fds);
  my $to = readlink("/proc/self/fd/$fd") // next;
  $to =~ s/\d+/N/ if $to =~ /^pipe:/;
  my ($flags) = slurp("/proc/self/fdinfo/$fd") =~ /flags:\s*(\S+)/;
  $fds{$fd} = "$to $flags";
}
my $said = '';
for my $line (split /\n/, slurp('/proc/self/status')) {
  $said .= "$line\n"
    if $line =~ /^(Name|Umask|Uid|Gid|Groups|Threads|Sig(Pnd|Blk|Ign|Cgt)|ShdPnd|Cap|NoNewPrivs|Seccomp|THP)/;
}
$said .= slurp('/proc/self/limits');
$said .= "fd $_ $fds{$_}\n" for sort { $a <=> $b } keys %fds;
$said .= "cwd " . (Cwd::getcwd() // '?') . "\n";
my ($device, $inode) = stat('/');
$said .= "root $device $inode\n";
$said .= 'nice ' . getpriority(0, 0) . "\n";
$said .= 'session ' . (getpgrp() == $$ ? 'own' : 'inherited') . "\n";
$said .= 'environment ' . unpack('H*', slurp('/proc/self/environ')) . "\n";
my $command = slurp('/proc/self/cmdline');
$command =~ s/\0/|/g;
$said .= "argv $command\n";
open(my $out, '>', 'TOLD') or exit 99;
syswrite($out, $said);
`;

/** A directory with all that the command lines talk of. */
class Fixture implements Disposable {
  readonly #dir = new TempDir();
  readonly path: string = this.#dir.path;
  readonly probe: readonly [string, string];
  readonly told: string;

  constructor() {
    const dir = this.#dir;
    this.told = `${this.path}/told`;
    this.probe = ["/usr/bin/perl", `${this.path}/tell`];
    dir.write("tell", TELL.replace("'TOLD'", `'${this.told}'`));
    this.#programs();
    this.#environments();
    dir.write("etcroot/etc/passwd", "root:x:0:0::/:/bin/sh\nme:x:4242:4343::/:/bin/sh\n");
    dir.write("etcroot/etc/group", "us:x:4444:\n");
    dir.write("forbidden", "", 0o000);
    dir.write("roots", "", 0o600);
    dir.write("held", "", 0o666);
    Deno.mkdirSync(`${this.path}/root`);
    // What nobody makes there must not get in root's way, and the other way round.
    Deno.chmodSync(this.path, 0o777);
  }

  #programs(): void {
    const dir = this.#dir;
    const tells = (what: string) => `#!/bin/sh\necho ${what} "$0" "$@"\n`;
    dir.write("noexec", "#!/bin/sh\n", 0o644);
    dir.write("here", tells("here"), 0o755);
    dir.write("bin1/prog", tells("bin1"), 0o644);
    dir.write("bin1/nointerpreter", tells("bin1"), 0o755);
    dir.write("bin2/prog", tells("bin2"), 0o755);
    dir.write("bin2/noshebang", "echo noshebang\n", 0o755);
    dir.write("bin2/nointerpreter", "#!/nosuch/interpreter\n", 0o755);
    Deno.symlinkSync("loop", `${this.path}/bin2/loop`);
    Deno.mkdirSync(`${this.path}/bindir/prog`, { recursive: true });
  }

  #environments(): void {
    const dir = this.#dir;
    dir.write("env/A", "new\n");
    dir.write("env/B", "two");
    dir.write("env/EMPTY", "");
    const odd: Readonly<Record<string, string | Uint8Array>> = {
      BLANKS: "a \t \nfoo\n",
      NULS: "a\0b\0\nfoo",
      NULS2: "q\0 \0 ",
      LINE: "\n",
      ONLY: " \t\n",
      LEADING: " x",
      CR: "x\r\n",
      "WITH BLANK": "x",
      ".hidden": "x",
      "-x": "x",
      "A=B": "x",
      "C=D": "",
      "ünï": "ü",
      LONG: "v".repeat(100_000),
      BYTES: new Uint8Array([0xff, 0xfe, 0x00, 0x80, 0x0a]),
    };
    for (const [name, content] of Object.entries(odd)) dir.write(`odd/${name}`, content);
    dir.write("dirs/A", "x");
    Deno.mkdirSync(`${this.path}/dirs/sub`);
    dir.write("null/A", "x");
    Deno.symlinkSync("/dev/null", `${this.path}/null/B`);
    dir.write("looped/A", "x");
    Deno.symlinkSync("L", `${this.path}/looped/L`);
    new Deno.Command("mkfifo", { args: [`${this.path}/fifo-`] }).outputSync();
    Deno.mkdirSync(`${this.path}/fifo`);
    Deno.renameSync(`${this.path}/fifo-`, `${this.path}/fifo/F`);
    dir.write("locked/A", "x", 0o000);
    dir.write("unreadable/A", "x");
    Deno.chmodSync(`${this.path}/unreadable`, 0o700);
    dir.write("unlisted/A", "x");
    Deno.chmodSync(`${this.path}/unlisted`, 0o711);
    dir.write("envpath/PATH", `${this.path}/bin2`);
    dir.write("ids/UID", "9");
    dir.write("ids/A", "x");
  }

  [Symbol.dispose](): void {
    this.#dir[Symbol.dispose]();
  }
}

/** What came of a command line. */
export interface Outcome {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly saw: string | undefined;
}

/** The reference, or this project. */
export type Whose = "theirs" | "ours";

/** The names that chpst is linked to. */
const NAMES = [
  "anything",
  "dchpst",
  "ddenvdir",
  "dsetlock",
  "envdir",
  "envuidgid",
  "pgrphack",
  "setlock",
  "setuidgid",
  "softlimit",
];

/** The directory that command lines run in, and both implementations. */
export class Surroundings implements Disposable {
  readonly #fixture = new Fixture();
  readonly #programs = new TempDir();
  readonly #held: Deno.FsFile;

  private constructor(ours: string) {
    Deno.chmodSync(this.#programs.path, 0o755);
    link(`${this.#programs.path}/theirs`, theirs ?? "");
    link(`${this.#programs.path}/ours`, ours);
    this.#held = Deno.openSync(`${this.#fixture.path}/held`, { write: true });
    this.#held.lockSync(true);
  }

  /** Makes them, and ours if it is not compiled yet. */
  static async make(): Promise<Surroundings> {
    return new Surroundings(await built("chpst"));
  }

  /** Runs a command line under both, one after the other. */
  async both(one: Case, user: User): Promise<{ expected: Outcome; actual: Outcome }> {
    const expected = await this.#run("theirs", one, user);
    return { expected, actual: await this.#run("ours", one, user) };
  }

  /** Runs one implementation with a lock that the other holds. */
  async nested(holder: Whose, other: Whose): Promise<Outcome> {
    const chpst = `${this.#programs.path}/${other}/chpst`;
    return await this.#run(holder, { args: ["-L", "lock", chpst, "-L", "lock", "true"] }, "root");
  }

  async #run(whose: Whose, one: Case, user: User): Promise<Outcome> {
    const { path, told } = this.#fixture;
    const [command = "", ...args] = this.#commandLine(whose, one, user);
    const { code, signal, stdout, stderr } = await new Deno.Command(command, {
      args,
      cwd: path,
      clearEnv: true,
      env: { ...one.environment ?? { PATH: "/usr/bin:/bin" } },
      stdin: "null",
    }).output();
    let saw: string | undefined;
    try {
      saw = Deno.readTextFileSync(told);
      Deno.removeSync(told);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const decoder = new TextDecoder();
    return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr), saw };
  }

  #commandLine(whose: Whose, one: Case, user: User): string[] {
    const args = one.args.flatMap((arg) => arg === PROBE ? this.#fixture.probe : [arg]);
    const become = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    return [
      ...one.namespace ? ["/usr/bin/unshare", "--mount"] : [],
      ...user === "root" ? [] : become,
      "/bin/sh",
      "-c",
      `${one.before ?? ":"}; exec "$0" "$@"`,
      `${this.#programs.path}/${whose}/${one.name ?? "chpst"}`,
      ...args,
    ];
  }

  [Symbol.dispose](): void {
    this.#held.close();
    this.#programs[Symbol.dispose]();
    this.#fixture[Symbol.dispose]();
  }
}

function link(dir: string, executable: string): void {
  Deno.mkdirSync(dir);
  // It must be there for nobody, too, who may not look into the directory that it was built in.
  Deno.copyFileSync(executable, `${dir}/chpst`);
  Deno.chmodSync(`${dir}/chpst`, 0o755);
  for (const name of NAMES) Deno.symlinkSync("chpst", `${dir}/${name}`);
}
