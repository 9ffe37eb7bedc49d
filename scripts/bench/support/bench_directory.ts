import { join } from "@std/path/join";

/** Says through a FIFO above that it runs. */
const RUN = "#!/bin/sh\necho >../../starts\nexec sleep 86400\n";

/** Says in the same way that it has ended. */
const FINISH = "#!/bin/sh\necho >../../ends\n";

/** What a {@linkcode BenchDirectory} is made of. */
export interface BenchDirectoryOptions {
  readonly runsvdir: string;
  readonly runsv: string;
  /** Services that are there from the beginning. */
  readonly services: number;
}

/**
 * A services directory in a temporary folder, under a runsvdir of its own. At the end of the `await using` block all of
 * it is gone.
 */
export class BenchDirectory implements AsyncDisposable {
  readonly #dir: string = Deno.makeTempDirSync({ prefix: "runit-deno-bench-" });
  readonly #options: BenchDirectoryOptions;
  readonly #starts: Deno.FsFile;
  readonly #ends: Deno.FsFile;
  #child: Deno.ChildProcess | undefined;
  /** How many services run. */
  #count: number;
  /** How many were ever made; no name is used twice. */
  #made: number;

  constructor(options: BenchDirectoryOptions) {
    this.#options = options;
    this.#count = options.services;
    this.#made = options.services;
    Deno.mkdirSync(join(this.#dir, "bin"));
    Deno.symlinkSync(options.runsv, join(this.#dir, "bin/runsv"));
    Deno.mkdirSync(join(this.#dir, "services"));
    Deno.mkdirSync(join(this.#dir, "aside"));
    for (let i = 0; i < options.services; i++) this.#make(`services/s${i}`);
    this.#starts = this.#fifo("starts");
    this.#ends = this.#fifo("ends");
  }

  /** The process of runsvdir; 0 before it is started. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts runsvdir, and waits until all services run. */
  async start(): Promise<void> {
    this.#child = new Deno.Command(this.#options.runsvdir, {
      args: ["services"],
      cwd: this.#dir,
      env: { PATH: `${join(this.#dir, "bin")}:/usr/bin:/bin` },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const ended = this.#child.status.then(({ code }): never => {
      this.#child = undefined;
      throw new Error(`runsvdir ended with ${code}`);
    });
    await Promise.race([lines(this.#starts, this.#count), ended]);
    ended.catch(() => {});
  }

  /**
   * Moves a service in, and waits until it runs.
   *
   * @returns Its name, and the milliseconds that it took.
   */
  async add(): Promise<{ name: string; took: number }> {
    const name = `s${this.#made++}`;
    this.#make(`aside/${name}`);
    const since = performance.now();
    Deno.renameSync(join(this.#dir, "aside", name), join(this.#dir, "services", name));
    await lines(this.#starts, 1);
    this.#count++;
    return { name, took: performance.now() - since };
  }

  /**
   * Moves a service out, and waits until it has ended.
   *
   * @returns The milliseconds that it took.
   */
  async remove(name: string): Promise<number> {
    const since = performance.now();
    Deno.renameSync(join(this.#dir, "services", name), join(this.#dir, "aside", name));
    await lines(this.#ends, 1);
    this.#count--;
    return performance.now() - since;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // HUP has every runsv told to end; each service says when it has.
    const child = this.#child;
    child?.kill("SIGHUP");
    await child?.status;
    if (child !== undefined) await lines(this.#ends, this.#count);
    this.#starts.close();
    this.#ends.close();
    await removeWhenLeft(this.#dir);
  }

  #make(path: string): void {
    const dir = join(this.#dir, path);
    Deno.mkdirSync(dir);
    Deno.writeTextFileSync(join(dir, "run"), RUN, { mode: 0o755 });
    Deno.writeTextFileSync(join(dir, "finish"), FINISH, { mode: 0o755 });
  }

  /** Open at both ends, so that neither opening nor the end of a writer matters. */
  #fifo(name: string): Deno.FsFile {
    const path = join(this.#dir, name);
    const { success } = new Deno.Command("mkfifo", { args: [path] }).outputSync();
    if (!success) throw new Error("mkfifo failed");
    return Deno.openSync(path, { read: true, write: true });
  }
}

/** Reads so many empty lines. */
async function lines(file: Deno.FsFile, count: number): Promise<void> {
  const buffer = new Uint8Array(4096);
  for (let left = count; left > 0;) {
    left -= await file.read(buffer.subarray(0, Math.min(left, buffer.length))) ?? left;
  }
}

/** Removes a directory that processes on their end may still write in. */
async function removeWhenLeft(dir: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      await Deno.remove(dir, { recursive: true });
      return;
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
