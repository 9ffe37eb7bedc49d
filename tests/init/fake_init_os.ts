import type { InitOs } from "../../src/init/os.ts";
import { OsError } from "../../src/os/error.ts";
import type { Ended, SpawnOptions } from "../../src/os/process.ts";

/** The name of a call of {@linkcode InitOs}. */
export type Call = keyof InitOs;

const decoder = new TextDecoder();

/** A machine in memory: processes that end when a test says so, modes of files, and a console. Any call can be made to fail. */
export class FakeInitOs implements InitOs {
  /** Modes by path. */
  readonly modes: Map<string, number> = new Map<string, number>();
  /** Lines on the console. */
  readonly lines: string[] = [];
  /** Signals that were sent, and what was done to disks and power, in their order. */
  readonly done: string[] = [];
  /** What was started, in its order. */
  readonly started: { readonly pid: number; readonly options: SpawnOptions }[] = [];
  /** The error of each call that fails now. */
  readonly failing: Map<Call, string> = new Map<Call, string>();
  readonly #ended: Ended[] = [];
  #pid = 100;
  #fd = 10;
  /** Descriptors that were opened and not closed. */
  readonly descriptors: Set<number> = new Set<number>();

  /** Ends the process that was started last from this path; of another, its number is enough. */
  end(which: string | number, code = 0): void {
    const pid = typeof which === "number"
      ? which
      : this.started.findLast(({ options }) => options.path === which)?.pid ?? -1;
    this.#ended.push({ pid, code, signal: code < 0 ? 9 : 0 });
  }

  /** Whether everything that has ended was collected. */
  get collected(): boolean {
    return this.#ended.length === 0;
  }

  /** The names of what was started. */
  get programs(): string[] {
    return this.started.map(({ options }) => options.path.slice("/etc/runit/".length));
  }

  #attempt(call: Call): void {
    const code = this.failing.get(call);
    if (code !== undefined) throw new OsError(code, call);
  }

  readonly open: InitOs["open"] = () => {
    this.#attempt("open");
    this.descriptors.add(++this.#fd);
    return this.#fd;
  };
  readonly close: InitOs["close"] = (fd) => {
    this.descriptors.delete(fd);
    this.#attempt("close");
  };
  readonly duplicateTo: InitOs["duplicateTo"] = () => this.#attempt("duplicateTo");
  readonly write: InitOs["write"] = (_fd, bytes) => {
    this.#attempt("write");
    this.lines.push(decoder.decode(bytes).replace(/^- runit: (.*)\n$/, "$1"));
    return bytes.length;
  };
  readonly modeOf: InitOs["modeOf"] = (path) => {
    this.#attempt("modeOf");
    const mode = this.modes.get(path);
    if (mode === undefined) throw new OsError("ENOENT", "stat");
    return mode;
  };
  readonly changeModeOf: InitOs["changeModeOf"] = (path, mode) => {
    this.#attempt("changeModeOf");
    if (!this.modes.has(path)) throw new OsError("ENOENT", "chmod");
    this.modes.set(path, mode);
  };
  readonly spawn: InitOs["spawn"] = (options) => {
    this.#attempt("spawn");
    this.started.push({ pid: ++this.#pid, options });
    return this.#pid;
  };
  readonly waitChild: InitOs["waitChild"] = () => {
    this.#attempt("waitChild");
    const ended = this.#ended.shift();
    if (ended === undefined) throw new OsError("ECHILD", "waitpid");
    return ended;
  };
  readonly kill: InitOs["kill"] = (pid, signal) => {
    this.done.push(`${signal} to ${pid}`);
    this.#attempt("kill");
  };
  readonly syncDisks: InitOs["syncDisks"] = () => {
    this.done.push("sync");
    return this.#settle("syncDisks");
  };
  readonly endSystem: InitOs["endSystem"] = (ending) => {
    this.done.push(ending);
    return this.#settle("endSystem");
  };

  #settle(call: Call): Promise<void> {
    return new Promise((resolve) => {
      this.#attempt(call);
      resolve();
    });
  }
}
