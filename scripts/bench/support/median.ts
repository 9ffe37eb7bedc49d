/**
 * The middle of some figures; of an even number of them the mean of the two in the middle.
 *
 * @throws {RangeError} If there are none.
 */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  if (low === undefined || high === undefined) throw new RangeError("median of no figures");
  return (low + high) / 2;
}

/**
 * Measures several things in turns, so that a busy moment of the machine befalls all of them.
 *
 * @param rounds How often each is measured.
 * @param measures What to measure; each returns one figure. An undefined one is left out.
 * @returns The median of each.
 */
export async function inTurns<K extends string>(
  rounds: number,
  measures: Readonly<Record<K, (() => Promise<number>) | undefined>>,
): Promise<Partial<Record<K, number>>> {
  const present = (Object.keys(measures) as K[]).filter((key) => measures[key] !== undefined);
  const figures = new Map<K, number[]>(present.map((key) => [key, []]));
  for (let round = 0; round < rounds; round++) {
    for (const key of present) {
      const figure = await measures[key]?.();
      if (figure !== undefined) figures.get(key)?.push(figure);
    }
  }
  const medians: Partial<Record<K, number>> = {};
  for (const [key, list] of figures) medians[key] = median(list);
  return medians;
}

/**
 * Measures one latency again and again, less often if each is long.
 *
 * @param times How often at most.
 * @param patience Milliseconds of latencies in all after which it is enough.
 * @param measure Measures it once, in milliseconds; it is told how often that was done before.
 */
export async function again(
  times: number,
  patience: number,
  measure: (index: number) => Promise<number>,
): Promise<number[]> {
  const found: number[] = [];
  let spent = 0;
  for (let i = 0; i < times && spent < patience; i++) {
    const latency = await measure(i);
    found.push(latency);
    spent += latency;
  }
  return found;
}
