/**
 * An operating system in memory: a directory tree with FIFOs, pipes, locks and processes, whose calls can be made to
 * fail. Nothing in it happens by itself.
 *
 * @module
 */

import type { Time } from "../../src/os/clock.ts";
import type { OpenOptions } from "../../src/os/descriptor.ts";
import { OsError } from "../../src/os/error.ts";
import type { FileStatus } from "../../src/os/file.ts";
import type { Os } from "../../src/os/os.ts";
import type { Ended, SpawnOptions } from "../../src/os/process.ts";
import type { SignalName } from "../../src/os/signal.ts";
import { FakeTree, type Node } from "./fake_tree.ts";

/** Bytes on their way; both kinds of pipe have one. */
interface Channel {
  bytes: number[];
  readers: number;
  writers: number;
}

/** What a descriptor is open on. Several descriptors may share one. */
interface OpenFile {
  readonly node: Node | undefined;
  readonly channel: Channel | undefined;
  readonly access: "read" | "write" | "both";
  references: number;
}

/** Which calls fail. */
export interface Failing {
  /** The name of the member of `Os`. */
  readonly call: keyof Os;
  readonly code: string;
  /** Only calls with a path that matches. */
  readonly path?: RegExp;
}

/** A process that was started and has not been collected. */
export interface FakeProcess {
  readonly pid: number;
  readonly options: Readonly<SpawnOptions>;
  /** Its descriptors 0, 1 and 2, so far as they were given. */
  readonly files: readonly (OpenFile | undefined)[];
  /** The signals that it was sent. */
  readonly signals: SignalName[];
  ended: Ended | undefined;
}

const encoder = new TextEncoder();

/** See the module's documentation. */
export class FakeOs implements Os {
  /** The files. The service directory of a test is usually `/service`. */
  readonly tree: FakeTree = new FakeTree();
  /** The wall clock, for tests to set. */
  wall: Time = { seconds: 1_700_000_000, nanoseconds: 0 };
  /** How many descriptors can be open. */
  limit = 1024;
  /** Signals that were sent, such as `"TERM 100"`. */
  readonly sent: string[] = [];
  readonly #failing = new Set<Failing>();
  readonly #open = new Map<number, OpenFile>();
  readonly #fifos = new WeakMap<Node, Channel>();
  readonly #locks = new WeakMap<Node, OpenFile>();
  readonly #processes = new Map<number, FakeProcess>();
  #pid = 100;

  /** Makes calls fail until the returned function is called. */
  fail(failing: Failing): () => void {
    this.#failing.add(failing);
    return () => this.#failing.delete(failing);
  }

  /** How many descriptors are open, those of processes not counted. */
  get openCount(): number {
    return this.#open.size;
  }

  /** The processes that run, in the order of their start. */
  get running(): FakeProcess[] {
    return [...this.#processes.values()].filter(({ ended }) => ended === undefined);
  }

  /** The process of that path that runs, such as `"./run"`, of the service or (`in` being `"log"`) of its logger. */
  process(path: string, subdir?: string): FakeProcess {
    const found = this.running.find(({ options }) =>
      options.path === path && options.subdir === subdir
    );
    if (found === undefined) throw new Error(`${path} does not run`);
    return found;
  }

  /** Ends a process. Its parent has to be told by a signal of the fake reactor. */
  end(process: FakeProcess, exit: { code?: number; signal?: number } = {}): void {
    const { code = 0, signal = 0 } = exit;
    process.ended = { pid: process.pid, code, signal };
    for (const file of process.files) if (file !== undefined) this.#release(file);
  }

  /** Writes to what a process has as its standard output. */
  output(process: FakeProcess, text: string): void {
    process.files[1]?.channel?.bytes.push(...encoder.encode(text));
  }

  /** Reads all that is in what a process has as its standard input; `undefined` at its end. */
  input(process: FakeProcess): string | undefined {
    const channel = process.files[0]?.channel;
    if (channel === undefined || (channel.bytes.length === 0 && channel.writers === 0)) {
      return undefined;
    }
    return new TextDecoder().decode(new Uint8Array(channel.bytes.splice(0)));
  }

  /** Writes to a FIFO as somebody else does, through its path. */
  writeFifo(path: string, text: string): void {
    const channel = this.#channel(this.tree.get(path));
    if (channel.readers === 0) throw new OsError("ENXIO", "open");
    channel.bytes.push(...encoder.encode(text));
  }

  /** Whether somebody reads a FIFO. */
  hasReader(path: string): boolean {
    return this.#channel(this.tree.get(path)).readers > 0;
  }

  readonly open = (path: string | Uint8Array, options: OpenOptions = {}): number => {
    const { access = "read" } = options;
    const name = text(path);
    this.#attempt("open", name);
    const node = this.#openNode(name, options);
    if (options.truncate && node.type === "file") node.content = new Uint8Array(0);
    if (node.type === "directory" && access !== "read") throw new OsError("EISDIR", "open");
    if ((options.directory || options.search) && node.type !== "directory") {
      throw new OsError("ENOTDIR", "open");
    }
    const channel = node.type === "fifo" ? this.#channel(node) : undefined;
    if (channel?.readers === 0 && access === "write") {
      if (options.nonblocking) throw new OsError("ENXIO", "open");
      throw new Error(`opening ${name} would wait for ever`);
    }
    return this.#give({ node, channel, access, references: 0 });
  };

  readonly close = (fd: number): void => {
    const file = this.#open.get(fd);
    if (file === undefined) throw new Error(`descriptor ${fd} is closed that is not open`);
    this.#open.delete(fd);
    this.#release(file);
  };

  readonly read = (fd: number, buffer: Uint8Array): number | undefined => {
    this.#attempt("read");
    const { channel } = this.#file(fd, "read");
    if (channel === undefined) throw new OsError("EISDIR", "read");
    if (channel.bytes.length === 0) return channel.writers === 0 ? 0 : undefined;
    const bytes = channel.bytes.splice(0, buffer.length);
    buffer.set(bytes);
    return bytes.length;
  };

  readonly write = (fd: number, bytes: Uint8Array): number => {
    const { node, channel } = this.#file(fd, "write");
    this.#attempt("write", node === undefined ? "" : this.tree.pathOf(node));
    if (channel !== undefined) channel.bytes.push(...bytes);
    else if (node !== undefined) node.content = new Uint8Array([...node.content, ...bytes]);
    return bytes.length;
  };

  readonly writeAll = (fd: number, bytes: Uint8Array): void => {
    const { node } = this.#file(fd, "write");
    this.#attempt("writeAll", node === undefined ? "" : this.tree.pathOf(node));
    this.write(fd, bytes);
  };

  readonly pipe = (): { read: number; write: number } => {
    this.#attempt("pipe");
    if (this.#open.size + 2 > this.limit) throw new OsError("EMFILE", "pipe");
    const channel = { bytes: [], readers: 0, writers: 0 };
    const end = (access: "read" | "write"): number =>
      this.#give({ node: undefined, channel, access, references: 0 });
    return { read: end("read"), write: end("write") };
  };

  readonly lock = (fd: number, { wait }: { wait: boolean }): void => {
    this.#attempt("lock");
    const file = this.#file(fd, "write");
    if (file.node === undefined) throw new OsError("EINVAL", "flock");
    const holder = this.#locks.get(file.node);
    if (holder !== undefined && holder !== file && holder.references > 0) {
      if (!wait) throw new OsError("EAGAIN", "flock");
      throw new Error("locking would wait for ever");
    }
    this.#locks.set(file.node, file);
  };

  readonly hasInput = (fd: number): boolean =>
    (this.#file(fd, "read").channel?.bytes.length ?? 0) > 0;

  readonly makeDirectory = (path: string, mode: number, dir?: number): void => {
    this.#attempt("makeDirectory", path);
    this.tree.make("directory", path, mode, this.#directory(dir));
  };

  readonly makeFifo = (path: string, mode: number, dir?: number): void => {
    this.#attempt("makeFifo", path);
    this.tree.make("fifo", path, mode, this.#directory(dir));
  };

  readonly rename = (from: string, to: string, dir?: number): void => {
    this.#attempt("rename", from);
    this.tree.rename(from, to, this.#directory(dir));
  };

  readonly unlink = (path: string, dir?: number): void => {
    this.#attempt("unlink", path);
    this.tree.unlink(path, this.#directory(dir));
  };

  readonly readLink = (path: string, dir?: number): string => {
    this.#attempt("readLink", path);
    const node = this.tree.find(path, this.#directory(dir), { follow: false });
    if (node.type !== "symlink") throw new OsError("EINVAL", "readlink");
    return node.target;
  };

  readonly stat = (
    path: string | Uint8Array,
    dir?: number,
    options: { follow?: boolean } = {},
  ): FileStatus => {
    this.#attempt("stat", text(path));
    const { type, mode, inode, content } = this.tree.find(
      text(path),
      this.#directory(dir),
      options,
    );
    const ids = { uid: 0, gid: 0, inode, device: 1n };
    return { type, mode, size: content.length, modified: this.wall, ...ids };
  };

  readonly spawn = (options: SpawnOptions): number => {
    this.#attempt("spawn", options.path);
    const given = (options.descriptors ?? []).map((fd) =>
      fd === undefined ? undefined : this.#file(fd)
    );
    let dir = this.#directory(options.dir);
    if (options.subdir !== undefined) dir = this.tree.find(options.subdir, dir);
    const program = this.tree.find(options.path, dir);
    if (program.type !== "file" || (program.mode & 0o111) === 0) {
      throw new OsError("EACCES", "spawn");
    }
    if (!new TextDecoder().decode(program.content).startsWith("#!")) {
      throw new OsError("ENOEXEC", "spawn");
    }
    for (const file of given) if (file !== undefined) this.#hold(file);
    const pid = this.#pid++;
    this.#processes.set(pid, { pid, options, files: given, signals: [], ended: undefined });
    return pid;
  };

  readonly waitChild = (pid: number): Ended | undefined => {
    this.#attempt("waitChild");
    const mine = [...this.#processes.values()].filter((one) => pid === -1 || one.pid === pid);
    if (mine.length === 0) throw new OsError("ECHILD", "waitpid");
    const { ended } = mine.find((one) => one.ended !== undefined) ?? {};
    if (ended !== undefined) this.#processes.delete(ended.pid);
    return ended;
  };

  readonly kill = (pid: number, signal: SignalName): void => {
    this.#attempt("kill");
    const process = this.#processes.get(pid);
    if (process === undefined) throw new OsError("ESRCH", "kill");
    this.sent.push(`${signal} ${pid}`);
    process.signals.push(signal);
  };

  readonly wallClock = (): Time => this.wall;

  #attempt(call: keyof Os, path = ""): void {
    for (const failing of this.#failing) {
      if (failing.call === call && (failing.path?.test(path) ?? true)) {
        throw new OsError(failing.code, call);
      }
    }
  }

  #openNode(path: string, options: OpenOptions): Node {
    if (this.#open.size >= this.limit) throw new OsError("EMFILE", "open");
    const dir = this.#directory(options.dir);
    if (!options.create) return this.tree.find(path, dir);
    try {
      const node = this.tree.find(path, dir);
      if (options.exclusive) throw new OsError("EEXIST", "open");
      return node;
    } catch (error) {
      if (!(error instanceof OsError) || error.code !== "ENOENT") throw error;
      return this.tree.make("file", path, options.mode ?? 0o644, dir);
    }
  }

  #directory(fd: number | undefined): Node {
    if (fd === undefined || fd < 0) return this.tree.root;
    const { node } = this.#file(fd);
    if (node?.type !== "directory") throw new OsError("ENOTDIR", "openat");
    return node;
  }

  #file(fd: number, access?: "read" | "write"): OpenFile {
    const file = this.#open.get(fd);
    if (file === undefined) throw new OsError("EBADF", "fd");
    if (access !== undefined && file.access !== access && file.access !== "both") {
      throw new OsError("EBADF", "fd");
    }
    return file;
  }

  #channel(fifo: Node): Channel {
    const channel = this.#fifos.get(fifo) ?? { bytes: [], readers: 0, writers: 0 };
    this.#fifos.set(fifo, channel);
    return channel;
  }

  #give(file: OpenFile): number {
    let fd = 3;
    while (this.#open.has(fd)) fd++;
    this.#open.set(fd, file);
    this.#hold(file);
    return fd;
  }

  #hold(file: OpenFile): void {
    if (file.references++ > 0 || file.channel === undefined) return;
    if (file.access !== "write") file.channel.readers++;
    if (file.access !== "read") file.channel.writers++;
  }

  #release(file: OpenFile): void {
    if (--file.references > 0 || file.channel === undefined) return;
    if (file.access !== "write") file.channel.readers--;
    if (file.access !== "read") file.channel.writers--;
  }
}

function text(path: string | Uint8Array): string {
  return typeof path === "string" ? path : new TextDecoder().decode(path);
}
