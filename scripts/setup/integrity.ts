import { SetupError } from "./error.ts";

/** The sha256 of `data`, in lower-case hexadecimal. */
export async function sha256(data: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex();
}

/** The sha256 of the file at `path`, in lower-case hexadecimal. */
export async function sha256File(path: string): Promise<string> {
  return await sha256(await Deno.readFile(path));
}

/** The subresource integrity of `data`: `sha512-` and the digest in base64. */
export async function integrity(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", data));
  return `sha512-${digest.toBase64()}`;
}

/**
 * Insists that what came is what was pinned.
 *
 * @throws {SetupError} If `actual` differs from `expected`.
 */
export function insist(step: string, what: string, actual: string, expected: string): void {
  if (actual === expected) return;
  throw new SetupError(
    step,
    `${what} has ${actual} instead of the pinned ${expected}`,
    "do not use it: somebody has changed it on its way or at its source",
  );
}
