import { assert, assertEquals } from "@std/assert";
import { flood } from "../../scripts/bench/many/flood.ts";
import type { Make } from "../../scripts/bench/many/make.ts";
import { findMakes } from "../../scripts/bench/many/makes.ts";
import { measure } from "../../scripts/bench/many/measure.ts";
import { Tree } from "../../scripts/bench/many/tree.ts";
import { memoryPlace } from "../../scripts/bench/support/place.ts";
import { hasProc } from "../../scripts/bench/support/usage.ts";
import { processesIn } from "../../scripts/demo/processes.ts";
import { statOrUndefined } from "../../scripts/setup/files.ts";

const ignore = !hasProc();

/** Ours, and the reference where there is one: what tests may count on. */
async function makes(): Promise<Make[]> {
  const { ours, reference } = await findMakes({ peers: false });
  return [ours, ...(reference === undefined ? [] : [reference])];
}

Deno.test({
  name: "a Tree of each make runs its services, restarts them, and takes them down and up",
  ignore,
  fn: async () => {
    for (const make of await makes()) {
      let dir = "";
      {
        await using tree = new Tree({ make, parent: await memoryPlace(1e8), quiet: 2 });
        dir = tree.place.dir;
        const { running, logging } = await tree.start();
        assert(running > 0 && running <= logging, `${running} ${logging}`);
        const first = tree.pid(0);
        assert(await tree.restart(0) > 0);
        assert(tree.pid(0) !== first, make.name);
        await tree.down(1);
        await tree.up(1);
        assert(await tree.status() > 0);
        const overhead = tree.overhead();
        assert(!overhead.includes(tree.pid(0)) && overhead.length >= 1);
      }
      assertEquals(statOrUndefined(dir), undefined);
      assertEquals(await processesIn(dir), []);
    }
  },
});

Deno.test({
  name: "measure and flood have a figure for everything",
  ignore,
  fn: async () => {
    const parent = await memoryPlace(1e8);
    for (const make of await makes()) {
      const extent = { rounds: 1, restarts: 1, statuses: 1, watch: 100, settle: false };
      const [figures] = await measure([make], 1, extent, parent);
      const { one, many, quiet, flooded } = await flood(
        make,
        { flooding: 2, times: 1, watch: 100 },
        parent,
      );
      const all = [
        ...Object.values(figures ?? {}),
        one,
        many,
        ...[quiet, flooded].flatMap((latencies) => Object.values(latencies)),
      ];
      assertEquals(all.length, 20);
      assert(all.every((figure) => Number.isFinite(figure) && figure >= 0), JSON.stringify(all));
      assert(one > 0 && many > 0);
    }
  },
});
