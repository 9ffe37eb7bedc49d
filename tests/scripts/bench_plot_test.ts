import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bars, lines, type Series } from "../../scripts/bench/support/plot.ts";

const SERIES: Series[] = [
  { name: "first & best", points: [[1, 10], [10, 100], [100, 1000]] },
  { name: "second", points: [[1, 1000], [10, 100]] },
];

const PLOT = {
  title: "A <title>",
  x: { label: "things", logarithmic: true },
  y: { label: "ms", logarithmic: true },
  series: SERIES,
};

/** The points of the lines, in the order in which they are drawn. */
function drawn(svg: string): number[][][] {
  return [...svg.matchAll(/<polyline points="([^"]*)"/g)]
    .map(([, points = ""]) => points.split(" ").map((point) => point.split(",").map(Number)));
}

Deno.test("lines draws equal ratios as equal distances on logarithmic axes", () => {
  const [second = [], first = []] = drawn(lines(PLOT));
  assertEquals([first.length, second.length], [3, 2]);
  const [[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = []] = first;
  assert(Math.abs((x1 - x0) - (x2 - x1)) < 0.3 && x1 > x0);
  // More is further up.
  assert(Math.abs((y1 - y0) - (y2 - y1)) < 0.3 && y1 < y0);
  assertEquals(second[1], first[1]);
});

Deno.test("lines draws equal differences as equal distances on linear axes, from 0 on", () => {
  const svg = lines({
    ...PLOT,
    x: { label: "things" },
    y: { label: "ms" },
    series: [{ name: "one", points: [[0, 0], [50, 5], [100, 10]] }],
  });
  const [[[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = []] = []] = drawn(svg);
  assert(Math.abs((x1 - x0) - (x2 - x1)) < 0.3 && x1 > x0);
  assert(Math.abs((y1 - y0) - (y2 - y1)) < 0.3 && y1 < y0);
});

Deno.test("lines names the title, the axes, what was measured, and each line, as text", () => {
  const svg = lines(PLOT);
  for (const text of ["A &lt;title&gt;", "things", "ms", "1", "10", "100", "first &amp; best"]) {
    assertStringIncludes(svg, `>${text}</text>`);
  }
  assert(!svg.includes("<title>A <"));
});

Deno.test("a plot has a background of its own, and all of it is inside", () => {
  for (const svg of [lines(PLOT), bars({ title: "t", label: "l", of: String, series: SERIES })]) {
    const [, width = 0, height = 0] = svg.match(/viewBox="0 0 (\d+) (\d+)"/)?.map(Number) ?? [];
    assertStringIncludes(svg, `<rect width="${width}" height="${height}" rx="6" fill="#ffffff"/>`);
    for (const [, x, y] of svg.matchAll(/ (?:cx|x|x1)="([\d.-]+)" (?:cy|y|y1)="([\d.-]+)"/g)) {
      assert(Number(x) >= 0 && Number(x) <= width && Number(y) >= 0 && Number(y) <= height);
    }
    assert(!/NaN|Infinity|undefined/.test(svg));
  }
});

Deno.test("bars are as high as their values, with the value above, and none where none was measured", () => {
  const svg = bars({ title: "t", label: "MB/s", of: (x) => `${x} of them`, series: SERIES });
  const colour = svg.match(/height="12" fill="(#\w+)"/)?.[1];
  const heights = [...svg.matchAll(/width="[\d.]+" height="([\d.]+)" fill="(#\w+)"/g)]
    .filter(([, height, fill]) => fill === colour && height !== "12")
    .map(([, height]) => Number(height));
  assertEquals(heights.length, 3);
  const [low = 0, middle = 0, high = 0] = heights;
  assert(Math.abs(middle / high - 0.1) < 0.01 && Math.abs(low / high - 0.01) < 0.01);
  for (const text of ["10 of them", "1000"]) assertStringIncludes(svg, `>${text}</text>`);
});

Deno.test("a series keeps the colour that it is given", () => {
  const svg = lines({ ...PLOT, series: SERIES.map((one) => ({ ...one, colour: 3 })) });
  const colours = new Set([...svg.matchAll(/stroke="(#\w+)" stroke-width/g)].map(([, it]) => it));
  assertEquals(colours.size, 1);
});
