import { assertEquals, assertMatch } from "@std/assert";
import { Stamper, type StampFormat } from "../../src/svlogd/stamp.ts";
import { tai64n } from "../../src/tai64n.ts";
import { random } from "../support/random.ts";

function stamps(format: StampFormat, ...times: (readonly [number, number])[]): string[] {
  const stamper = new Stamper(format);
  return times.map(([seconds, nanoseconds]) =>
    new TextDecoder().decode(stamper.stamp({ seconds, nanoseconds }))
  );
}

Deno.test("stamps have the form that svlogd(8) gives", () => {
  const time = [1_134_897_230, 976_189_999] as const;
  assertEquals(stamps("underscore", time), ["2005-12-18_09:13:50.97618 "]);
  assertEquals(stamps("iso", time), ["2005-12-18T09:13:50.97618 "]);
  assertEquals(stamps("tai64n", time), ["@4000000043a528583a2f7a2f "]);
  assertEquals(stamps("rfc3339", time), ["2005-12-18T09:13:50.976189Z"]);
});

Deno.test("a patched stamp is the same as one that is made anew", () => {
  const next = random(3);
  for (const format of ["tai64n", "underscore", "iso", "rfc3339", "local"] as const) {
    const times = Array.from({ length: 300 }, () =>
      [
        1_700_000_000 + Math.floor(next() * 3),
        Math.floor(next() * 1e9) % 10 ** Math.ceil(next() * 9),
      ] as const);
    assertEquals(stamps(format, ...times), times.map((time) => stamps(format, time)[0]));
  }
});

Deno.test("TAI64N stamps are labels with a blank", () => {
  const next = random(4);
  for (let i = 0; i < 300; i++) {
    const time = [Math.floor(next() * 2 ** 34), Math.floor(next() * 1e9)] as const;
    const label = tai64n({ seconds: time[0], nanoseconds: time[1] });
    assertEquals(stamps("tai64n", time), [`${label} `]);
  }
});

Deno.test("a local stamp is the time that it says", () => {
  for (const seconds of [1_700_000_000, 1_720_000_000]) {
    const [stamp = ""] = stamps("local", [seconds, 120_000_000]);
    assertMatch(stamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.12000[+-]\d\d:\d\d $/);
    assertEquals(Date.parse(stamp.trim()), seconds * 1000 + 120);
  }
});
