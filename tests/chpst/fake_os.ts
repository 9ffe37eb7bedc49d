import type { ChpstOs } from "../../src/chpst/os.ts";
import { OsError } from "../../src/os/error.ts";

const encoder = new TextEncoder();

/** Thrown where the program would run. */
export class Executed extends Error {
  readonly options: Parameters<ChpstOs["execute"]>[0];

  constructor(options: Parameters<ChpstOs["execute"]>[0]) {
    super("executed");
    this.options = options;
  }
}

/** What the fake system is like. */
export interface FakeSystem {
  /** Which call fails: its name, with which error, and at which time it is made, the first if not said. */
  failing?: { readonly call: string; readonly code: string; readonly time?: number };
  /** Files in any directory: their content, or the error of reading them. */
  files?: Readonly<Record<string, string | OsError>>;
  environment?: readonly string[];
  users?: Readonly<Record<string, { uid: number; gid: number }>>;
  groups?: Readonly<Record<string, number>>;
  /** What the ids really are after they were set. */
  left?: Partial<ReturnType<ChpstOs["identity"]>>;
  hard?: bigint;
  /** Descriptors that the program inherits. */
  inherited?: readonly number[];
}

/** A system that does nothing but write down what it was asked to do. */
export class FakeOs implements ChpstOs {
  /** The calls that change something, in their order. */
  readonly calls: string[] = [];
  readonly #system: FakeSystem;
  readonly #times = new Map<string, number>();
  readonly #open = new Map<number, Uint8Array | OsError>();
  #next = 10;
  #ids = { uids: [0, 0, 0], gids: [0, 0, 0], groups: [0] as number[] };

  constructor(system: FakeSystem = {}) {
    this.#system = system;
  }

  /** Notes a call, and fails if it is the one to fail. */
  #do(call: string, ...args: unknown[]): void {
    this.calls.push([call, ...args].join(" "));
    const time = (this.#times.get(call) ?? 0) + 1;
    this.#times.set(call, time);
    const { failing } = this.#system;
    if (failing?.call === call && (failing.time ?? 1) === time) {
      throw new OsError(failing.code, call);
    }
  }

  readonly open: ChpstOs["open"] = (path) => {
    const name = typeof path === "string" ? path : new TextDecoder().decode(path);
    this.#do("open", name);
    const file = this.#system.files?.[name];
    if (file instanceof OsError && file.syscall === "open") throw file;
    const fd = this.#next++;
    this.#open.set(fd, typeof file === "string" ? encoder.encode(file) : file ?? new Uint8Array(0));
    return fd;
  };
  readonly close: ChpstOs["close"] = (fd) => {
    this.calls.push("close");
    this.#open.delete(fd);
  };
  readonly closeOrFail: ChpstOs["closeOrFail"] = (fd) => this.#do("closeOrFail", fd);
  readonly closesOnExec: ChpstOs["closesOnExec"] = (fd) =>
    (this.#system.inherited ?? [0, 1, 2]).includes(fd) ? false : fd < 9 ? true : undefined;
  readonly read: ChpstOs["read"] = (fd, buffer) => {
    this.#do("read");
    const content = this.#open.get(fd);
    if (content instanceof OsError) {
      if (content.code === "EAGAIN") return undefined;
      throw content;
    }
    // A few bytes at a time.
    const part = content?.subarray(0, Math.min(buffer.length, 5)) ?? new Uint8Array(0);
    buffer.set(part);
    this.#open.set(fd, content?.subarray(part.length) ?? part);
    return part.length;
  };
  readonly lock: ChpstOs["lock"] = (_fd, { wait }) => this.#do("lock", wait ? "wait" : "at once");
  readonly changeDirectory: ChpstOs["changeDirectory"] = () => this.#do("changeDirectory");
  readonly changeDirectoryTo: ChpstOs["changeDirectoryTo"] = (path) =>
    this.#do("changeDirectoryTo", path);
  readonly changeRootHere: ChpstOs["changeRootHere"] = () => this.#do("changeRootHere");
  readonly listNames: ChpstOs["listNames"] = () => {
    this.#do("listNames");
    return Object.keys(this.#system.files ?? {}).map((name) => encoder.encode(name));
  };
  readonly startSession: ChpstOs["startSession"] = () => this.#do("startSession");
  readonly addNice: ChpstOs["addNice"] = (increment) => this.#do("addNice", increment);
  readonly userByName: ChpstOs["userByName"] = (name) => {
    this.#do("userByName", name);
    return this.#system.users?.[name];
  };
  readonly groupByName: ChpstOs["groupByName"] = (name) => {
    this.#do("groupByName", name);
    return this.#system.groups?.[name];
  };
  readonly setGroups: ChpstOs["setGroups"] = (gids) => {
    this.#do("setGroups", ...gids);
    // The kernel keeps them in its own order.
    this.#ids.groups = [...gids].sort((a, b) => a - b);
  };
  readonly setGroupId: ChpstOs["setGroupId"] = (gid) => {
    this.#do("setGroupId", gid);
    this.#ids.gids = [gid, gid, gid];
  };
  readonly setUserId: ChpstOs["setUserId"] = (uid) => {
    this.#do("setUserId", uid);
    this.#ids.uids = [uid, uid, uid];
  };
  readonly identity: ChpstOs["identity"] = () => {
    this.#do("identity");
    return { ...this.#ids, ...this.#system.left };
  };
  readonly getLimit: ChpstOs["getLimit"] = (resource) => {
    this.#do("getLimit", resource);
    return { soft: 0n, hard: this.#system.hard ?? (1n << 64n) - 1n };
  };
  readonly environment: ChpstOs["environment"] = () =>
    (this.#system.environment ?? []).map((entry) => encoder.encode(entry));
  readonly environmentVariable: ChpstOs["environmentVariable"] = () => encoder.encode("/bin");
  readonly setDisposition: ChpstOs["setDisposition"] = (signal, disposition) =>
    this.#do("setDisposition", signal, disposition);
  readonly execute: ChpstOs["execute"] = (options) => {
    this.#do("execute");
    throw new Executed(options);
  };
}
