import { Diagnostics } from "../../src/cli/diagnostics.ts";
import { Children } from "../../src/runsv/children.ts";
import { Supervisor } from "../../src/runsv/supervisor.ts";
import { decodeStatus, type ServiceStatus } from "../../src/service/status.ts";
import { FakeOs, type FakeProcess } from "../support/fake_os.ts";
import { FakeReactor } from "../support/fake_reactor.ts";

/** Descriptors of a service: lock, control (with one for each end where it takes two), ok. */
export const OF_ONE: number = Deno.build.os === "linux" ? 3 : 4;

/** A supervisor of `/service` in a fake system. */
export class Supervised {
  readonly os: FakeOs = new FakeOs();
  readonly reactor: FakeReactor = new FakeReactor((fd) => this.os.hasInput(fd));
  /** What was said on standard error, line by line. */
  readonly said: string[] = [];
  /** Whether the supervisor has called it over. */
  exited = false;
  /** How many descriptors the test itself has open: the one of the service directory. */
  readonly own = 1;
  readonly #dir: number;
  readonly #children: Children;
  #supervisor: Supervisor | undefined;

  /** @param files Files of the service; executable are those that begin with `#!`. */
  constructor(files: Readonly<Record<string, string>> = { run: "#!" }) {
    for (const [name, content] of Object.entries(files)) {
      this.os.tree.file(`/service/${name}`, content);
    }
    this.#dir = this.os.open("/service", { directory: true });
    this.#children = new Children(this.os, this.reactor);
  }

  /**
   * Has it supervised.
   *
   * @param stderr Standard error of what is started; that of the supervisor if left out.
   * @throws {SuperviseError} If it cannot be.
   */
  start(stderr?: number): this {
    const decoder = new TextDecoder();
    const sink = (bytes: Uint8Array): void => {
      this.said.push(decoder.decode(bytes).replace(/\n$/, ""));
    };
    this.#supervisor = new Supervisor({
      os: this.os,
      reactor: this.reactor,
      children: this.#children,
      dir: this.#dir,
      diagnostics: new Diagnostics("runsv s", sink),
      stderr,
      onExit: () => this.exited = true,
    });
    this.#supervisor.start();
    return this;
  }

  /** As on a TERM. */
  terminate(): void {
    this.#supervisor?.terminate();
  }

  /** Sends control characters. */
  control(characters: string, prefix: "" | "log/" = ""): void {
    this.os.writeFifo(`/service/${prefix}supervise/control`, characters);
    this.reactor.settle();
  }

  /** A process that runs: `./run`, `./finish` or a control script. */
  process(path: string, subdir?: string): FakeProcess {
    return this.os.process(path, subdir);
  }

  /** The paths of all processes that run, those of the logger with `log/` before them. */
  get running(): string[] {
    return this.os.running.map(({ options: { path, subdir } }) =>
      subdir === undefined ? path : `${subdir}/${path}`
    );
  }

  /** Ends a process, after so many milliseconds. */
  end(path: string, options: EndOptions = {}): void {
    const { after = 2000, subdir, ...exit } = options;
    this.reactor.advance(after);
    this.os.end(this.os.process(path, subdir), exit);
    this.reactor.raise("CHLD");
  }

  /** The status record on disk. */
  status(prefix: "" | "log/" = ""): ServiceStatus {
    const status = decodeStatus(
      this.os.tree.get(`/service/${prefix}supervise/status`).content,
    );
    if (status === undefined) throw new Error("the status record has another size");
    return status;
  }

  /** The file `supervise/stat`, without its newline. */
  stat(prefix: "" | "log/" = ""): string {
    return this.os.tree.text(`/service/${prefix}supervise/stat`).trimEnd();
  }
}

/** How a process ends in {@linkcode Supervised.end}. */
export interface EndOptions {
  /** Milliseconds that pass before. @default {2000} */
  readonly after?: number;
  /** `"log"` for a process of the logger. */
  readonly subdir?: string;
  /** @default {0} */
  readonly code?: number;
  /** @default {0} */
  readonly signal?: number;
}
