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
  /** Median of the least that can be had, such as a compiled hello world for a start, `cat` for a copy. */
  readonly floor?: number;
  /** Left out where no budget is set. */
  readonly budget?: Budget;
  /** Whatever one has to know to read the figures: sizes, numbers of rounds. */
  readonly note?: string;
}

/** What `deno task bench` was asked for. */
export interface BenchOptions {
  /** How often each thing is measured, ours and the reference in turns; a suite may have reasons to do a multiple. */
  readonly rounds: number;
}

/** Left out, the options are what the suite thinks best. */
export type Bench = (options?: BenchOptions) => Promise<Row[]>;
