/**
 * Namespaces of the kernel, in which a test may mount what it likes, and be pid 1.
 *
 * @module
 */

import { quoted } from "./shell.ts";

/** Which namespaces a command gets for itself. */
export type Namespaces = "mount" | "mount and pid";

const FLAGS: Readonly<Record<Namespaces, readonly string[]>> = {
  "mount": ["--mount"],
  "mount and pid": ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"],
};

/** The words that put a command into namespaces of its own. What it mounts there is gone when it has ended. */
export function unshare(namespaces: Namespaces): readonly string[] {
  return ["unshare", ...FLAGS[namespaces]];
}

const answers = new Map<Namespaces, boolean>();

/** Whether that is allowed here, which mostly means: whether this is root. */
export function canUnshare(namespaces: Namespaces): boolean {
  const known = answers.get(namespaces);
  if (known !== undefined) return known;
  const [command, ...args] = unshare(namespaces);
  let can = false;
  try {
    const script = "mount -t tmpfs tmpfs /mnt";
    can = new Deno.Command(command ?? "", {
      args: [...args, "sh", "-c", script],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch {
    // There is no such command.
  }
  answers.set(namespaces, can);
  return can;
}

/** A shell command that hides what is in a directory under an empty one. */
export function hide(path: string): string {
  return `mount -t tmpfs -o mode=755 tmpfs "$(realpath ${quoted(path)})"`;
}
