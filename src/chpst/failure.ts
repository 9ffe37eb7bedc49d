import { errorCode } from "../os/error.ts";

/** Thrown when the process state cannot be changed as it was asked for: the program must not run. */
export class Failure extends Error {
  override readonly name = "Failure";

  /**
   * @param message What was attempted, in the words of the diagnostic.
   * @param cause Why it failed, where the system said so.
   */
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
  }
}

/**
 * Attempts something.
 *
 * @param message What is attempted, for the diagnostic.
 * @throws {Failure} If the system refuses. What else is thrown is a bug, and passed on.
 */
export function attempt<T>(message: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw new Failure(message, error);
  }
}
