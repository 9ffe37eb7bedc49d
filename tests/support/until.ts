/** How long {@linkcode until} waits by default, in milliseconds: enough for a machine that is busy with other things. */
export const DEADLINE = 60_000;

/**
 * Waits for a condition, looking again every few milliseconds.
 *
 * @param what What is waited for, for the error.
 * @param condition Returns something truthy once it holds. An exception counts as not yet.
 * @param deadline Milliseconds after which it gives up.
 * @returns What the condition returned.
 * @throws {Error} If it did not hold in time.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadline: number = DEADLINE,
): Promise<NonNullable<T>> {
  const end = performance.now() + deadline;
  let failure: unknown;
  for (;;) {
    try {
      const result = await condition();
      if (result) return result;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > end) throw new Error(`gave up waiting: ${what}`, { cause: failure });
    await pause(5);
  }
}

/** Lets so many milliseconds pass. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
