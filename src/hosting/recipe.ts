import { errorCode } from "../os/error.ts";
import type { FileStatus } from "../os/file.ts";
import type { Os } from "../os/os.ts";
import { type LogConvention, logConvention } from "../runsv/layout.ts";
import { type CommandLine, parseCommandLine } from "../svlogd/options.ts";
import { type LogScript, parseLogScript } from "./log_script.ts";

/** What a hosted logger is to do. */
export interface Recipe {
  /** As svlogd would take it from its arguments. */
  readonly line: CommandLine;
  /** Whether what it has to say goes to standard output. */
  readonly toStdout: boolean;
}

/** What {@linkcode findRecipe} may take for one. */
export interface RecipeOptions {
  /** Whether a `log/run` that does nothing but become svlogd is one; or only its absence. */
  readonly scripts: boolean;
  /** Whether this process is root's, and may run whatever has one of its x bits set. */
  readonly superuser: boolean;
}

/** Nobody writes a longer one. */
const LONGEST = 16 * 1024;

/** What is read, and one byte more, so that what is longer shows. */
const bytes = new Uint8Array(LONGEST + 1);
const decoder = new TextDecoder("utf-8", { fatal: true });

const ALL_MAY_EXECUTE = 0o111;

/** What svlogd is told where `log/` has no `run`. */
const CONVENTIONS: Readonly<Record<LogConvention, readonly string[]>> = {
  main: ["-tt", "./main"],
  config: ["-tt", "."],
};

/**
 * Looks what the logger of a service is.
 *
 * | in `log/` | what it is |
 * | --- | --- |
 * | a `run` that certainly comes to nothing but `svlogd` with its arguments | svlogd with them |
 * | no `run`, a directory `main` | `svlogd -tt ./main` |
 * | no `run`, no `main`, a file `config` | `svlogd -tt .` |
 *
 * @param dir The service directory, open.
 * @returns `undefined` where it is anything else, which is then for a process to do.
 */
export function findRecipe(os: Os, dir: number, options: RecipeOptions): Recipe | undefined {
  const found = lookUp(os, dir);
  if (found === "absent") {
    const convention = logConvention(os, dir);
    return convention && recipe({ argv: CONVENTIONS[convention], toStdout: false });
  }
  if (found === undefined || !options.scripts) return undefined;
  const { type, mode, size } = found;
  const execute = mode & ALL_MAY_EXECUTE;
  // Without a look at users and groups, only what everybody may execute is certain to be.
  const executable = options.superuser ? execute !== 0 : execute === ALL_MAY_EXECUTE;
  if (type !== "file" || !executable || size > LONGEST) return undefined;
  const script = readScript(os, dir);
  return script && recipe(script);
}

function recipe({ argv, toStdout }: LogScript): Recipe | undefined {
  const line = parseCommandLine(argv);
  return "names" in line ? { line, toStdout } : undefined;
}

function lookUp(os: Os, dir: number): FileStatus | "absent" | undefined {
  try {
    return os.stat("log/run", dir);
  } catch (error) {
    const code = errorCode(error);
    if (code === undefined) throw error;
    return code === "ENOENT" ? "absent" : undefined;
  }
}

function readScript(os: Os, dir: number): LogScript | undefined {
  let fd: number | undefined;
  try {
    fd = os.open("log/run", { dir, nonblocking: true });
    let length = 0;
    for (;;) {
      const count = os.read(fd, bytes.subarray(length)) ?? 0;
      if (count === 0) break;
      length += count;
    }
    if (length > LONGEST) return undefined;
    return parseLogScript(decoder.decode(bytes.subarray(0, length)));
  } catch (error) {
    if (error instanceof TypeError || errorCode(error) !== undefined) return undefined;
    throw error;
  } finally {
    if (fd !== undefined) os.close(fd);
  }
}
