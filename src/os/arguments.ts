import { bind } from "./_libc.ts";
import { platform } from "./platform.ts";

/**
 * The memory that holds an argument of this process: what is written there is what ps(1) shows.
 *
 * @param name The name that this process was called by, argv[0].
 * @param args The arguments after it.
 * @param index Which of `args`.
 * @returns Its bytes without the NUL after them, not a copy; `undefined` where it cannot be found.
 */
export function argumentMemory(
  name: string,
  args: readonly string[],
  index: number,
): Uint8Array<ArrayBuffer> | undefined {
  const start = firstArgument();
  if (start === null) return undefined;
  const view = new Deno.UnsafePointerView(start);
  const encoder = new TextEncoder();
  // The kernel lays the arguments down one after the other, each with a NUL behind it. Nothing is taken on trust: a byte
  // that is not as expected ends the search before the next one is looked at.
  let at = 0;
  for (const [i, argument] of [name, ...args].entries()) {
    const expected = encoder.encode(argument);
    const from = at;
    for (const byte of expected) if (view.getUint8(at++) !== byte) return undefined;
    if (view.getUint8(at++) !== 0) return undefined;
    if (i !== index + 1) continue;
    return new Uint8Array(view.getArrayBuffer(expected.length, from));
  }
  return undefined;
}

/** The address of argv[0]. */
function firstArgument(): Deno.PointerValue {
  if (Deno.build.os === "darwin") {
    const location = bind("_NSGetArgv", [], "pointer")();
    if (location === null) return null;
    const argv = new Deno.UnsafePointerView(location).getPointer(0);
    return argv === null ? null : new Deno.UnsafePointerView(argv).getPointer(0);
  }
  // glibc and musl keep the address of argv[0] there.
  const { symbols } = Deno.dlopen(platform.library, {
    program_invocation_name: { type: "pointer", optional: true },
  });
  const location = symbols.program_invocation_name;
  return location === null ? null : new Deno.UnsafePointerView(location).getPointer(0);
}
