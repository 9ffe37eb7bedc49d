/**
 * What many services with loggers cost, and how quickly they come: all in one process of ours, beside ours with processes for
 * each service, the reference, s6, daemontools and supervisord.
 *
 * @module
 */

import { flood, type FloodExtent, type FloodFigures } from "./many/flood.ts";
import { floorOfStarts } from "./many/floor.ts";
import { descriptorsFor, type Make } from "./many/make.ts";
import { findMakes, type Makes } from "./many/makes.ts";
import { type Extent, type FigureName, type Figures, measure } from "./many/measure.ts";
import { floodRows, type OfMakes, quietRows } from "./many/rows.ts";
import { mostDescriptors } from "./support/descriptors.ts";
import { memoryPlace } from "./support/place.ts";
import { hasProc } from "./support/usage.ts";
import type { BenchOptions, Row } from "./types.ts";

export { conclude, illustrate } from "./many/conclusion.ts";

const COUNTS = [1, 20, 100, 500, 1000];
const QUICK_COUNTS = [1, 20];

const EXTENT: Omit<Extent, "rounds"> = { restarts: 20, statuses: 3, watch: 5_000, settle: true };
const QUICK: Omit<Extent, "rounds"> = { restarts: 3, statuses: 1, watch: 1_000, settle: false };

const FLOOD: FloodExtent = { flooding: 50, times: 20, watch: 4_000 };
const QUICK_FLOOD: FloodExtent = { flooding: 50, times: 3, watch: 1_000 };

/** Room for the directories of 1000 services, and for the logs of those that flood: 11 files of 1 MB each. */
const ROOM = 1e9;

/** Measures services by the hundred. The rounds are starts; all else is measured in the last of them. */
export async function bench({ rounds, quick }: BenchOptions = { rounds: 3 }): Promise<Row[]> {
  if (!hasProc()) return [];
  const makes = await findMakes({ peers: true });
  const parent = await memoryPlace(ROOM);
  const extent: Extent = { rounds, ...(quick ? QUICK : EXTENT) };
  const measured = new Map<number, OfMakes<Figures>>();
  const floors = new Map<number, Partial<Figures>>();
  for (const count of possible(quick ? QUICK_COUNTS : COUNTS)) {
    const present = all(makes).filter(({ atMost = Infinity }) => count <= atMost);
    const figures = await measure(present, count, extent, parent);
    measured.set(count, ofMakes(makes, present, figures));
    floors.set(count, await floorOfStarts(count, rounds, parent));
  }
  const floodExtent = quick ? QUICK_FLOOD : FLOOD;
  // Ours in processes of their own have nothing in common that a flood could hold up.
  const flooded = [makes.ours, makes.reference, ...makes.others.filter(({ atMost }) => !atMost)]
    .filter((make) => make !== undefined);
  const floods: FloodFigures[] = [];
  for (const make of flooded) floods.push(await flood(make, floodExtent, parent));
  return [
    ...quietRows(measured, notes(extent, parent), floors),
    ...floodRows(ofMakes(makes, flooded, floods), floodExtent.flooding, floodExtent.times),
  ];
}

/** The numbers of services for which a process may have enough descriptors; says what is left out. */
function possible(counts: readonly number[]): number[] {
  const most = mostDescriptors();
  return counts.filter((count) => {
    const enough = descriptorsFor(count) <= most;
    if (!enough) console.error(`bench: ${count} services take more than ${most} descriptors`);
    return enough;
  });
}

function notes(
  { rounds, restarts, statuses, watch }: Extent,
  parent: string | undefined,
): Partial<Record<FigureName, string>> {
  const where = parent === undefined ? "on the disk for temporary files" : "in memory";
  const up = `median of ${rounds}, in turns; the services directory is ${where}; a service runs ` +
    "when its script tells so, a logger when a line of its service is in its log; the floor is a " +
    "shell that starts the same scripts, without supervisors and loggers";
  const cost = "supervisors and loggers together, without the services";
  return {
    running: up,
    logging: up,
    processes: cost,
    proportional: cost,
    private: cost,
    kernel: `${cost}; VmPTE, and 16 KiB for each thread`,
    switches: `${cost}; over ${watch / 1000} s`,
    cpu: `${cost}; over ${watch / 1000} s`,
    restart: `median of ${restarts}, or of fewer where they take a second each`,
    status: `median of ${statuses}; services and loggers, by each one's own sv, by a loop over ` +
      "s6-svstat, by svstat, by supervisorctl",
  };
}

/** All makes, ours first. */
function all({ ours, reference, others }: Makes): Make[] {
  return [ours, ...(reference === undefined ? [] : [reference]), ...others];
}

/** Sorts figures by the make that they are of. */
function ofMakes<T>(
  { ours, reference }: Makes,
  present: readonly Make[],
  figures: readonly T[],
): OfMakes<T> {
  const byName = Object.fromEntries(present.map(({ name }, i) => [name, figures[i]]));
  const { [ours.name]: own, [reference?.name ?? ""]: theirs, ...others } = byName;
  if (own === undefined) throw new Error("ours was not measured");
  return {
    ours: own,
    ...(theirs === undefined ? {} : { reference: theirs }),
    others: Object.fromEntries(
      Object.entries(others).filter((entry): entry is [string, T] => entry[1] !== undefined),
    ),
  };
}
