/**
 * What a run of tests came to.
 *
 * @module
 */

/** Numbers of tests. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** No tests at all. */
export const NONE: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Adds up. */
export function sum(all: readonly Counts[]): Counts {
  return all.reduce((a, b) => ({
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }), NONE);
}

/** The closing line: `N passed, N failed`, and `, N skipped` where some were. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** 0 only if something ran and nothing failed. */
export function exitCode({ passed, failed }: Counts): number {
  return failed === 0 && passed > 0 ? 0 : 1;
}

/**
 * Counts the tests of a JUnit report as `deno test --junit-path` writes it, steps included.
 *
 * @param report The report's text.
 * @param success Whether the run that wrote it said that all went well. When it did not, but the report shows no
 *   failure (a module broke outside of any test), that counts as one.
 */
export function countReport(report: string, success: boolean): Counts {
  let [tests, failed, skipped] = [0, 0, 0];
  for (const [suite] of report.matchAll(/<testsuite\s[^>]*>/g)) {
    tests += attribute(suite, "tests");
    failed += attribute(suite, "failures") + attribute(suite, "errors");
    skipped += attribute(suite, "disabled");
  }
  const passed = tests - failed - skipped;
  return { passed, failed: success ? failed : Math.max(failed, 1), skipped };
}

function attribute(tag: string, name: string): number {
  return Number(tag.match(new RegExp(`\\s${name}="(\\d+)"`))?.[1] ?? 0);
}
