/**
 * What loggers take, and what others notice of it, while services flood their logs.
 *
 * @module
 */

import { again, median } from "../support/median.ts";
import { written } from "../support/usage.ts";
import { type Make, pause } from "./make.ts";
import { LONG, PATIENCE } from "./measure.ts";
import { Tree } from "./tree.ts";

/** Latencies of services that are quiet themselves, in milliseconds. */
export interface Latencies {
  readonly restart: number;
  readonly restartWorst: number;
  readonly down: number;
  readonly downWorst: number;
}

/** What came of it. */
export interface FloodFigures {
  /** MB of a second that the loggers take: of one service that floods its log, and of many. */
  readonly one: number;
  readonly many: number;
  /** While nobody floods. */
  readonly quiet: Latencies;
  /** While all that flood do. */
  readonly flooded: Latencies;
}

/** How much is measured. */
export interface FloodExtent {
  /** How many services flood at last. */
  readonly flooding: number;
  /** How many restarts, and how many commands. */
  readonly times: number;
  /** For how long throughput is measured, in milliseconds. */
  readonly watch: number;
}

/** Milliseconds after which a flood runs evenly. */
const BEGINNING = 1_000;

/** Measures one make. */
export async function flood(
  make: Make,
  { flooding, times, watch }: FloodExtent,
  parent: string | undefined,
): Promise<FloodFigures> {
  // Each is restarted or taken down once in quiet and once in the flood.
  await using tree = new Tree({ make, parent, quiet: 2 * times, flooding });
  await tree.start();
  const quiet = await latencies(tree, times);
  const flooders = Array.from({ length: flooding }, (_, i) => 2 * times + i);
  const rates: number[] = [];
  for (const until of [1, flooding]) {
    for (const index of flooders.slice(rates.length, until)) tree.flood(index);
    await pause(BEGINNING);
    rates.push(await throughput(flooders.slice(0, until).map((index) => tree.pid(index)), watch));
  }
  const flooded = await latencies(tree, times);
  const [one = NaN, many = NaN] = rates;
  return { one, many, quiet, flooded };
}

/**
 * What loggers take from services in a second, in MB: what those could write. A pipe holds no more than 64 KB of what has not
 * been taken, and no logger here keeps more than that either.
 */
async function throughput(pids: readonly number[], watch: number): Promise<number> {
  const total = (): number => pids.reduce((sum, pid) => sum + written(pid), 0);
  const [before, since] = [total(), performance.now()];
  await pause(watch);
  return (total() - before) / 1000 / (performance.now() - since);
}

async function latencies(tree: Tree, times: number): Promise<Latencies> {
  await pause(LONG);
  const restarts = await again(times, PATIENCE, (i) => tree.restart(i));
  const downs = await again(times, PATIENCE, (i) => tree.down(times + i));
  for (let i = 0; i < downs.length; i++) await tree.up(times + i);
  return {
    restart: median(restarts),
    restartWorst: Math.max(...restarts),
    down: median(downs),
    downWorst: Math.max(...downs),
  };
}
