import { descendants } from "../../../tests/support/service.ts";
import { processesIn, signalIfAlive } from "../../demo/processes.ts";
import { openFifo } from "../support/fifo.ts";
import { type Command, descriptorsFor, type Make, pause, type Place } from "./make.ts";
import { Starts } from "./starts.ts";

/** A line such as a program writes that is out of hand. */
const FLOOD = "a line of a service that floods its log at full speed";

/** Milliseconds until supervisors and services have to be gone, after which the bench breaks off. */
const GONE = 20_000;

/** What a {@linkcode Tree} is made of. */
export interface TreeOptions {
  /** For starts alone, what they take is enough. */
  readonly make: Pick<Make, "name" | "lay" | "start"> & Partial<Make>;
  /** The folder to make it in, see {@linkcode placeFor}. */
  readonly parent: string | undefined;
  /** Services that say that they are there, and then nothing. */
  readonly quiet: number;
  /** Services that flood their logs when they are told to. They come after the others. */
  readonly flooding?: number;
}

/** How long it took until all were there, in milliseconds. */
export interface Up {
  /** Until the last `./run` ran. */
  readonly running: number;
  /** Until a line of the last one was in its log. */
  readonly logging: number;
}

/**
 * A tree of services with their logs, under a supervisor. At the end of the `await using` block all of it is gone.
 *
 * Each service tells its start through a FIFO, so that nothing has to look for it meanwhile.
 */
export class Tree implements AsyncDisposable {
  readonly place: Place;
  readonly #make: TreeOptions["make"];
  readonly #starts: Starts;
  readonly #gates = new Map<number, Deno.FsFile>();
  readonly #pids: number[] = [];
  #child: Deno.ChildProcess | undefined;
  #ended = false;

  constructor({ make, parent, quiet, flooding = 0 }: TreeOptions) {
    this.#make = make;
    const dir = Deno.realPathSync(
      Deno.makeTempDirSync({
        prefix: "runit-deno-bench-",
        ...(parent === undefined ? {} : { dir: parent }),
      }),
    );
    const services = `${dir}/services`;
    const paths = Array.from({ length: quiet + flooding }, (_, i) => `${services}/s${i}`);
    this.place = { dir, services, paths };
    this.#starts = new Starts(`${dir}/starts`);
    paths.forEach((path, i) => {
      Deno.mkdirSync(`${path}/log/main`, { recursive: true });
      const body = i < quiet ? "exec sleep 1000000\n" : this.#flooder(i);
      Deno.writeTextFileSync(
        `${path}/run`,
        `#!/bin/sh\nexec 2>&1\n${this.#starts.tell(i)}\necho started\n${body}`,
        { mode: 0o755 },
      );
    });
    make.lay(this.place);
    // Where it has only just changed, the C runsvdir waits for the next second.
    Deno.utimeSync(services, 0, 0);
  }

  /** Starts the supervisor, and waits until all services and their loggers run. */
  async start(): Promise<Up> {
    const { path, args, env } = this.#make.start(this.place);
    const since = performance.now();
    // What is usual is too little for many services, and not all makes raise it themselves.
    const limit = `ulimit -S -n ${descriptorsFor(this.place.paths.length)}; exec "$0" "$@"`;
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", limit, path, ...args],
      cwd: this.place.services,
      env: { ...env },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    void this.#child.status.then(() => this.#ended = true);
    for (let running = 0; running < this.place.paths.length;) {
      const { index, pid } = await this.#starts.next();
      if (this.#pids[index] === undefined) running++;
      this.#pids[index] = pid;
    }
    const running = performance.now() - since;
    // One at a time, so that looking takes nothing from what is measured.
    for (const path of this.place.paths) await filled(`${path}/log/main/current`);
    if (this.#ended) throw new Error(`${this.#make.name} has ended`);
    return { running, logging: performance.now() - since };
  }

  /** The process of a service, as it last told. */
  pid(index: number): number {
    return this.#pids[index] ?? 0;
  }

  /** What supervises and logs, without the services themselves. */
  overhead(): number[] {
    const services = new Set(this.#pids);
    const supervisor = this.#child?.pid ?? 0;
    return [supervisor, ...descendants(supervisor).filter((pid) => !services.has(pid))];
  }

  /** Kills a service. Returns the milliseconds until another process runs its `./run`. */
  async restart(index: number): Promise<number> {
    const since = performance.now();
    Deno.kill(this.pid(index), "SIGKILL");
    await this.#startOf(index);
    return performance.now() - since;
  }

  /** Takes a service down. Returns the milliseconds until its state says so. */
  async down(index: number): Promise<number> {
    const since = performance.now();
    await this.#make.down?.(this.place.paths[index] ?? "");
    return performance.now() - since;
  }

  /** Has a service up again that was taken down, and waits until it runs. */
  async up(index: number): Promise<void> {
    await this.#make.up?.(this.place.paths[index] ?? "");
    await this.#startOf(index);
  }

  /** Asks for the state of all. Returns the milliseconds that it took. */
  async status(): Promise<number> {
    const command: Command | undefined = this.#make.status?.(this.place);
    if (command === undefined) throw new Error(`${this.#make.name} tells nothing`);
    const { path, args, env = {} } = command;
    const since = performance.now();
    const { stdout } = await new Deno.Command(path, {
      args: [...args],
      cwd: this.place.services,
      env: { ...env },
      stdin: "null",
      stderr: "null",
    }).output();
    const took = performance.now() - since;
    const lines = new TextDecoder().decode(stdout).split("\n").length - 1;
    if (lines < this.place.paths.length) throw new Error(`${path} told of ${lines} services`);
    return took;
  }

  /** Has a service flood its log from now on. */
  flood(index: number): void {
    this.#gates.get(index)?.writeSync(new TextEncoder().encode("\n"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // From the top down, so that nothing is left that would start anything again.
    const supervisor = this.#child?.pid;
    if (supervisor !== undefined) {
      for (const pid of [supervisor, ...descendants(supervisor)]) signalIfAlive(pid, "SIGKILL");
    }
    await this.#child?.status;
    const deadline = performance.now() + GONE;
    for (;;) {
      const left = await processesIn(this.place.dir);
      if (left.length === 0) break;
      if (performance.now() > deadline) throw new Error(`${left.length} processes do not end`);
      for (const pid of left) signalIfAlive(pid, "SIGKILL");
      await pause(20);
    }
    this.#starts.close();
    for (const gate of this.#gates.values()) gate.close();
    await Deno.remove(this.place.dir, { recursive: true });
  }

  async #startOf(index: number): Promise<void> {
    for (;;) {
      const { index: started, pid } = await this.#starts.next();
      this.#pids[started] = pid;
      if (started === index) return;
    }
  }

  /** What a service does that floods: it waits for a line, and then is its `yes`. */
  #flooder(index: number): string {
    const path = `${this.place.dir}/gate-${index}`;
    this.#gates.set(index, openFifo(path));
    return `read -r line <${path}\nexec yes '${FLOOD}'\n`;
  }
}

async function filled(path: string): Promise<void> {
  for (const deadline = performance.now() + 60_000;;) {
    try {
      if (Deno.statSync(path).size > 0) return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    if (performance.now() > deadline) throw new Error(`nothing comes into ${path}`);
    await pause(5);
  }
}
