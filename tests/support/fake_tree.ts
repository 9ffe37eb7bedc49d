import { OsError } from "../../src/os/error.ts";
import type { FileType } from "../../src/os/file.ts";

/** A file, directory, FIFO or symbolic link of a {@linkcode FakeTree}. */
export interface Node {
  readonly type: FileType;
  mode: number;
  readonly inode: bigint;
  /** What a file holds. */
  content: Uint8Array;
  /** What a symbolic link holds. */
  readonly target: string;
  /** What is in a directory. */
  readonly entries: Map<string, Node>;
  /** The directory that it is in; `undefined` once it is removed, and for the root. */
  parent: Node | undefined;
}

/** How many symbolic links a path may lead through. */
const MAX_LINKS = 40;

/** A directory tree in memory. Paths are relative to a directory, by default the root. Errors are those of Linux. */
export class FakeTree {
  #inode = 1n;
  /** The directory `/`. */
  readonly root: Node = this.#node("directory", 0o755);

  /** Makes a directory and those above it. */
  directory(path: string): Node {
    let dir = this.root;
    for (const name of names(path)) {
      dir = dir.entries.get(name) ?? this.make("directory", name, 0o755, dir);
    }
    return dir;
  }

  /** Writes a file, making the directories above it; executable where it begins with `#!` and no mode is given. */
  file(path: string, content: string, mode?: number): void {
    const dir = this.directory(path.slice(0, path.lastIndexOf("/")));
    dir.entries.delete(base(path));
    const executable = content.startsWith("#!") ? 0o755 : 0o644;
    const node = this.make("file", base(path), mode ?? executable, dir);
    node.content = new TextEncoder().encode(content);
  }

  /** Makes a symbolic link, and the directories above it. */
  symlink(path: string, target: string): void {
    const dir = this.directory(path.slice(0, path.lastIndexOf("/")));
    const node = { ...this.#node("symlink", 0o777), target, parent: dir };
    dir.entries.set(base(path), node);
  }

  /** What is there. */
  get(path: string): Node {
    return this.find(path, this.root);
  }

  /** Whether anything is there, a symbolic link that leads nowhere included. */
  has(path: string): boolean {
    try {
      this.find(path, this.root, { follow: false });
      return true;
    } catch {
      return false;
    }
  }

  /** The content of a file as text. */
  text(path: string): string {
    return new TextDecoder().decode(this.get(path).content);
  }

  /** The names in a directory, sorted. */
  list(path: string): string[] {
    return [...this.get(path).entries.keys()].sort();
  }

  /** Removes whatever is there, with all that is in it. Who has it open keeps it. */
  remove(path: string): void {
    removeAll(this.find(path, this.root, { follow: false }));
  }

  /** The path of something that is in the tree; of what was removed, its name is unknown. */
  pathOf(node: Node): string {
    const { parent } = node;
    if (parent === undefined) return node === this.root ? "" : "(removed)";
    const [name] = [...parent.entries].find(([, entry]) => entry === node) ?? [];
    return `${this.pathOf(parent)}/${name}`;
  }

  /**
   * Looks a path up, as the kernel does.
   *
   * @throws {OsError} `ENOENT`, `ENOTDIR` or `ELOOP`.
   */
  find(path: string, from: Node, options: { follow?: boolean } = {}): Node {
    return this.#find(path, from, options.follow ?? true, 0);
  }

  /**
   * Makes something that is not there.
   *
   * @throws {OsError} `EEXIST` if it is; or as {@linkcode find} fails for what is above it.
   */
  make(type: FileType, path: string, mode: number, from: Node): Node {
    const dir = this.#above(path, from);
    // Nothing can be made in a directory that was removed.
    if (dir.parent === undefined && dir !== this.root) throw new OsError("ENOENT", "make");
    if (dir.entries.has(base(path))) throw new OsError("EEXIST", "make");
    const node = this.#node(type, mode);
    node.parent = dir;
    dir.entries.set(base(path), node);
    return node;
  }

  /** Gives something another name; what had that is replaced. */
  rename(from: string, to: string, dir: Node): void {
    const node = this.find(from, dir, { follow: false });
    const target = this.#above(to, dir);
    detach(node);
    target.entries.get(base(to))?.entries.clear();
    target.entries.set(base(to), node);
    node.parent = target;
  }

  /** Removes what is not a directory. */
  unlink(path: string, dir: Node): void {
    const node = this.find(path, dir, { follow: false });
    if (node.type === "directory") throw new OsError("EISDIR", "unlink");
    detach(node);
  }

  #node(type: FileType, mode: number): Node {
    return {
      type,
      mode,
      inode: this.#inode++,
      content: new Uint8Array(0),
      target: "",
      entries: new Map(),
      parent: undefined,
    };
  }

  #above(path: string, from: Node): Node {
    const slash = path.lastIndexOf("/");
    return slash < 0 ? from : this.find(path.slice(0, slash) || "/", from);
  }

  #find(path: string, from: Node, follow: boolean, links: number): Node {
    if (links > MAX_LINKS) throw new OsError("ELOOP", "find");
    let node = path.startsWith("/") ? this.root : from;
    const parts = names(path);
    parts.forEach((name, i) => {
      if (node.type !== "directory") throw new OsError("ENOTDIR", "find");
      if (name === "..") {
        node = node.parent ?? node;
        return;
      }
      const entry = node.entries.get(name);
      if (entry === undefined) throw new OsError("ENOENT", "find");
      const last = i === parts.length - 1;
      node = entry.type === "symlink" && (follow || !last)
        ? this.#find(entry.target, node, true, links + 1)
        : entry;
    });
    return node;
  }
}

function detach(node: Node): void {
  const { parent } = node;
  if (parent === undefined) return;
  for (const [name, entry] of parent.entries) if (entry === node) parent.entries.delete(name);
  node.parent = undefined;
}

function removeAll(node: Node): void {
  for (const entry of [...node.entries.values()]) removeAll(entry);
  detach(node);
}

function names(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function base(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
