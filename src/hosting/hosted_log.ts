import { Diagnostics, type Sink } from "../cli/diagnostics.ts";
import { close, touchInBackground } from "../os/descriptor.ts";
import type { Reactor } from "../os/reactor.ts";
import type { HostedLogger } from "../runsv/hosted_logger.ts";
import type { ExitStatus, Signal } from "../runsv/unit.ts";
import type { LogHost, LogSystem } from "../svlogd/host.ts";
import { Input } from "../svlogd/input.ts";
import { type InputBlock, LogWriter } from "../svlogd/log_writer.ts";
import type { CommandLine } from "../svlogd/options.ts";

/** What a {@linkcode HostedLog} works with. */
export interface HostedLogOptions {
  readonly line: CommandLine;
  /** The directory that names of log directories are relative to: an open one, and a path from there. */
  readonly place: { readonly dir: number; readonly path: string };
  /** The log pipe, on a description of its own, which does not block. It is closed at the end. */
  readonly input: number;
  readonly reactor: Reactor;
  /** The calls, with relative names taken from `place`. */
  readonly system: LogSystem;
  /** Does what waits for a disk on another thread, when there is room. */
  readonly inBackground: (work: () => Promise<void>) => Promise<void>;
  readonly onChildEnd: LogHost["onEnd"];
  /** Where its messages and alerts go. */
  readonly sink: Sink;
  readonly block: InputBlock;
  readonly mayRead: () => boolean;
  /** Called once, never before the constructor has returned. */
  readonly onEnd: (exit: ExitStatus) => void;
}

const SUCCESS: ExitStatus = { code: 0, signal: 0 };
const FAILURE: ExitStatus = { code: 111, signal: 0 };
const KILLED: ExitStatus = { code: -1, signal: 9 };

/** Mode of a lock file. */
const LOCK_MODE = 0o600;

/**
 * One svlogd, without a process of its own.
 *
 * It opens its log directories only after another thread has been able to, so that a disk that does not answer is
 * waited for there; until then it takes nothing from the pipe.
 */
export class HostedLog implements HostedLogger {
  readonly #options: HostedLogOptions;
  readonly #diagnostics: Diagnostics;
  #open: { readonly writer: LogWriter; readonly input: Input } | undefined;
  #ended = false;
  /** Whether STOP came, and what came after it: a stopped process gets that when it goes on. */
  #stopped = false;
  #behind: Signal[] = [];

  constructor(options: HostedLogOptions) {
    this.#options = options;
    this.#diagnostics = new Diagnostics("svlogd", options.sink);
    this.#start().catch((error) => this.#fail(error));
  }

  signal(signal: Signal): void {
    if (this.#ended) return;
    if (signal === "KILL") return this.#kill();
    if (signal === "CONT") return this.#continue();
    if (this.#stopped) {
      this.#behind.push(signal);
      return;
    }
    const { input, writer } = this.#open ?? {};
    switch (signal) {
      case "STOP":
        this.#stopped = true;
        input?.hold();
        return;
      case "ALRM":
        this.#info("sigalarm received.");
        writer?.rotate();
        input?.resume();
        return;
      case "HUP":
        this.#info("sighangup received.");
        writer?.reopen();
        input?.resume();
        return;
      default:
        // Whatever else would have ended a svlogd without a word ends this one in good order.
        if (signal === "TERM") this.#info("sigterm received.");
        if (input === undefined) this.#end(SUCCESS);
        else input.stop();
    }
  }

  #continue(): void {
    this.#stopped = false;
    const behind = this.#behind;
    this.#behind = [];
    for (const signal of behind) this.signal(signal);
    if (!this.#stopped) this.#open?.input.release();
  }

  #kill(): void {
    const open = this.#open;
    if (open === undefined) return this.#end(KILLED);
    open.input.close();
    open.writer.abandon().then(() => this.#end(KILLED), (error) => this.#fail(error));
  }

  async #start(): Promise<void> {
    const { line, place, inBackground } = this.#options;
    for (const name of line.names) {
      const path = name.startsWith("/") ? name : `${place.path}/${name}`;
      await inBackground(() => touchInBackground(`${path}/lock`, place.dir, LOCK_MODE));
      if (this.#ended) return;
    }
    const { reactor, system, onChildEnd, sink, input: fd, block, mayRead } = this.#options;
    const host: LogHost = {
      system,
      after: (milliseconds, callback) => reactor.after(milliseconds, this.#guarded(callback)),
      onEnd: (pid, callback) => onChildEnd(pid, (code) => this.#guarded(() => callback(code))()),
      say: (severity, what, error) => this.#diagnostics.say(severity, what, error),
      alert: sink,
      verbose: line.verbose,
    };
    const writer = new LogWriter(line.names, line, host, () => {
      if (writer.isFunctional) input.resume();
      else this.#noDirectories();
    });
    const input = new Input({
      fd,
      reactor: this.#watching(),
      writer,
      lineLength: line.lineLength,
      block,
      mayRead,
      onEnd: (error) => {
        if (error !== undefined) {
          this.#diagnostics.warning("unable to read standard input", error);
        }
        writer.endLine();
        writer.close().then(() => this.#end(SUCCESS), (failure) => this.#fail(failure));
      },
    });
    this.#open = { writer, input };
    if (!writer.isFunctional) this.#noDirectories();
    else if (this.#stopped) input.hold();
    else input.resume();
  }

  #noDirectories(): void {
    if (this.#ended) return;
    this.#diagnostics.fatal("no functional log directories.");
    this.#open?.input.close();
    this.#end(FAILURE);
  }

  /** A slip of ours costs this logger its life, and none of the others. */
  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#diagnostics.warning("internal error", error);
    const open = this.#open;
    open?.input.close();
    Promise.resolve(open?.writer.abandon()).catch(() => undefined).then(() => this.#end(FAILURE));
  }

  #guarded(callback: () => void): () => void {
    return () => {
      try {
        callback();
      } catch (error) {
        this.#fail(error);
      }
    };
  }

  #watching(): Pick<Reactor, "onReadable" | "now"> {
    const { reactor } = this.#options;
    return {
      onReadable: (fd, callback) => reactor.onReadable(fd, this.#guarded(callback)),
      now: () => reactor.now(),
    };
  }

  #info(what: string): void {
    if (this.#options.line.verbose) this.#diagnostics.say("info", what);
  }

  #end(exit: ExitStatus): void {
    if (this.#ended) return;
    this.#ended = true;
    close(this.#options.input);
    this.#options.onEnd(exit);
  }
}
