/**
 * Programs for the service directories of tests: Perl, which every Debian has, as it starts fast, is one process, and
 * writes a line with one write(2).
 *
 * @module
 */

/** A program whose `say` appends a line to a file in its current directory. */
function perl(file: string, body: string): string {
  return `#!/usr/bin/perl
use POSIX ();
open(my $out, '>>', '${file}'); select($out); $| = 1;
sub say_ { syswrite($out, "@_\\n") }
${body}
`;
}

/** What {@linkcode stayingRun} does on a signal. */
export interface StayingRunOptions {
  /** Signals that it writes down and stays for; others have their usual effect. */
  readonly traps?: readonly string[];
}

/** Writes `./run` and its arguments to the file `ran`, then each trapped signal to `got`; stays until it is killed. */
export function stayingRun(options: StayingRunOptions = {}): string {
  const traps = (options.traps ?? []).map((signal) =>
    `$SIG{${signal}} = sub { open(my $got, '>>', 'got'); syswrite($got, "${signal}\\n") };`
  );
  return perl(
    "ran",
    `${traps.join("\n")}
say_($0, @ARGV);
POSIX::pause() while 1;`,
  );
}

/** Writes `./finish` and its arguments to `finished`; stays until a file `finish-go` is there, and takes it away. */
export const waitingFinish: string = perl(
  "finished",
  `say_($0, @ARGV);
select(undef, undef, undef, 0.01) until -e 'finish-go';
unlink 'finish-go';`,
);

/** Writes its name to `controlled`, and ends with this code. */
export function controlScript(code: number): string {
  return perl("controlled", `say_($0, @ARGV); exit ${code};`);
}

/** Ends at once, with this code. */
export function endingRun(code: number): string {
  return perl("ran", `say_($0, @ARGV); exit ${code};`);
}

/** A logger: appends its standard input to the file `log` as it comes; writes `./run` to `ran` when it starts. */
export const appendingLog: string = perl(
  "ran",
  `say_($0, @ARGV);
open(my $log, '>>', 'log');
while (sysread(STDIN, my $buffer, 65536)) { syswrite($log, $buffer) }`,
);
