import { type Sink, writeStderr, writeStdout } from "../cli/diagnostics.ts";
import {
  changeModeInBackground,
  open,
  syncInBackground,
  writeInBackground,
} from "../os/descriptor.ts";
import { errorCode } from "../os/error.ts";
import { stat } from "../os/file.ts";
import { identity } from "../os/ids.ts";
import type { Os } from "../os/os.ts";
import type { Cancel, Reactor } from "../os/reactor.ts";
import type { Children } from "../runsv/children.ts";
import type { HostedLogger, LoggerHost } from "../runsv/hosted_logger.ts";
import { hostSystem, type LogSystem } from "../svlogd/host.ts";
import { type InputBlock, inputBlock } from "../svlogd/log_writer.ts";
import { HostedLog } from "./hosted_log.ts";
import { findRecipe } from "./recipe.ts";
import { Gate, TurnBudget } from "./turns.ts";

/** Bytes that one logger reads at a time: what a pipe holds, unless it is asked to hold more. */
const BLOCK_SIZE = 64 * 1024;

/**
 * Milliseconds that all loggers together may read and format before everything else has its turn. Those that get none
 * come first in the next, as the others wait for their disks.
 */
const TURN = 4;

/** How many calls wait for a disk at a time, each on a thread: for each file system, and for those that are not known yet. */
const USUAL = 4;
const MOST = 64;

/** What {@linkcode BuiltinLoggers} works with. */
export interface BuiltinLoggersOptions {
  readonly os: Os;
  readonly reactor: Reactor;
  readonly children: Children;
  /** Whether a `log/run` that does nothing but become svlogd is hosted; or only where there is none. */
  readonly scripts: boolean;
  /** Where messages go; standard error if left out. */
  readonly sink?: Sink | undefined;
  /** What is standard error of processors; that of this process if left out. */
  readonly stderr?: number | undefined;
}

/** Hosts the loggers of this process: one block to read into, one budget of time, a few threads that wait for disks. */
export class BuiltinLoggers implements LoggerHost {
  readonly #options: BuiltinLoggersOptions;
  readonly #budget: TurnBudget;
  readonly #opening: Gate;
  readonly #gates = new Map<bigint, Gate>();
  readonly #superuser: boolean;
  readonly #processors = new Set<number>();
  #block: InputBlock | undefined;
  #lineLength = 0;

  constructor(options: BuiltinLoggersOptions) {
    this.#options = options;
    this.#budget = new TurnBudget(() => options.reactor.now(), TURN);
    this.#opening = this.#newGate();
    this.#superuser = identity().uids[1] === 0;
  }

  get pids(): Iterable<number> {
    return this.#processors;
  }

  start(options: Parameters<LoggerHost["start"]>[0]): HostedLogger | undefined {
    const { dir, onEnd } = options;
    const { os, reactor, children, scripts, sink = writeStderr } = this.#options;
    const recipe = findRecipe(os, dir, { scripts, superuser: this.#superuser });
    if (recipe === undefined) return undefined;
    const input = ownDescription(options.input);
    if (input === undefined) return undefined;
    const { line, toStdout } = recipe;
    return new HostedLog({
      line,
      place: { dir, path: "log" },
      input,
      reactor,
      system: this.#system(dir, toStdout ? 1 : this.#options.stderr),
      inBackground: (work) => this.#opening.pass(work),
      onChildEnd: (pid, callback) => {
        this.#processors.add(pid);
        children.onEnd(pid, ({ code }) => {
          this.#processors.delete(pid);
          callback(code);
        });
      },
      sink: toStdout ? writeStdout : sink,
      block: this.#blockFor(line.lineLength),
      mayRead: () => this.#budget.mayGoOn(),
      onEnd,
    });
  }

  /** The calls of one logger, as if it were in `log/`. */
  #system(service: number, stderr: number | undefined): LogSystem {
    const { os } = this.#options;
    let gate: Gate | undefined;
    return {
      ...hostSystem,
      open: (path, options = {}) => {
        if (options.dir !== undefined || typeof path !== "string" || path.startsWith("/")) {
          return open(path, options);
        }
        return open(`log/${path}`, { ...options, dir: service });
      },
      writeInBackground: (fd, bytes) => {
        gate ??= this.#gateOf(fd);
        return gate.pass(() => writeInBackground(fd, bytes));
      },
      sync: (fd) => {
        gate ??= this.#gateOf(fd);
        return gate.pass(() => syncInBackground(fd));
      },
      // fsync(2) says nothing of a disk that has all bytes already. This must reach it.
      changeModeInBackground: (fd, mode) => {
        gate ??= this.#gateOf(fd);
        return gate.pass(() => changeModeInBackground(fd, mode));
      },
      spawn: ({ descriptors: [input, output, , ...more] = [], ...rest }) =>
        os.spawn({ ...rest, descriptors: [input, output, stderr, ...more] }),
    };
  }

  /** Disks are told apart by the file that is written: one that does not answer keeps nobody else waiting. */
  #gateOf(fd: number): Gate {
    const device = deviceOf(fd);
    const gate = this.#gates.get(device) ?? this.#newGate();
    this.#gates.set(device, gate);
    return gate;
  }

  #newGate(): Gate {
    const { reactor } = this.#options;
    const after = (milliseconds: number, callback: () => void): Cancel =>
      reactor.after(milliseconds, callback);
    return new Gate({ usual: USUAL, most: MOST, after });
  }

  #blockFor(lineLength: number): InputBlock {
    if (this.#block === undefined || lineLength > this.#lineLength) {
      this.#lineLength = lineLength;
      this.#block = inputBlock(BLOCK_SIZE, lineLength);
    }
    return this.#block;
  }
}

/**
 * Another description of the pipe: whether reads wait is a matter of the description, and this one's must not, while
 * processes that read the same pipe rely on theirs.
 */
function ownDescription(pipe: number): number | undefined {
  try {
    return open(`/dev/fd/${pipe}`, { nonblocking: true });
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

function deviceOf(fd: number): bigint {
  try {
    return stat(`/dev/fd/${fd}`).device;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return -1n;
  }
}
