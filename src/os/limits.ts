/**
 * Resource limits: getrlimit(2), setrlimit(2).
 *
 * @module
 */

import { bind, check } from "./_libc.ts";
import { platform, type Resource } from "./platform.ts";

export type { Resource } from "./platform.ts";

const libc = {
  getrlimit: bind("getrlimit", ["i32", "buffer"], "i32"),
  setrlimit: bind("setrlimit", ["i32", "buffer"], "i32"),
};

/** The limit of one resource, in its own unit: bytes, seconds, or a number. */
export interface Limit {
  /** What holds now. The process may change it, up to `hard`. */
  readonly soft: bigint;
  /** What `soft` may be at most. */
  readonly hard: bigint;
}

/** The value that stands for no limit. */
export const UNLIMITED: bigint = platform.RLIM_INFINITY;

/**
 * The limit that this process has.
 *
 * @throws {OsError} As getrlimit(2) fails.
 */
export function getLimit(resource: Resource): Limit {
  const limit = new BigUint64Array(2);
  check(libc.getrlimit(platform.resources[resource], limit), "getrlimit");
  return { soft: limit[0] ?? 0n, hard: limit[1] ?? 0n };
}

/**
 * Limits this process, from this moment on.
 *
 * @throws {OsError} With `EPERM` for a hard limit above the present one, `EINVAL` for a soft one above the hard one.
 */
export function setLimit(resource: Resource, limit: Limit): void {
  const pair = new BigUint64Array([limit.soft, limit.hard]);
  check(libc.setrlimit(platform.resources[resource], pair), "setrlimit");
}
