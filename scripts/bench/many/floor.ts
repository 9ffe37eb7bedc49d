import { median } from "../support/median.ts";
import type { Make } from "./make.ts";
import type { Figures } from "./measure.ts";
import { Tree } from "./tree.ts";

/**
 * No supervisor at all: a shell that starts all services, which write their logs themselves. What is quicker than that
 * starts fewer of them.
 */
const NOBODY: Pick<Make, "name" | "lay" | "start"> = {
  name: "a shell",
  lay: () => {},
  start: () => ({
    path: "/bin/sh",
    args: [
      "-c",
      'for service in s*; do (cd "$service" && exec ./run >log/main/current) & done; wait',
    ],
  }),
};

/**
 * Measures how long services take to start by themselves.
 *
 * @param rounds How often; it is the median that comes back.
 * @param parent The folder for the trees; undefined for that of temporary files.
 */
export async function floorOfStarts(
  count: number,
  rounds: number,
  parent: string | undefined,
): Promise<Pick<Figures, "running" | "logging">> {
  const ups: Pick<Figures, "running" | "logging">[] = [];
  for (let round = 0; round < rounds; round++) {
    await using tree = new Tree({ make: NOBODY, parent, quiet: count });
    ups.push(await tree.start());
  }
  return {
    running: median(ups.map(({ running }) => running)),
    logging: median(ups.map(({ logging }) => logging)),
  };
}
