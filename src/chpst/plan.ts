/**
 * What chpst does, as data: the changes in their order, and the program.
 *
 * @module
 */

import type { Resource } from "../os/platform.ts";

/** What becomes of a directory among the files of an envdir. */
export type StrayDirectory = "skip" | "warn" | "fail";

/** One change of the process state. */
export type Change =
  /** Start a session; no harm if the process leads a group already. */
  | { readonly kind: "session" }
  /** Change the environment as the files of a directory say. */
  | { readonly kind: "envdir"; readonly path: string; readonly directories: StrayDirectory }
  /** Change the root directory, and go there. */
  | { readonly kind: "root"; readonly path: string }
  /** Change the current directory. */
  | { readonly kind: "directory"; readonly path: string }
  /** Add to the nice value. */
  | { readonly kind: "nice"; readonly increment: number }
  /** Set `$UID` and `$GID`. */
  | { readonly kind: "variables"; readonly account: Account }
  /** Set groups, group id and user id. */
  | { readonly kind: "ids"; readonly account: Account }
  /** Take a lock that the program holds then. */
  | { readonly kind: "lock"; readonly path: string; readonly wait: boolean }
  /** Close a standard stream. */
  | { readonly kind: "close"; readonly descriptor: 0 | 1 | 2 }
  /** Set a soft limit; what is more than the hard one is as much as that. */
  | { readonly kind: "limit"; readonly resource: Resource; readonly value: bigint };

/** Whose ids: as it was written, and whether only a user's name is understood or all of chpst's forms. */
export interface Account {
  readonly text: string;
  readonly syntax: "user" | "any";
}

/** The changes in their order, and what to run then. */
export interface Plan {
  readonly changes: readonly Change[];
  /** The program, looked for along `PATH` if it has no slash. */
  readonly file: string;
  /** Its arguments, beginning with its own name. */
  readonly argv: readonly string[];
  /** Whether a failure is no failure, and not worth a word. */
  readonly lenient: boolean;
}

/** What was asked for, in no order. */
export interface Settings {
  session?: boolean;
  envdir?: { readonly path: string; readonly directories: StrayDirectory };
  root?: string;
  directory?: string;
  nice?: number;
  variables?: Account;
  ids?: Account;
  lock?: { readonly path: string; readonly wait: boolean };
  close?: Set<0 | 1 | 2>;
  limits?: Map<Resource, bigint>;
  argv0?: string;
  lenient?: boolean;
}

/** The order in which limits are set: as the reference sets them. */
const LIMITS: readonly Resource[] = [
  "DATA",
  "STACK",
  "MEMLOCK",
  "AS",
  "NOFILE",
  "NPROC",
  "FSIZE",
  "CORE",
  "RSS",
  "CPU",
];

/**
 * Puts what was asked for in order. Each change happens in the state that those before it have made: an envdir is read
 * from outside the new root with the rights one had, users are looked up inside, a lock is opened with the
 * user's own rights, and limits come last, so that they are the program's alone.
 *
 * @param settings What was asked for.
 * @param program The program and its arguments.
 */
export function plan(settings: Settings, program: readonly string[]): Plan {
  const { session, envdir, root, directory, nice, variables, ids, lock, close, limits } = settings;
  const [file = "", ...rest] = program;
  const changes: Change[] = [];
  if (session) changes.push({ kind: "session" });
  if (envdir) changes.push({ kind: "envdir", ...envdir });
  if (root !== undefined) changes.push({ kind: "root", path: root });
  if (directory !== undefined) changes.push({ kind: "directory", path: directory });
  if (nice) changes.push({ kind: "nice", increment: nice });
  if (variables) changes.push({ kind: "variables", account: variables });
  if (ids) changes.push({ kind: "ids", account: ids });
  if (lock) changes.push({ kind: "lock", ...lock });
  for (const descriptor of [0, 1, 2] as const) {
    if (close?.has(descriptor)) changes.push({ kind: "close", descriptor });
  }
  for (const resource of LIMITS) {
    const value = limits?.get(resource);
    if (value !== undefined) changes.push({ kind: "limit", resource, value });
  }
  return {
    changes,
    file,
    argv: [settings.argv0 ?? file, ...rest],
    lenient: settings.lenient ?? false,
  };
}
