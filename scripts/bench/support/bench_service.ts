import { join } from "@std/path/join";

/**
 * A service directory in a temporary folder, under a `runsv` of its own. Its `./run` tells each start through a FIFO,
 * then sleeps. At the end of the `await using` block all of it is gone.
 */
export class BenchService implements AsyncDisposable {
  readonly #dir: string;
  readonly #runsv: string;
  readonly #starts: Deno.FsFile;
  #child: Deno.ChildProcess | undefined;

  /** @param runsv The `runsv` to use, ours or another. */
  constructor(runsv: string) {
    this.#runsv = runsv;
    this.#dir = Deno.makeTempDirSync({ prefix: "runit-deno-bench-" });
    const service = join(this.#dir, "service");
    Deno.mkdirSync(service);
    Deno.writeTextFileSync(
      join(service, "run"),
      "#!/bin/sh\necho $$ >../starts\nexec sleep 86400\n",
      { mode: 0o755 },
    );
    const starts = join(this.#dir, "starts");
    const { success } = new Deno.Command("mkfifo", { args: [starts] }).outputSync();
    if (!success) throw new Error("mkfifo failed");
    // Open at both ends, so that neither opening nor the end of a writer matters.
    this.#starts = Deno.openSync(starts, { read: true, write: true });
  }

  /** The supervisor's process; 0 before it is started. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** The path of the service directory. */
  get path(): string {
    return join(this.#dir, "service");
  }

  /**
   * Starts the supervisor, and waits until the service runs.
   *
   * @returns The service's process.
   */
  async start(): Promise<number> {
    this.#child = new Deno.Command(this.#runsv, {
      args: ["service"],
      cwd: this.#dir,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return await this.nextStart();
  }

  /** Waits until the service is started, once for each start. Returns its process. */
  async nextStart(): Promise<number> {
    const buffer = new Uint8Array(16);
    const count = await this.#starts.read(buffer);
    return Number(new TextDecoder().decode(buffer.subarray(0, count ?? 0)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill("SIGTERM");
    await this.#child?.status;
    this.#starts.close();
    await Deno.remove(this.#dir, { recursive: true });
  }
}
