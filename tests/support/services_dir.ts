import { TempDir } from "./temp_dir.ts";
import { until } from "./until.ts";

/** How a {@linkcode ServicesDir} is looked after. */
export interface ServicesDirOptions {
  /** A `runsvdir`, ours or another. */
  readonly runsvdir: string;
  /** A `runsv`, ours or another; the default is a stand-in that stays until it is told to end. */
  readonly runsv?: string;
  /** Whether there is no runsv, but `--single-process`; the stand-in is then what `run` of each service is by default. */
  readonly single?: boolean;
  /** Words before the `runsvdir`, such as `["unshare", "--pid", "--fork"]`. */
  readonly wrapper?: readonly string[];
  /** Words between `runsvdir` and the directory. */
  readonly options?: readonly string[];
  /** Words after the directory. */
  readonly trailing?: readonly string[];
  /** The directory as it is named on the command line. @default {"services"} */
  readonly name?: string;
}

/** Writes `start NAME PID` to the file `runsv` above, and stays. `./refuse` makes it end at once. */
const STAND_IN = `#!/bin/sh
cd -- "./$1" || exit 111
echo "start $1 $$" >> "$STAND_IN_OUTPUT"
[ -e refuse ] && exit 1
exec sleep 1000
`;

/** The same as a `run`. The name is that of the directory, not of a link to it. */
const STANDING_IN_RUN = `#!/bin/sh
echo "start \${PWD##*/} $$" >> "$STAND_IN_OUTPUT"
[ -e refuse ] && exit 1
exec sleep 1000
`;

/** The ways in which runsvdir supervises: a test of one is a test of both. */
export const MODES = {
  "runsvdir": { single: false },
  "runsvdir --single-process": { single: true },
} as const;

const decoder = new TextDecoder();

/** A services directory of its own under a runsvdir of its own; both are gone at the end of the `using` block. */
export class ServicesDir implements AsyncDisposable {
  readonly temp: TempDir = new TempDir();
  readonly #options: ServicesDirOptions;
  #child: Deno.ChildProcess | undefined;
  #status: Promise<Deno.CommandStatus> | undefined;
  #stderr = "";
  #drained: Promise<void> = Promise.resolve();

  constructor(options: ServicesDirOptions) {
    this.#options = options;
    Deno.mkdirSync(this.path);
    Deno.mkdirSync(this.outside("bin"));
    if (options.single === true) return;
    if (options.runsv === undefined) this.temp.write("bin/runsv", STAND_IN, 0o755);
    else Deno.symlinkSync(options.runsv, this.outside("bin/runsv"));
  }

  /** The absolute path of the services directory, or of something in it. */
  get path(): string {
    return this.outside("services");
  }

  /** The absolute path of something beside the services directory. */
  outside(name: string): string {
    return `${this.temp.path}/${name}`;
  }

  /** The `run` of a service that has no other: it stays until it is told to end. */
  get run(): string {
    return this.#options.single === true ? STANDING_IN_RUN : STAYING;
  }

  /** Makes a service elsewhere and moves it in, so that it is there all at once. */
  add(name: string, files: Readonly<Record<string, string>> = {}): void {
    this.prepare(name, files);
    Deno.renameSync(this.outside(`new/${name}`), `${this.path}/${name}`);
  }

  /** Makes a service in the directory `new`, beside the services directory. */
  prepare(name: string, files: Readonly<Record<string, string>> = {}): void {
    Deno.mkdirSync(this.outside(`new/${name}`), { recursive: true });
    for (const [file, content] of Object.entries({ run: this.run, ...files })) {
      this.temp.write(`new/${name}/${file}`, content, content.startsWith("#!") ? 0o755 : undefined);
    }
  }

  /** Starts runsvdir, in the directory above the services directory. */
  start(): void {
    const { wrapper = [], runsvdir, single, options = [], name = "services", trailing = [] } =
      this.#options;
    const mode = single === true ? ["--single-process"] : [];
    const [command = "", ...args] = [...wrapper, runsvdir, ...mode, ...options, name, ...trailing];
    this.#child = new Deno.Command(command, {
      args,
      cwd: this.temp.path,
      env: {
        PATH: `${this.outside("bin")}:/usr/local/bin:/usr/bin:/bin`,
        STAND_IN_OUTPUT: this.outside("starts"),
      },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#status = this.#child.status;
    this.#drained = this.#collect(this.#child.stderr);
  }

  /** The process that was started: runsvdir, if no wrapper stays before it. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What runsvdir, and its children, have said on standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Sends a signal to the process that was started. */
  signal(signal: Deno.Signal): void {
    this.#child?.kill(signal);
  }

  /** How many words there are before the name of the directory on the command line of runsvdir. */
  get wordsBefore(): number {
    const { single, options = [] } = this.#options;
    return 1 + (single === true ? 1 : 0) + options.length;
  }

  /** The names that the stand-in for runsv was started with, in that order. */
  started(): string[] {
    return this.#starts().map(({ name }) => name);
  }

  /** The process of the last stand-in that was started with this name. */
  standIn(name: string): number {
    return this.#starts().findLast((start) => start.name === name)?.pid ?? 0;
  }

  /** Waits until a stand-in has been started so many times with this name. */
  async untilStarted(name: string, times: number = 1): Promise<number> {
    await until(
      `${name} is started ${times} times`,
      () => this.started().filter((started) => started === name).length >= times,
    );
    return this.standIn(name);
  }

  /** Waits until a real service is in a state, as `supervise/stat` tells it. */
  async untilState(name: string, state: string): Promise<void> {
    await until(
      `${name} is in state ${state}`,
      () => Deno.readTextFileSync(`${this.path}/${name}/supervise/stat`).startsWith(state),
    );
  }

  /** Waits until runsvdir has ended by itself. */
  async ended(): Promise<Deno.CommandStatus> {
    if (this.#status === undefined) throw new Error("not started");
    return await this.#status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    let drained = false;
    const finish = (): void => void (drained = true);
    this.#drained.then(finish, finish);
    // A process that is about to become another program has no environment for a moment: the list may lack it, but it
    // has standard error open.
    await until("no process is left", () => {
      quietly(() => this.signal("SIGKILL"));
      const found = this.#family();
      for (const pid of found) quietly(() => Deno.kill(pid, "SIGKILL"));
      return drained && found.length === 0;
    });
    await this.#status;
    this.temp[Symbol.dispose]();
  }

  /** The living processes that descend from runsvdir, wherever they are: their environment tells. */
  #family(): number[] {
    const mark = `STAND_IN_OUTPUT=${this.outside("starts")}\0`;
    return processIds().filter((pid) => {
      try {
        return decoder.decode(Deno.readFileSync(`/proc/${pid}/environ`)).includes(mark);
      } catch {
        return false;
      }
    });
  }

  #starts(): { name: string; pid: number }[] {
    let text: string;
    try {
      text = this.temp.read("starts");
    } catch {
      return [];
    }
    return text.split("\n").slice(0, -1).map((line) => {
      const words = line.split(" ");
      return { name: words.slice(1, -1).join(" "), pid: Number(words.at(-1)) };
    });
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) this.#stderr += decoder.decode(chunk, { stream: true });
  }
}

/** A `run` that stays until it is told to end. */
export const STAYING = "#!/bin/sh\nexec sleep 1000\n";

/** All process ids there are. */
export function processIds(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
}

/** Whether a process is there and has not ended. */
export function isAlive(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // It is gone already.
  }
}
