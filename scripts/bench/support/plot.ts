/**
 * Plots as SVG, by themselves: no file, no script, no font but the reader's, and a background of their own, so that they can be
 * read on light pages and dark ones.
 *
 * @module
 */

/** What is drawn of one thing. */
export interface Series {
  readonly name: string;
  /** In rising order of the first. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Which colour it has, so that it may be the same in several plots; its place in the list unless given. */
  readonly colour?: number;
}

/** An axis. */
export interface Axis {
  readonly label: string;
  /** Whether equal distances are equal ratios; all values are over 0 then. */
  readonly logarithmic?: boolean;
}

/** What {@linkcode lines} draws. */
export interface LinePlot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** The first is drawn in front of the others. */
  readonly series: readonly Series[];
}

/** What {@linkcode bars} draws: groups of bars, one for each x, a bar for each of the series. */
export interface BarPlot {
  readonly title: string;
  /** Of the values. */
  readonly label: string;
  /** What an x is called. */
  readonly of: (x: number) => string;
  readonly series: readonly Series[];
}

/** Colours that people who cannot tell all colours apart can tell apart (Okabe and Ito). */
const COLOURS = ["#d55e00", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#555555"];

const WIDTH = 760;
const HEIGHT = 420;
const TOP = 48;
const BOTTOM = HEIGHT - 52;
const LEFT = 68;
const RIGHT = WIDTH - 190;

const INK = "#222222";
const GRID = "#dddddd";
const FONT = 'font-family="system-ui, sans-serif"';

/**
 * Draws lines over two axes.
 *
 * @returns The text of an SVG file.
 */
export function lines({ title, x, y, series }: LinePlot): string {
  const points = series.flatMap((one) => one.points);
  const across = scale(x, points.map(([x]) => x), LEFT, RIGHT);
  const up = scale(y, points.map(([, y]) => y), BOTTOM, TOP);
  // What was measured says more than round numbers.
  const marks = [...new Set(points.map(([x]) => x))].toSorted((a, b) => a - b);
  const drawn = series.map((one, i) => {
    const places = one.points.map(([x, y]) => `${round(across.place(x))},${round(up.place(y))}`);
    const dots = places.map((place) => {
      const [cx, cy] = place.split(",");
      return `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour(one, i)}"/>`;
    });
    const width = i === 0 ? 3.5 : 2;
    return `<polyline points="${places.join(" ")}" fill="none" stroke="${
      colour(one, i)
    }" stroke-width="${width}"/>${dots.join("")}`;
  });
  return file(title, [
    ...up.ticks.map((value) => horizontal(up.place(value), short(value))),
    ...marks.map((value) => vertical(across.place(value), short(value))),
    text((LEFT + RIGHT) / 2, HEIGHT - 14, x.label, "middle"),
    text(LEFT, TOP - 10, y.label, "middle"),
    // The first last, on top of the others.
    ...drawn.toReversed(),
    ...legend(series),
  ]);
}

/**
 * Draws bars side by side, each with its value.
 *
 * @returns The text of an SVG file.
 */
export function bars({ title, label, of, series }: BarPlot): string {
  const values = series.flatMap(({ points }) => points.map(([, y]) => y));
  const up = scale({ label }, values, BOTTOM, TOP);
  const groups = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))];
  const room = (RIGHT - LEFT) / Math.max(1, groups.length);
  const width = room * 0.85 / Math.max(1, series.length);
  const drawn = groups.flatMap((group, g) => {
    const left = LEFT + g * room + room * 0.075;
    return [
      text(LEFT + (g + 0.5) * room, BOTTOM + 18, of(group), "middle"),
      ...series.flatMap((one, i) => {
        const value = one.points.find(([x]) => x === group)?.[1];
        if (value === undefined) return [];
        const top = up.place(value);
        const x = left + i * width;
        return [
          `<rect x="${round(x + 1)}" y="${round(top)}" width="${round(width - 2)}" height="${
            round(BOTTOM - top)
          }" fill="${colour(one, i)}"/>`,
          text(x + width / 2, top - 4, short(value), "middle"),
        ];
      }),
    ];
  });
  return file(title, [
    ...up.ticks.map((value) => horizontal(up.place(value), short(value))),
    text(LEFT, TOP - 10, label, "middle"),
    ...drawn,
    ...legend(series),
  ]);
}

/** Where values are on an axis, and which of them are marked. */
interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** A scale that holds all values, between two places; one that is not logarithmic begins with 0. */
function scale(
  { logarithmic = false }: Axis,
  values: readonly number[],
  from: number,
  to: number,
): Scale {
  const greatest = Math.max(...values, logarithmic ? 1e-9 : 0);
  if (logarithmic) {
    const least = Math.min(...values);
    // A little more than there is, so that no point is on the edge.
    const [low, high] = [Math.log10(least / 1.3), Math.log10(greatest * 1.3)];
    const exponents = Array.from({ length: 40 }, (_, i) => i - 20);
    return {
      place: (value) => from + (Math.log10(value) - low) / (high - low) * (to - from),
      ticks: exponents.map((exponent) => 10 ** exponent)
        .filter((tick) => Math.log10(tick) >= low && Math.log10(tick) <= high),
    };
  }
  const high = greatest * 1.08 || 1;
  const step = roundStep(high / 5);
  return {
    place: (value) => from + value / high * (to - from),
    ticks: Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step),
  };
}

/** The least of 1, 2, 5, 10, 20, … that is no less. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
}

function horizontal(y: number, name: string): string {
  return `<line x1="${LEFT}" y1="${round(y)}" x2="${RIGHT}" y2="${round(y)}" stroke="${GRID}"/>` +
    text(LEFT - 8, y + 4, name, "end");
}

function vertical(x: number, name: string): string {
  return `<line x1="${round(x)}" y1="${TOP}" x2="${round(x)}" y2="${BOTTOM}" stroke="${GRID}"/>${
    text(x, BOTTOM + 18, name, "middle")
  }`;
}

function legend(series: readonly Series[]): string[] {
  return series.map((one, i) => {
    const y = TOP + 12 + i * 22;
    return `<rect x="${RIGHT + 16}" y="${y - 9}" width="12" height="12" fill="${
      colour(one, i)
    }"/>` +
      text(RIGHT + 34, y + 2, one.name, "start");
  });
}

function text(x: number, y: number, content: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${round(x)}" y="${
    round(y)
  }" text-anchor="${anchor}" font-size="12" fill="${INK}">${escape(content)}</text>`;
}

function file(title: string, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" ${FONT}>`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" rx="6" fill="#ffffff"/>`,
    `<text x="${
      (LEFT + RIGHT) / 2
    }" y="24" text-anchor="middle" font-size="15" font-weight="600" fill="${INK}">${
      escape(title)
    }</text>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function colour(series: Series, index: number): string {
  return COLOURS[(series.colour ?? index) % COLOURS.length] ?? INK;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A value with few digits. */
function short(value: number): string {
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
