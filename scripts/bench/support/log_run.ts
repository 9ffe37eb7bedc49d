/**
 * Runs a logger over a file, and takes its measure.
 *
 * @module
 */

/** What a run has cost. */
export interface Cost {
  /** Seconds until it had ended. */
  readonly elapsed: number;
  /** Seconds on a processor, its own and the kernel's for it. */
  readonly cpu: number;
  /** Its peak memory in MiB. */
  readonly peak: number;
}

/** What is run. */
export interface LogRun {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The file that it reads. */
  readonly input: string;
  /** Whether it reads it through a pipe. */
  readonly pipe: boolean;
}

/** Milliseconds between two looks at the memory. */
const LOOK_EVERY = 10;

/** Runs it. */
export async function runLogger({ command, env = {}, cwd, input, pipe }: LogRun): Promise<Cost> {
  // The shell counts the time of what it has waited for. The writer of the pipe is not in that.
  const feed = pipe ? 'cat "$0" | { "$@"; times; }' : '"$@" <"$0"; times';
  const since = performance.now();
  const child = new Deno.Command("sh", {
    args: ["-c", feed, input, ...command],
    cwd,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let ended = false;
  const output = child.output().finally(() => ended = true);
  const name = command[0] ?? "";
  let peak = 0;
  while (!ended) {
    peak = Math.max(peak, ...descendants(child.pid).map((pid) => peakOf(pid, name)));
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  const { success, stdout } = await output;
  const elapsed = (performance.now() - since) / 1000;
  if (!success) throw new Error(`${command.join(" ")}: failed`);
  const [, children = ""] = new TextDecoder().decode(stdout).trim().split("\n");
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)]
    .reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
  return { elapsed, cpu, peak };
}

function descendants(pid: number): number[] {
  try {
    const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
    const own = children === "" ? [] : children.split(" ").map(Number);
    return own.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}

/** The most memory that a process has had so far in MiB; 0 if it is another program, or gone. */
function peakOf(pid: number, name: string): number {
  try {
    if (!Deno.readTextFileSync(`/proc/${pid}/cmdline`).startsWith(`${name}\0`)) return 0;
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
