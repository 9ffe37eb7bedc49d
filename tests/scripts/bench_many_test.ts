import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { conclude, crossing, illustrate } from "../../scripts/bench/many/conclusion.ts";
import { FIGURES, type Figures } from "../../scripts/bench/many/measure.ts";
import { floodRows, type OfMakes, quietRows } from "../../scripts/bench/many/rows.ts";

function figures(value: number): Figures {
  return {
    running: value,
    logging: value,
    processes: value,
    proportional: value,
    private: value,
    kernel: value,
    switches: value,
    cpu: value,
    restart: value,
    status: value,
  };
}

/** Ours costs 50 whatever the number, the reference one for each, another ten for each of up to 20. */
const MEASURED = new Map<number, OfMakes<Figures>>([1, 20, 100, 500].map((count) => [count, {
  ours: figures(50),
  reference: figures(count),
  others: count > 20 ? {} : { another: figures(10 * count) },
}]));

const LATENCIES = { restart: 2, restartWorst: 4, down: 1, downWorst: 3 };

const FLOOD = floodRows(
  {
    ours: {
      one: 100,
      many: 200,
      quiet: LATENCIES,
      flooded: { restart: 10, restartWorst: 30, down: 1, downWorst: 3 },
    },
    others: { another: { one: 1, many: 2, quiet: LATENCIES, flooded: LATENCIES } },
  },
  50,
  20,
);

Deno.test("quietRows has the numbers of services of one figure one after the other", () => {
  const rows = quietRows(MEASURED, { proportional: "a note" });
  assertEquals(rows.length, 4 * Object.keys(FIGURES).length);
  const own = rows.filter(({ point }) => point?.of === FIGURES.proportional.what);
  assertEquals(own.map(({ what }) => what), [
    "memory: PSS, 1 service",
    "memory: PSS, 20 services",
    "memory: PSS, 100 services",
    "memory: PSS, 500 services",
  ]);
  assertEquals(own.map(({ reference, others }) => [reference, others?.["another"]]), [
    [1, 10],
    [20, 200],
    [100, undefined],
    [500, undefined],
  ]);
  assert(own.every(({ note }) => note === "a note"));
  // The budget of memory is for 500.
  assertEquals(own.map(({ budget }) => budget !== undefined), [false, false, false, true]);
});

Deno.test("floodRows sets latencies in a flood beside ours without one", () => {
  const row = (what: string) => FLOOD.find((row) => row.what === what);
  const { floor, ours, budget } = row("restart after kill -9, the longest, while 50 flood") ?? {};
  assertEquals({ floor, ours, budget }, {
    floor: 4,
    ours: 30,
    budget: { of: "floor", atMost: 20 },
  });
  const quiet = row("restart after kill -9, none floods");
  assertEquals([quiet?.ours, quiet?.floor, quiet?.budget], [2, undefined, undefined]);
  assertEquals(row("log throughput, 50 services flood")?.others, { another: 2 });
});

Deno.test("crossing is where the first line goes below the second for good", () => {
  assertEquals(crossing([[1, 5], [2, 5]], [[1, 6], [2, 6]]), { at: 1, exact: true });
  assertEquals(crossing([[1, 5], [2, 5]], [[1, 4], [2, 4]]), undefined);
  assertEquals(crossing([[0, 50], [100, 50]], [[0, 0], [100, 100]]), { at: 50, exact: false });
  // It was below before, but not for good.
  assertEquals(crossing([[1, 0], [2, 9], [3, 5]], [[1, 5], [2, 5], [3, 9]]), {
    at: 3,
    exact: false,
  });
  assertEquals(crossing([[1, 0], [2, 9]], [[1, 5], [2, 5]]), undefined);
  // Only what was measured of both counts.
  assertEquals(crossing([[1, 9], [2, 1], [3, 99]], [[1, 5], [2, 5]])?.at, 2);
  assertEquals(crossing([], []), undefined);
});

Deno.test("conclude says from how many services on ours is below each of the others", () => {
  const [memory = ""] = conclude(quietRows(MEASURED, {}));
  assertStringIncludes(memory, "below runit 2.1.2 from about 50 services on (0.10 × at 500)");
  assertStringIncludes(memory, "below another from about 5 services on (0.25 × at 20)");
});

Deno.test("illustrate draws a line for each make", () => {
  const plots = illustrate([...quietRows(MEASURED, {}), ...FLOOD]);
  assertEquals(plots.map(({ name }) => name), ["memory", "time", "throughput"]);
  const [memory, , throughput] = plots.map(({ svg }) => svg);
  assertEquals(memory?.match(/<polyline/g)?.length, 3);
  for (const name of ["ours, a single process", "runit 2.1.2", "another"]) {
    assertStringIncludes(memory ?? "", `>${name}</text>`);
  }
  assertStringIncludes(throughput ?? "", ">50 services</text>");
});
