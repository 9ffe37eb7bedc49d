import { assertEquals } from "@std/assert";
import { closingLine, countReport, exitCode, NONE, sum } from "../../scripts/test/counts.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="9" failures="2" errors="0" time="0.1">
    <testsuite name="./tests/a_test.ts" tests="6" disabled="1" errors="0" failures="2">
        <testcase name="tests=&quot;7&quot; &lt;testsuite tests=&quot;7&quot;" time="0.05"></testcase>
    </testsuite>
    <testsuite name="./tests/b_test.ts" tests="3" disabled="0" errors="0" failures="0">
    </testsuite>
</testsuites>`;

Deno.test("countReport() adds up the files of a report", () => {
  assertEquals(countReport(REPORT, false), { passed: 6, failed: 2, skipped: 1 });
});

Deno.test("countReport() counts a failed run without a failed test as one failure", () => {
  const report = REPORT.replaceAll('failures="2"', 'failures="0"');
  assertEquals(countReport(report, true), { passed: 8, failed: 0, skipped: 1 });
  assertEquals(countReport(report, false), { passed: 8, failed: 1, skipped: 1 });
});

Deno.test("closingLine() names skipped tests only if there are any", () => {
  assertEquals(closingLine({ passed: 3, failed: 0, skipped: 0 }), "3 passed, 0 failed");
  assertEquals(closingLine({ passed: 3, failed: 1, skipped: 2 }), "3 passed, 1 failed, 2 skipped");
});

Deno.test("exitCode() is 0 only if something passed and nothing failed", () => {
  assertEquals(exitCode({ passed: 1, failed: 0, skipped: 1 }), 0);
  assertEquals(exitCode({ passed: 1, failed: 1, skipped: 0 }), 1);
  assertEquals(exitCode({ passed: 0, failed: 0, skipped: 9 }), 1);
  assertEquals(exitCode(NONE), 1);
});

Deno.test("sum() adds each number up", () => {
  const one = { passed: 1, failed: 2, skipped: 3 };
  assertEquals(sum([one, one]), { passed: 2, failed: 4, skipped: 6 });
  assertEquals(sum([]), NONE);
});
