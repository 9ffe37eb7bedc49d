import type { Console } from "./console.ts";

/**
 * Keeps this process alive through whatever nobody has caught: a Deno program ends of that, and with process no 1 the
 * whole system would.
 *
 * @param console Is told of it.
 */
export function survive(console: Console): void {
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    console.fatal("internal error", event.error);
  });
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.fatal("internal error", event.reason);
  });
}
