/**
 * Becoming another program under limits that are too small for this one.
 *
 * From the first limit on, memory that JavaScript or the runtime asks for may not be had, and descriptors neither. So
 * everything is laid out beforehand, as C wants it; the path taken is walked beforehand without effect, so that it is
 * compiled; and between the limits and the new program there are only calls with numbers and ready pointers.
 *
 * @module
 */

import { BARE, bindBare, cString, cStringArray, errno } from "./_libc.ts";
import { close, duplicate, duplicateTo, setCloseOnExec } from "./descriptor.ts";
import { errnoNumber } from "./errno.ts";
import { OsError } from "./error.ts";
import { getLimit, type Limit } from "./limits.ts";
import { platform, type Resource } from "./platform.ts";
import { type Environment, environmentBlock } from "./process.ts";

/** What {@linkcode executeWithin} becomes, and in what state. */
export interface ExecuteWithinOptions {
  /** Paths of the program, tried in this order. */
  readonly paths: readonly (string | Uint8Array)[];
  /** Names of errors after which the next path is tried. */
  readonly passOver: readonly string[];
  /** Its arguments, beginning with its own name. */
  readonly argv: readonly (string | Uint8Array)[];
  /** Its environment. */
  readonly environment: Environment;
  /** Limits, set in this order. */
  readonly limits: readonly { readonly resource: Resource; readonly limit: Limit }[];
  /** A descriptor of this process, and the number that the program is to find it under. */
  readonly descriptor?: { readonly from: number; readonly to: number } | undefined;
}

/**
 * The limit that stays when the program could not be executed: under it the last words end the reference, too.
 * The others are taken back, so that there are last words.
 */
const KEPT: Resource = "FSIZE";

/** How often the path is walked without effect. The engine does not lay out all it needs on the first walk. */
const REHEARSALS = 3;

/** The numbers and pointers of the last calls. */
interface Tail {
  readonly setrlimit: ReturnType<typeof bindSetrlimit>;
  readonly execve: ReturnType<typeof bindExecve>;
  readonly resources: readonly number[];
  readonly limits: readonly Deno.PointerValue[];
  readonly paths: readonly Deno.PointerValue[];
  readonly argv: Deno.PointerValue;
  readonly environment: Deno.PointerValue;
  readonly passOver: readonly number[];
  readonly missing: number;
}

/** What was laid out, and what must be kept alive for as long as C may look. */
interface Laid<T> {
  readonly value: T;
  readonly alive: readonly unknown[];
}

/**
 * Becomes another program: same process, same descriptors less those that close on exec.
 *
 * @throws {OsError} Of `setrlimit` where a limit could not be set. Otherwise of `execve`: the last error other than
 * `ENOENT`, or else that one. It returns in no other case. The limits are then what they were before, except for
 * that of file sizes.
 */
export function executeWithin(options: ExecuteWithinOptions): never {
  const { limits, descriptor } = options;
  const before = limits.map(({ resource }) => ({ resource, limit: getLimit(resource) }));
  const old = limitPointers(before.map(({ limit }) => limit));
  const wanted = limitPointers(limits.map(({ limit }) => limit));
  const paths = options.paths.map(cString);
  const nowhere = cString("");
  const argv = cStringArray(options.argv);
  const environment = environmentPointer(options.environment);
  const tail: Tail = {
    setrlimit: bindSetrlimit(),
    execve: bindExecve(),
    resources: limits.map(({ resource }) => platform.resources[resource]),
    limits: wanted.value,
    paths: paths.map((path) => Deno.UnsafePointer.of(path)),
    argv: Deno.UnsafePointer.of(argv.table),
    environment: environment.value,
    passOver: options.passOver.map(errnoNumber),
    missing: errnoNumber("ENOENT"),
  };
  const rehearsal = {
    ...tail,
    limits: old.value,
    paths: paths.map(() => Deno.UnsafePointer.of(nowhere)),
  };
  for (let i = 0; limits.length > 0 && i < REHEARSALS; i++) run(rehearsal);

  const replaced = descriptor === undefined ? undefined : place(descriptor.from, descriptor.to);
  const error = run(tail);
  // A negative number stands for a limit that could not be set.
  restore(tail, old.value, limits.map(({ resource }) => resource !== KEPT));
  replaced?.();
  keep(old.alive, wanted.alive, paths, nowhere, argv, environment.alive);
  throw error < 0 ? new OsError(-error, "setrlimit") : new OsError(error, "execve");
}

/** Allocates nothing. Returns the number of the error, of setrlimit(2) with a minus. */
function run(tail: Tail): number {
  const { setrlimit, execve, resources, limits, paths, argv, environment, passOver, missing } =
    tail;
  for (let i = 0; i < resources.length; i++) {
    if (setrlimit(resources[i] as number, limits[i] as Deno.PointerValue, BARE) < 0) {
      return -errno();
    }
  }
  let error = missing;
  for (let i = 0; i < paths.length; i++) {
    execve(paths[i] as Deno.PointerValue, argv, environment, BARE);
    const number = errno();
    if (number !== missing) error = number;
    if (!passOver.includes(number)) break;
  }
  return error;
}

function restore(tail: Tail, old: readonly Deno.PointerValue[], those: readonly boolean[]): void {
  for (const [i, resource] of tail.resources.entries()) {
    if (those[i]) tail.setrlimit(resource, old[i] as Deno.PointerValue, BARE);
  }
}

function bindSetrlimit(): (
  resource: number,
  limit: Deno.PointerValue,
  bare: Uint8Array<ArrayBuffer>,
) => number {
  return bindBare("setrlimit", ["i32", "pointer"]);
}

function bindExecve(): (
  path: Deno.PointerValue,
  argv: Deno.PointerValue,
  environment: Deno.PointerValue,
  bare: Uint8Array<ArrayBuffer>,
) => number {
  return bindBare("execve", ["pointer", "pointer", "pointer"]);
}

function limitPointers(limits: readonly Limit[]): Laid<Deno.PointerValue[]> {
  const alive = limits.map(({ soft, hard }) => new BigUint64Array([soft, hard]));
  return { value: alive.map((pair) => Deno.UnsafePointer.of(pair)), alive };
}

function environmentPointer(environment: Environment): Laid<Deno.PointerValue> {
  if (environment === "inherit") return { value: environmentBlock(), alive: [] };
  const array = cStringArray(environment);
  return { value: Deno.UnsafePointer.of(array.table), alive: [array] };
}

/**
 * Gives a descriptor the number that it will have in the program, which may be one that the runtime itself uses.
 *
 * @returns What takes it back.
 */
function place(from: number, to: number): () => void {
  if (from === to) {
    setCloseOnExec(to, false);
    return () => setCloseOnExec(to, true);
  }
  let saved: number | undefined;
  try {
    saved = duplicate(to, 3);
  } catch {
    // Nothing is open there.
  }
  duplicateTo(from, to);
  return () => {
    if (saved === undefined) return close(to);
    duplicateTo(saved, to);
    setCloseOnExec(to, true);
    close(saved);
  };
}

/** Holds buffers that C was given by address until here; the collector would not know. */
function keep(..._buffers: unknown[]): void {}
