/**
 * Which processes are about, whoever started them.
 *
 * @module
 */

/** The processes whose current directory is `dir` or below it: supervisors and services of that tree. */
export async function processesIn(dir: string): Promise<number[]> {
  return Deno.build.os === "linux" ? fromProc(dir) : await fromLsof(dir);
}

function fromProc(dir: string): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      const cwd = Deno.readLinkSync(`/proc/${name}/cwd`).replace(/ \(deleted\)$/, "");
      if (cwd === dir || cwd.startsWith(`${dir}/`)) found.push(Number(name));
    } catch {
      // It has ended meanwhile, or is another user's.
    }
  }
  return found;
}

/** Where there is no /proc: macOS comes with lsof. */
async function fromLsof(dir: string): Promise<number[]> {
  const { stdout } = await new Deno.Command("lsof", {
    args: ["-t", "-a", "-d", "cwd", "+D", dir],
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean).map(Number);
}

/** Sends a signal to a process that may have ended. */
export function signalIfAlive(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has.
  }
}
