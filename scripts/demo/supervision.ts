import { join } from "@std/path/join";
import { ROOT } from "../setup/files.ts";
import { processesIn, signalIfAlive } from "./processes.ts";
import * as report from "./report.ts";
import { until } from "./until.ts";

/** What a {@linkcode Supervision} works with. */
export interface SupervisionOptions {
  /** The folder of the tools. */
  readonly bin: string;
  /** Leave the temporary directory where it is. */
  readonly keep: boolean;
  /** Breaks everything off but the clean-up. */
  readonly signal: AbortSignal;
}

/** How long supervisors have to end by themselves in the clean-up, in milliseconds, before they are killed. */
const GRACE = 8_000;

/**
 * A temporary directory for services, `runsvdir` over them, and a shell that runs commands. At the end of the
 * `await using` block no process of them is left, whatever happened, and the directory is gone.
 */
export class Supervision implements AsyncDisposable {
  /** The temporary directory; the services are in `service` below it. */
  readonly dir: string;
  readonly #options: SupervisionOptions;
  readonly #env: Record<string, string>;
  #runsvdir: Deno.ChildProcess | undefined;
  #said = "";
  #drained: Promise<unknown> = Promise.resolve();

  private constructor(dir: string, options: SupervisionOptions) {
    this.dir = dir;
    this.#options = options;
    const { SVWAIT: _, ...env } = Deno.env.toObject();
    this.#env = {
      ...env,
      PATH: `${options.bin}:${dir}/bin:${env["PATH"] ?? "/usr/bin:/bin"}`,
      SVDIR: this.services,
    };
  }

  /** Makes the directory. Nothing is started yet. */
  static async make(options: SupervisionOptions): Promise<Supervision> {
    const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "runit-deno-demo-" }));
    const supervision = new Supervision(dir, options);
    try {
      // The Deno that runs this runs the daemon too, whatever its file is called.
      await Deno.mkdir(join(dir, "bin"));
      await Deno.symlink(Deno.execPath(), join(dir, "bin", "deno"));
    } catch (error) {
      await supervision[Symbol.asyncDispose]();
      throw error;
    }
    return supervision;
  }

  /** The directory that `runsvdir` looks after, and `SVDIR`; it is the caller's to make. */
  get services(): string {
    return join(this.dir, "service");
  }

  /** The process of `runsvdir`; 0 while there is none. */
  get pid(): number {
    return this.#runsvdir?.pid ?? 0;
  }

  /** Shows a command line, runs it in the project's folder, and shows what it has written. */
  async shell(line: string): Promise<string> {
    report.command(line);
    const output = await this.quietly(line);
    report.output(output);
    return output;
  }

  /**
   * Runs a command line in the project's folder.
   *
   * @returns What it has written to standard output and standard error.
   * @throws {Error} If its exit code is not 0.
   */
  async quietly(line: string): Promise<string> {
    const { success, code, stdout, stderr } = await new Deno.Command("/bin/sh", {
      args: ["-c", line],
      cwd: ROOT,
      clearEnv: true,
      env: this.#env,
      stdin: "null",
      signal: this.#options.signal,
    }).output();
    this.#options.signal.throwIfAborted();
    const decoder = new TextDecoder();
    const output = decoder.decode(stdout) + decoder.decode(stderr);
    if (!success) throw new Error(`${line}: exit code ${code}: ${output}`);
    return output;
  }

  /** Starts `runsvdir`. */
  start(): void {
    report.command(`runsvdir -P "$SVDIR" &`);
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", `exec runsvdir -P "$SVDIR"`],
      cwd: ROOT,
      clearEnv: true,
      env: this.#env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#runsvdir = child;
    this.#drained = Promise.all([this.#collect(child.stdout), this.#collect(child.stderr)]);
  }

  /** Waits for a condition; see {@linkcode until}. What the supervisors said meanwhile is added to an error. */
  async until<T>(
    what: string,
    condition: () => T | Promise<T>,
  ): Promise<Exclude<T, undefined | false>> {
    try {
      return await until(what, condition, this.#options.signal);
    } catch (error) {
      if (this.#options.signal.aborted || !(error instanceof Error)) throw error;
      throw new Error(`${error.message}${this.#said && `; runsvdir said: ${this.#said}`}`);
    }
  }

  /** Waits until `runsvdir`, its supervisors and their services have ended. Returns the exit code of `runsvdir`. */
  async ended(): Promise<number> {
    const code = await this.until("runsvdir ends", () => this.#exitCode());
    await this.until("supervisors and services end", async () => !(await this.#remaining()).length);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await this.#drained;
    if (this.#options.keep) report.remark(`\nleft in place: ${this.dir}`);
    else await Deno.remove(this.dir, { recursive: true });
  }

  async #exitCode(): Promise<number | undefined> {
    return await Promise.race([this.#runsvdir?.status.then(({ code }) => code), pause(0)]);
  }

  /** Ends what is left: with its consent for a while, then without. */
  async #stop(): Promise<void> {
    const end = performance.now() + GRACE;
    for (;;) {
      const remaining = await this.#remaining();
      if (remaining.length === 0) break;
      const patient = performance.now() < end;
      // HUP makes runsvdir tell its supervisors to exit; those that it left behind understand TERM.
      if (patient && this.pid !== 0) signalIfAlive(this.pid, "SIGHUP");
      for (const pid of remaining) {
        if (!patient) signalIfAlive(pid, "SIGKILL");
        else if (pid !== this.pid) signalIfAlive(pid, "SIGTERM");
      }
      await pause(100);
    }
    await this.#runsvdir?.status;
  }

  async #remaining(): Promise<number[]> {
    const remaining = new Set(await processesIn(this.dir));
    if (this.#runsvdir !== undefined && await this.#exitCode() === undefined) {
      remaining.add(this.pid);
    }
    return [...remaining];
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.#said += decoder.decode(chunk, { stream: true });
  }
}

function pause(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), milliseconds));
}
