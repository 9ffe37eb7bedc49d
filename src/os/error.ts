import { errnoName, errnoNumber, errnoWords } from "./errno.ts";

/** A system call that failed. */
export class OsError extends Error {
  override readonly name = "OsError";
  /** The name of the error number, such as `"ENOENT"`. */
  readonly code: string;
  /** The call that failed, such as `"mkfifoat"`. */
  readonly syscall: string;

  /**
   * @param code The error's number, or its name.
   * @param syscall The call that failed.
   */
  constructor(code: number | string, syscall: string) {
    const name = typeof code === "number" ? errnoName(code) : code;
    // Most of these answer a question, such as whether there is a file; walking the stack would be most of their cost.
    const depth = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`${syscall}: ${errnoWords(name)} (${name})`);
    Error.stackTraceLimit = depth;
    this.code = name;
    this.syscall = syscall;
  }

  /** The error's number on this system; 0 where it has none. */
  get errno(): number {
    return errnoNumber(this.code);
  }
}

/**
 * The name of the error number that a failure carries, whoever reported it: `src/os`, Deno, or Node's modules.
 *
 * @param error Anything that was thrown.
 * @returns Such as `"ENOENT"`, or `undefined` where the failure did not come from the system.
 */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return code;
  // Deno leaves `code` out of errors that it makes without asking the system.
  if (error instanceof Deno.errors.NotFound) return "ENOENT";
  if (error instanceof Deno.errors.PermissionDenied) return "EACCES";
  if (error instanceof Deno.errors.NotADirectory) return "ENOTDIR";
  if (error instanceof Deno.errors.IsADirectory) return "EISDIR";
  if (error instanceof Deno.errors.AlreadyExists) return "EEXIST";
  return undefined;
}

/**
 * The reason at the end of a diagnostic, in runit's words.
 *
 * @param error Anything that was thrown.
 * @returns Such as `"file does not exist"`; the error's own message where it did not come from the system.
 */
export function reason(error: unknown): string {
  const code = errorCode(error);
  if (code !== undefined) return errnoWords(code);
  return error instanceof Error ? error.message : String(error);
}
