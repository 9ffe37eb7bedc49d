/** How long a condition of the demo may take, in milliseconds: plenty, for a machine that is busy with other things. */
const DEADLINE = 60_000;

/**
 * Waits for a condition, looking again every few milliseconds.
 *
 * @param what What is waited for, for the error.
 * @param condition Returns `undefined` or `false` as long as it does not hold. An exception counts as not yet.
 * @param signal Breaks the wait off.
 * @returns What the condition returned.
 * @throws {Error} If it did not hold in time. If the signal came, its reason.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  signal: AbortSignal,
): Promise<Exclude<T, undefined | false>> {
  const end = performance.now() + DEADLINE;
  for (;;) {
    signal.throwIfAborted();
    let result: T | undefined;
    try {
      result = await condition();
    } catch {
      // Not yet.
    }
    if (result !== undefined && result !== false) return result as Exclude<T, undefined | false>;
    if (performance.now() > end) throw new Error(`waited ${DEADLINE / 1000} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
