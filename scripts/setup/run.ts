import { lastLine, SetupError } from "./error.ts";

/** Options for {@linkcode run}. */
export interface RunOptions {
  /** Where to run it; the current folder if not given. */
  readonly cwd?: string;
  /** Milliseconds after which it is given up. */
  readonly timeout?: number;
}

/**
 * Runs a command without input to its end.
 *
 * @param step The step of the set-up that it belongs to, for the error.
 * @param remedy What to do when it fails, for the error.
 * @returns What it wrote to standard output.
 * @throws {SetupError} If it is missing, fails or takes too long.
 */
export async function run(
  step: string,
  command: readonly [string, ...string[]],
  remedy: string,
  options: RunOptions = {},
): Promise<string> {
  const [program, ...args] = command;
  const timeout = options.timeout ?? 300_000;
  const signal = AbortSignal.timeout(timeout);
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(program, {
      args,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal,
    }).output();
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    throw new SetupError(step, missing ? `${program} is not installed` : String(error), remedy);
  }
  const decoder = new TextDecoder();
  if (!output.success) {
    const reason = signal.aborted
      ? `took over ${timeout / 1000} s`
      : lastLine(decoder.decode(output.stderr)) || `exit code ${output.code}`;
    throw new SetupError(step, `${command.slice(0, 2).join(" ")}: ${reason}`, remedy);
  }
  return decoder.decode(output.stdout);
}
