import { ROOT } from "../setup/files.ts";

/** How a subcommand of Deno ended. */
export interface DenoResult {
  readonly success: boolean;
  /** Whether it was stopped because its time was up. */
  readonly timedOut: boolean;
  /** Both outputs if they were captured. */
  readonly output: string;
}

/** Options for {@linkcode deno}. */
export interface DenoOptions {
  /** Seconds after which it is stopped. */
  readonly limit: number;
  /** Keep the output instead of showing it. */
  readonly capture?: boolean;
}

/** How long a stopped run has to clean up after itself before it is killed, in milliseconds. */
const GRACE_MS = 5_000;

/** Runs a subcommand of Deno in the project's folder, without input. */
export async function deno(args: readonly string[], options: DenoOptions): Promise<DenoResult> {
  const stdio = options.capture === true ? "piped" : "inherit";
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: options.capture === true ? { NO_COLOR: "1", RUST_BACKTRACE: "0" } : {},
    stdin: "null",
    stdout: stdio,
    stderr: stdio,
  }).spawn();
  let timedOut = false;
  const timers = [
    setTimeout(() => {
      timedOut = true;
      child.kill("SIGTERM");
    }, options.limit * 1000),
    setTimeout(() => child.kill("SIGKILL"), options.limit * 1000 + GRACE_MS),
  ];
  try {
    if (options.capture !== true) {
      return { success: (await child.status).success, timedOut, output: "" };
    }
    const { success, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return { success, timedOut, output: decoder.decode(stdout) + decoder.decode(stderr) };
  } finally {
    timers.forEach(clearTimeout);
  }
}
