/**
 * The one place that opens the C library.
 *
 * Each function is bound on its first use, so that a tool pays at start only for what it calls.
 *
 * @module
 */

import { errnoName } from "./errno.ts";
import { OsError } from "./error.ts";
import { platform } from "./platform.ts";

type Parameters = readonly Deno.NativeType[];
type Arguments<P extends Parameters> = Deno.ToNativeParameterTypes<P>;

/** A function of the C library; `undefined` where this C library has none of that name. */
export type Bound<P extends Parameters, R extends Deno.NativeResultType> = (
  ...args: Arguments<P>
) => Deno.FromNativeResultType<R>;

/**
 * Deno compiles a machine-code trampoline for each symbol when it is opened, 0.2 to 0.8 ms apiece, unless a
 * parameter is a struct: then it interprets the signature, 0.07 ms apiece and a microsecond more for a call.
 * For calls made a few times that is the better bargain by far, so each gets one byte of struct behind its real
 * arguments. The callee does not see it: in the C calling conventions of x86_64 and aarch64 the caller
 * may pass more than the callee takes.
 */
const PADDING = { struct: ["u8"] } as const;
const padding = new Uint8Array(1);

function open(
  name: string,
  symbol: Deno.ForeignFunction,
): ((...args: unknown[]) => unknown) | undefined {
  const library = Deno.dlopen(platform.library, { [name]: { ...symbol, optional: true } });
  return (library.symbols as Record<string, ((...args: unknown[]) => unknown) | null>)[name] ??
    undefined;
}

/**
 * Names a function of the C library. Nothing is opened until it is called.
 *
 * @param name The symbol.
 * @param parameters Its parameters; of a variadic function, those that are passed.
 * @param result What it returns.
 * @returns The function. Calling it throws an `OsError` with `ENOSYS` where the C library has no such symbol.
 */
export function bind<const P extends Parameters, const R extends Deno.NativeResultType>(
  name: string,
  parameters: P,
  result: R,
): Bound<P, R> {
  let call: ((...args: unknown[]) => unknown) | undefined;
  return (...args) => {
    call ??= open(name, { parameters: [...parameters, PADDING], result });
    if (call === undefined) throw new OsError("ENOSYS", name);
    return call(...args as readonly unknown[], padding) as Deno.FromNativeResultType<R>;
  };
}

/** The last argument of what {@linkcode bindBare} returns. */
export const BARE: Uint8Array<ArrayBuffer> = padding;

/**
 * Like {@linkcode bind}, for the few calls between which nothing may be allocated: it is bound at once, and what
 * comes back is the function itself, which takes {@linkcode BARE} behind its own arguments.
 *
 * @throws {OsError} With `ENOSYS` where the C library has no such symbol.
 */
export function bindBare<const P extends Parameters>(
  name: string,
  parameters: P,
): (...args: [...Arguments<P>, Uint8Array<ArrayBuffer>]) => number {
  const call = open(name, { parameters: [...parameters, PADDING], result: "i32" });
  if (call === undefined) throw new OsError("ENOSYS", name);
  return call as (...args: unknown[]) => number;
}

/** Whether the C library has a function of that name. */
export function has(name: string): boolean {
  return open(name, { parameters: [PADDING], result: "void" }) !== undefined;
}

/**
 * Like {@linkcode bind}, for a call that waits: it runs on a thread of its own, and the promise is
 * fulfilled when it returns. `errno` is that thread's and cannot be had.
 */
export function bindWaiting<const P extends Parameters>(
  name: string,
  parameters: P,
): (...args: Arguments<P>) => Promise<number> {
  let call: ((...args: unknown[]) => unknown) | undefined;
  return (...args) => {
    call ??= open(name, { parameters, result: "i32", nonblocking: true });
    if (call === undefined) throw new OsError("ENOSYS", name);
    return call(...args as readonly unknown[]) as Promise<number>;
  };
}

const errnoLocation = bind(platform.errnoLocation, [], "pointer");
let errnoView: Int32Array | undefined;

/** The number of the error of the last call that failed. */
export function errno(): number {
  if (errnoView === undefined) {
    const location = errnoLocation();
    if (location === null) return 0;
    errnoView = new Int32Array(Deno.UnsafePointerView.getArrayBuffer(location, 4));
  }
  return errnoView[0] ?? 0;
}

/** Forgets the last error, for the calls that tell of a failure by nothing else. */
export function clearErrno(): void {
  if (errnoView !== undefined) errnoView[0] = 0;
}

// Bound before the first failure: opening a symbol makes system calls of its own, and they would write over errno.
errno();

/**
 * Turns the -1 of a failed call into an exception.
 *
 * @param result What the call returned.
 * @param syscall Its name, for the error.
 * @returns The result.
 * @throws {OsError} If the result is negative.
 */
export function check(result: number, syscall: string): number {
  if (result < 0) throw new OsError(errno(), syscall);
  return result;
}

/**
 * Calls again for as long as a signal interrupts the call.
 *
 * @throws {OsError} If it fails in any other way.
 */
export function retry(syscall: string, call: () => number): number {
  for (;;) {
    const result = call();
    if (result >= 0) return result;
    const number = errno();
    if (errnoName(number) !== "EINTR") throw new OsError(number, syscall);
  }
}

const encoder = new TextEncoder();

/** C strings made before: most are names within a service directory, the same few for every service. */
const known = new Map<string, Uint8Array<ArrayBuffer>>();
const MOST_KNOWN = 256;

/**
 * A C string.
 *
 * @param text Characters, encoded as UTF-8, or bytes as they are.
 * @returns Not to be written to: whoever asks for the same text gets the same one.
 * @throws {OsError} With `EINVAL` if it has a NUL inside.
 */
export function cString(text: string | Uint8Array): Uint8Array<ArrayBuffer> {
  if (typeof text !== "string") return terminated(text);
  let found = known.get(text);
  if (found === undefined) {
    found = terminated(encoder.encode(text));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, found);
  }
  return found;
}

function terminated(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.includes(0)) throw new OsError("EINVAL", "cString");
  const result = new Uint8Array(bytes.length + 1);
  result.set(bytes);
  return result;
}

/** The address of a buffer, for a table of pointers. The buffer must be kept alive by the caller. */
export function addressOf(buffer: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer));
}

/**
 * A NULL-terminated array of C strings, as execve(2) takes it.
 *
 * @returns The table, and what it points at: keep both for as long as C may look.
 */
export function cStringArray(
  items: readonly (string | Uint8Array)[],
): { table: BigUint64Array<ArrayBuffer>; strings: Uint8Array<ArrayBuffer>[] } {
  const strings = items.map(cString);
  const table = new BigUint64Array(items.length + 1);
  strings.forEach((string, i) => table[i] = addressOf(string));
  return { table, strings };
}
