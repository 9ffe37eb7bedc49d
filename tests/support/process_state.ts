/**
 * What a process is born with: descriptors, signal state, directory, environment, arguments; told by the process
 * itself, a Perl program.
 *
 * @module
 */

/** What {@linkcode tell} makes a process tell. */
export interface ProcessState {
  /** Each open descriptor, and what it is open on; inode numbers of pipes are left out. */
  readonly descriptors: Readonly<Record<string, string>>;
  /** Signals that are blocked, ignored, and caught, as masks of the signals 1 to 31. */
  readonly blocked: number;
  readonly ignored: number;
  readonly caught: number;
  readonly directory: string;
  /** The environment block, in hexadecimal. */
  readonly environment: string;
  /** argv[0] and the arguments. */
  readonly argv: readonly string[];
  readonly umask: string;
  /** Whether it leads a session, and whether its group is its parent's. */
  readonly leadsSession: boolean;
  readonly parentGroup: boolean;
}

/** Statements of Perl that write the state to a file, all at once. `$0` is the path it was started by. */
export function tell(file: string): string {
  return String.raw`{
  use Cwd ();
  my $slurp = sub { open(my $in, '<', $_[0]) or die; local $/; scalar <$in> };
  my $said = '';
  opendir(my $dir, '/proc/self/fd');
  my @fds = sort { $a <=> $b } grep { /^\d/ && $_ != fileno($dir) } readdir $dir;
  closedir $dir;
  for my $fd (@fds) {
    my $to = readlink("/proc/self/fd/$fd") // next;
    next if $to eq Cwd::abs_path($0);
    $to =~ s/\[\d+\]/[]/;
    $said .= "fd $fd $to\n";
  }
  for (split /\n/, $slurp->('/proc/self/status')) { $said .= "$1 $2\n" if /^(Sig(?:Blk|Ign|Cgt)|Umask):\s*(\S+)/ }
  $said .= 'cwd ' . Cwd::getcwd() . "\n";
  $said .= 'environ ' . unpack('H*', $slurp->('/proc/self/environ')) . "\n";
  my ($stat) = $slurp->('/proc/self/stat') =~ /.*\) (.*)/;
  my (undef, $parent, $group, $session) = split / /, $stat;
  my ($parents) = $slurp->("/proc/$parent/stat") =~ /.*\) (.*)/;
  $said .= 'leads ' . ($session == $$ ? 1 : 0) . "\n";
  $said .= 'group ' . ((split / /, $parents)[2] == $group ? 1 : 0) . "\n";
  $said .= "argv $_\n" for $0, @ARGV;
  open(my $out, '>', '${file}.new') or die;
  syswrite($out, $said);
  close $out;
  rename '${file}.new', '${file}';
}`;
}

/** A program that writes its state to a file, and then does more. */
export function tellingScript(file: string, more = ""): string {
  return `#!/usr/bin/perl\n${tell(file)}\n${more}\n`;
}

/** Perl itself ignores SIGFPE. */
const PERLS_OWN = 1 << 7;

/** Reads what {@linkcode tell} wrote. */
export function parseState(text: string): ProcessState {
  const values = new Map<string, string[]>();
  for (const line of text.split("\n").slice(0, -1)) {
    const space = line.indexOf(" ");
    const key = line.slice(0, space);
    values.set(key, [...values.get(key) ?? [], line.slice(space + 1)]);
  }
  const one = (key: string): string => values.get(key)?.[0] ?? "";
  // The upper ones are the real-time signals; glibc leaves two of its own ignored in what posix_spawn(3) starts.
  const mask = (key: string): number => Number(BigInt(`0x${one(key)}`) & 0x7fffffffn) & ~PERLS_OWN;
  return {
    descriptors: Object.fromEntries((values.get("fd") ?? []).map((fd) => fd.split(" ", 2))),
    blocked: mask("SigBlk"),
    ignored: mask("SigIgn"),
    caught: mask("SigCgt"),
    directory: one("cwd"),
    environment: one("environ"),
    argv: values.get("argv") ?? [],
    umask: one("Umask"),
    leadsSession: one("leads") === "1",
    parentGroup: one("group") === "1",
  };
}
