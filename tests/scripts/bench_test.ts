import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Machine } from "../../scripts/bench/support/machine.ts";
import { replaceSection, type Section } from "../../scripts/bench/support/markdown.ts";
import { again, inTurns, median } from "../../scripts/bench/support/median.ts";
import {
  budgetText,
  figure,
  outcome,
  remarks,
  table,
} from "../../scripts/bench/support/outcome.ts";
import type { Row } from "../../scripts/bench/types.ts";

const ROW: Row = { suite: "s", what: "a thing", unit: "ms", ours: 30 };

const MACHINE: Machine = {
  cpu: "CPU",
  cores: 2,
  os: "linux 6",
  deno: "2.8.3",
  at: "2026-01-02T03:04:05.678Z",
  load: 0.1,
};

Deno.test("median is the middle figure, or the mean of the two in the middle", () => {
  assertEquals(median([3, 1, 200]), 3);
  assertEquals(median([4, 1, 3, 200]), 3.5);
  assertThrows(() => median([]), RangeError);
});

Deno.test("inTurns measures in turns, and leaves out what is not there", async () => {
  const order: string[] = [];
  let figure = 0;
  const measure = (name: string) => () => {
    order.push(name);
    figure += 1;
    return Promise.resolve(figure);
  };
  const medians = await inTurns(3, { a: measure("a"), b: undefined, c: measure("c") });
  assertEquals(order, ["a", "c", "a", "c", "a", "c"]);
  assertEquals(medians, { a: 3, c: 4 });
});

Deno.test("outcome compares ours with the reference", () => {
  const row: Row = { ...ROW, reference: 20, budget: { of: "reference", atMost: 1.5 } };
  assertEquals(outcome(row), { ratio: 1.5, overFloor: undefined, met: true });
  assertEquals(outcome({ ...row, ours: 31 }).met, false);
  assertEquals(outcome({ ...row, budget: { of: "reference", atLeast: 5 } }).met, false);
  assertEquals(outcome({ ...row, ours: 100, budget: { of: "reference", atLeast: 5 } }).met, true);
});

Deno.test("outcome compares ours with the floor", () => {
  const row: Row = { ...ROW, floor: 20, budget: { of: "floor", atMost: 10 } };
  assertEquals(outcome(row), { ratio: undefined, overFloor: 10, met: true });
  assertEquals(outcome({ ...row, ours: 30.1 }).met, false);
});

Deno.test("outcome compares ours with a figure of the budget itself", () => {
  const budget = { of: "value", atMost: 0 } as const;
  assertEquals(outcome({ ...ROW, ours: 0, reference: 0, budget }), {
    ratio: undefined,
    overFloor: undefined,
    met: true,
  });
  assertEquals(outcome({ ...ROW, ours: 0.1, budget }).met, false);
});

Deno.test("outcome says nothing of a budget where there is nothing to compare with", () => {
  assertEquals(outcome({ ...ROW, budget: { of: "reference", atMost: 1 } }).met, undefined);
  assertEquals(outcome({ ...ROW, budget: { of: "floor", atMost: 1 } }).met, undefined);
  assertEquals(outcome(ROW).met, undefined);
});

Deno.test("figure shows about three digits", () => {
  assertEquals([0, 0.123, 9.994, 9.996, 12.34, 99.96, 1234.5].map(figure), [
    "0",
    "0.12",
    "9.99",
    "10.0",
    "12.3",
    "100",
    "1235",
  ]);
  assertEquals([figure(undefined), figure(NaN)], ["", "?"]);
});

Deno.test("budgetText says what is allowed", () => {
  assertEquals(budgetText({ of: "reference", atLeast: 5 }, "MB/s"), "at least 5 ×");
  assertEquals(budgetText({ of: "floor", atMost: 10 }, "ms"), "at most 10 ms over");
  assertEquals(budgetText({ of: "value", atMost: 0 }, "/s"), "at most 0 /s");
});

Deno.test("table holds the figures, what follows from them, and the verdict", () => {
  assertEquals(
    table([{ ...ROW, reference: 20, floor: 25, budget: { of: "floor", atMost: 1 } }]),
    {
      headings: [
        "what",
        "unit",
        "ours",
        "runit 2.1.2",
        "ratio",
        "floor",
        "over it",
        "budget",
        "",
      ],
      figures: [false, false, true, true, true, true, true, false, false],
      body: [
        ["a thing", "ms", "30.0", "20.0", "1.50 ×", "25.0", "5.00", "at most 1 ms over", "NOT met"],
      ],
    },
  );
});

Deno.test("table has a column for each of the others, and none for floors and budgets where there are none", () => {
  const { headings, body } = table([{ ...ROW, others: { s6: 1 } }, {
    ...ROW,
    others: { multilog: 2 },
  }]);
  assertEquals(headings, ["what", "unit", "ours", "runit 2.1.2", "ratio", "s6", "multilog"]);
  assertEquals(body, [
    ["a thing", "ms", "30.0", "", "", "1.00", ""],
    ["a thing", "ms", "30.0", "", "", "", "2.00"],
  ]);
});

Deno.test("table shows numbers of things without fractions", () => {
  const { body } = table([{ ...ROW, unit: "", ours: 3, others: { s6: 61 } }]);
  assertEquals(body, [["a thing", "", "3", "", "", "61"]]);
});

Deno.test("remarks name rows, those of one line once", () => {
  const point = { of: "a line", at: 1 };
  const rows: Row[] = [
    { ...ROW, note: "n", point },
    { ...ROW, note: "n", point: { ...point, at: 2 } },
    { ...ROW, note: "n" },
    ROW,
  ];
  assertEquals(remarks(rows), [{ note: "n", about: ["a line", "a thing"] }]);
  assertEquals(remarks(rows.slice(0, 2)), [{ note: "n", about: undefined }]);
  assertEquals(remarks([ROW]), []);
});

Deno.test("again stops when enough time was spent on latencies", async () => {
  const asked: number[] = [];
  const measure = (latency: number) => (index: number) => {
    asked.push(index);
    return Promise.resolve(latency);
  };
  assertEquals(await again(3, 100, measure(1)), [1, 1, 1]);
  assertEquals(await again(3, 100, measure(60)), [60, 60]);
  assertEquals(asked, [0, 1, 2, 0, 1]);
});

const SECTION: Section = {
  suite: "startup",
  command: "bench startup",
  machine: MACHINE,
  rows: [{ ...ROW, note: "median of 3" }],
  illustrations: [{ name: "plot", alt: "a plot", svg: "" }],
  conclusions: ["It is so."],
};

const DOCUMENT = new URL("../../docs/benchmarks.md", import.meta.url);

Deno.test("replaceSection puts figures in place of the old ones, and again the same", async () => {
  const document = await Deno.readTextFile(DOCUMENT);
  const once = replaceSection(document, SECTION);
  for (
    const part of [
      "\n    bench startup\n",
      "CPU, 2 cores, linux 6, Deno 2.8.3, 2026-01-02, load 0.10",
      "\n- It is so.\n",
      "\n![a plot](benchmarks/startup-plot.svg)\n",
      "\n| a thing | ms | 30.0 |",
      "\nAll: median of 3.\n",
    ]
  ) assertStringIncludes(once, part);
  assertEquals(replaceSection(once, SECTION), once);
  assertThrows(() => replaceSection("no place", SECTION));
});

Deno.test("replaceSection leaves the figures of other suites alone", async () => {
  const document = await Deno.readTextFile(DOCUMENT);
  const parts = (text: string): string[] => text.split(/(?=<!-- )/);
  const changed = replaceSection(document, SECTION);
  const different = parts(changed).filter((part, i) => part !== parts(document)[i]);
  assertEquals(different.map((part) => part.split(":")[0]), ["<!-- figures of startup"]);
});

Deno.test("the document has a place for every suite", async () => {
  const document = await Deno.readTextFile(DOCUMENT);
  const folder = new URL("../../scripts/bench/", import.meta.url);
  const suites = [...Deno.readDirSync(folder)]
    .filter(({ name }) => name.endsWith(".ts") && name !== "types.ts")
    .map(({ name }) => name.replace(".ts", ""));
  for (const suite of suites) replaceSection(document, { ...SECTION, suite });
});
