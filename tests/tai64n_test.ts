import { assertEquals } from "@std/assert";
import { parseTai64n, tai64n } from "../src/tai64n.ts";

Deno.test("tai64n() adds ten seconds to Unix time", () => {
  assertEquals(tai64n({ seconds: 0, nanoseconds: 0 }), "@400000000000000a00000000");
  // 2000-01-01 00:00:00 TAI, as libtai counts it without leap seconds.
  assertEquals(
    tai64n({ seconds: 946_684_790, nanoseconds: 500_000_000 }),
    "@40000000386d43801dcd6500",
  );
});

Deno.test("tai64n() labels times before 1970 and after 2106", () => {
  assertEquals(tai64n({ seconds: -11, nanoseconds: 999_999_999 }), "@3fffffffffffffff3b9ac9ff");
  assertEquals(tai64n({ seconds: 2 ** 32, nanoseconds: 1 }), "@400000010000000a00000001");
});

Deno.test("labels sort as their times do", () => {
  const times = [-(2 ** 33), -11, -10, 0, 1, 2 ** 31, 2 ** 32, 2 ** 34];
  const labels = times.flatMap((seconds) => [
    tai64n({ seconds, nanoseconds: 0 }),
    tai64n({ seconds, nanoseconds: 999_999_999 }),
  ]);
  assertEquals(labels.toSorted(), labels);
});

Deno.test("parseTai64n() reads what tai64n() wrote, and nothing else", () => {
  for (const seconds of [-11, 0, 1_700_000_000, 2 ** 32 - 11, 2 ** 32, 2 ** 40]) {
    const time = { seconds, nanoseconds: 123_456_789 };
    assertEquals(parseTai64n(tai64n(time)), time);
  }
  for (
    const label of [
      "",
      "@",
      "@40000000000000000000000g",
      "400000000000000a00000000",
      "@400000000000000affffffff",
    ]
  ) {
    assertEquals(parseTai64n(label), undefined);
  }
});
