import { HOST } from "../setup/base.ts";

/** The targets that runit-deno is built for. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
] as const;

/** One of {@linkcode TARGETS}. */
export type Target = typeof TARGETS[number];

/** Whether `text` names a target. */
export function isTarget(text: string): text is Target {
  return (TARGETS as readonly string[]).includes(text);
}

/**
 * The target of this machine.
 *
 * @throws {Error} If runit-deno is not built for it.
 */
export function hostTarget(): Target {
  if (isTarget(HOST)) return HOST;
  throw new Error(`this machine is ${HOST}; runit-deno is built for ${TARGETS.join(", ")}`);
}
