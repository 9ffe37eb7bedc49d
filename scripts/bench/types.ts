/**
 * What a benchmark hands back. A suite is a module `scripts/bench/<suite>.ts` that exports {@linkcode Bench} as `bench`;
 * `deno task bench <suite>` runs it.
 *
 * @module
 */

/** What design.md allows: {@linkcode Row.ours} compared with what, and how it may turn out. */
export interface Budget {
  /**
   * `reference`: ours divided by the reference. `floor`: ours less the floor, in the row's unit. `value`: ours itself.
   */
  readonly of: "reference" | "floor" | "value";
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Where a row stands among those that measure the same of more or fewer: a point of a line in a plot. */
export interface Point {
  /** What they have in common, such as `memory: PSS`. */
  readonly of: string;
  /** How many, such as the number of services. */
  readonly at: number;
}

/** One line of a table: something that was measured of ours, and of the reference in the same run. */
export interface Row {
  /** Name of the suite, as on the command line. */
  readonly suite: string;
  /** What was measured, such as `restart after kill -9`. */
  readonly what: string;
  /** Unit of the three figures, such as `ms` or `MB/s`. */
  readonly unit: string;
  /** Median of ours. */
  readonly ours: number;
  /** Median of the reference; left out where there is none on this machine, or none can be. */
  readonly reference?: number;
  /** Medians of others, by name: each has a column of its own in the table of the suite. */
  readonly others?: Readonly<Record<string, number>>;
  /** Median of the least that can be had, such as a compiled hello world for a start, `cat` for a copy. */
  readonly floor?: number;
  /** Left out where no budget is set. */
  readonly budget?: Budget;
  /** Whatever one has to know to read the figures: sizes, numbers of rounds. */
  readonly note?: string;
  readonly point?: Point;
}

/** What `deno task bench` was asked for. */
export interface BenchOptions {
  /** How often each thing is measured, ours and the reference in turns; a suite may have reasons to do a multiple. */
  readonly rounds: number;
  /** Whether to measure so little that it only shows that the suite works. Suites that are quick anyway take no notice. */
  readonly quick?: boolean;
}

/** Left out, the options are what the suite thinks best. */
export type Bench = (options?: BenchOptions) => Promise<Row[]>;

/** A plot of a suite's figures. */
export interface Illustration {
  /** Name of its file, without a folder or an extension. */
  readonly name: string;
  /** What it shows, for those who cannot see it. */
  readonly alt: string;
  readonly svg: string;
}

/** A module `scripts/bench/<suite>.ts`. */
export interface Suite {
  readonly bench: Bench;
  /** Plots of the figures, for `docs/benchmarks/`. */
  readonly illustrate?: (rows: readonly Row[]) => Illustration[];
  /** What the figures come to, in sentences. */
  readonly conclude?: (rows: readonly Row[]) => string[];
}
