import { decodeStatus, type ServiceStatus } from "../../src/service/status.ts";
import { TempDir } from "./temp_dir.ts";
import { until } from "./until.ts";

/** Files of a service directory: name to content. Executable are those that begin with `#!`. */
export type ServiceFiles = Readonly<Record<string, string>>;

/** How a {@linkcode TestService} is supervised. */
export interface TestServiceOptions {
  /** A `runsv`, ours or another. */
  readonly runsv: string;
  readonly files: ServiceFiles;
  /** Words before the `runsv`, such as `["env", "-i"]`. */
  readonly wrapper?: readonly string[];
  /** Given to `runsv` beside what the test has. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A service directory of its own under a supervisor of its own; both are gone at the end of the `using` block. */
export class TestService implements AsyncDisposable {
  readonly #temp = new TempDir();
  readonly #runsv: string;
  readonly #wrapper: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #child: Deno.ChildProcess | undefined;
  #status: Promise<Deno.CommandStatus> | undefined;
  #stderr = "";
  #drained: Promise<void> = Promise.resolve();

  constructor(options: TestServiceOptions) {
    this.#runsv = options.runsv;
    this.#wrapper = options.wrapper ?? [];
    this.#env = options.env ?? {};
    for (const [name, content] of Object.entries(options.files)) this.write(name, content);
  }

  /** The directory, by the name that `runsv` is given. */
  static readonly NAME = "service";

  /** The absolute path of the service directory. */
  get dir(): string {
    return `${this.#temp.path}/${TestService.NAME}`;
  }

  /** The directory that it lies in; what its scripts leave there is not in the service's way. */
  get outside(): string {
    return this.#temp.path;
  }

  /** Writes a file of the service; a script where it begins with `#!`. */
  write(name: string, content: string): void {
    const mode = content.startsWith("#!") ? 0o755 : undefined;
    this.#temp.write(`${TestService.NAME}/${name}`, content, mode);
  }

  /** Reads a file of the service; empty where there is none. */
  read(name: string): string {
    try {
      return this.#temp.read(`${TestService.NAME}/${name}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  /** The lines of a file of the service. */
  lines(name: string): string[] {
    return this.read(name).split("\n").slice(0, -1);
  }

  /** Starts the supervisor, in the directory above the service's. */
  start(): void {
    const [command, ...args] = [...this.#wrapper, this.#runsv, TestService.NAME];
    this.#child = new Deno.Command(command ?? "", {
      args,
      cwd: this.#temp.path,
      env: { ...this.#env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#status = this.#child.status;
    this.#drained = this.#collect(this.#child.stderr);
  }

  /** The process that was started: the supervisor, if no wrapper stays before it. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What the supervisor, and its children, have said on standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** The state of service or log as the status record tells it; undefined where there is none. */
  status(prefix: "" | "log/" = ""): ServiceStatus | undefined {
    try {
      return decodeStatus(Deno.readFileSync(`${this.dir}/${prefix}supervise/status`));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Waits until the status record is as wanted, and returns it. */
  untilStatus(
    what: string,
    condition: (status: ServiceStatus) => boolean,
    prefix: "" | "log/" = "",
  ): Promise<ServiceStatus> {
    return until(`${what}, but ${this.read(`${prefix}supervise/stat`)}`, () => {
      const status = this.status(prefix);
      return status !== undefined && condition(status) ? status : undefined;
    });
  }

  /** Waits until it runs, with another process than `previous`. */
  untilRuns(previous: number = 0, prefix: "" | "log/" = ""): Promise<ServiceStatus> {
    return this.untilStatus(
      "it runs",
      (status) => status.state === "run" && status.pid !== 0 && status.pid !== previous,
      prefix,
    );
  }

  /** Writes control characters. */
  control(characters: string, prefix: "" | "log/" = ""): void {
    // For writing only, this would wait for a reader where there is none; the FIFO has one as long as the test has it.
    using fifo = Deno.openSync(`${this.dir}/${prefix}supervise/control`, {
      read: true,
      write: true,
    });
    fifo.writeSync(new TextEncoder().encode(characters));
  }

  /** All processes that have their current directory in the service, whoever started them. */
  processes(): number[] {
    return livingIn(this.dir);
  }

  /** Waits until the supervisor has ended by itself. */
  async ended(): Promise<Deno.CommandStatus> {
    if (this.#status === undefined) throw new Error("not started");
    const status = await this.#status;
    await this.#drained;
    this.#child = undefined;
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child !== undefined) await this.#kill();
    await this.#drained;
    this.#temp[Symbol.dispose]();
  }

  /** Stops the supervisor first, so that it starts nothing more; then ends what it has started, and itself. */
  async #kill(): Promise<void> {
    const pid = this.pid;
    signal(pid, "SIGSTOP");
    const family = descendants(pid);
    for (const member of [...family, pid]) signal(member, "SIGKILL");
    await this.#status;
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.#stderr += decoder.decode(chunk, { stream: true });
  }
}

function livingIn(dir: string): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      const cwd = Deno.readLinkSync(`/proc/${name}/cwd`);
      if (cwd === dir || cwd.startsWith(`${dir}/`)) found.push(Number(name));
    } catch {
      // It is gone already.
    }
  }
  return found;
}

/** The children of a process, and theirs. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...children.get(parent) ?? [], Number(name)]);
  }
  const found: number[] = [];
  for (let i = -1; i < found.length; i++) {
    found.push(...children.get(i < 0 ? pid : found[i] ?? 0) ?? []);
  }
  return found;
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

function signal(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}
