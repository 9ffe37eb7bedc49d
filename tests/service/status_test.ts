import { assertEquals } from "@std/assert";
import {
  decodeStatus,
  encodeStatus,
  readRecord,
  type ServiceStatus,
  statLine,
  STATUS_SIZE,
  taiSeconds,
} from "../../src/service/status.ts";
import { random } from "../support/random.ts";

const RUNNING: ServiceStatus = {
  since: { seconds: 1_700_000_000, nanoseconds: 123_456_789 },
  pid: 258,
  paused: false,
  want: "up",
  gotTerm: false,
  state: "run",
};

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

Deno.test("encodeStatus() lays the fields out as runit does", () => {
  assertEquals(
    hex(encodeStatus(RUNNING)),
    // 2^62 + 10 + 1,700,000,000 seconds, nanoseconds, pid from its low byte on, then a byte each.
    "400000006553f10a" + "075bcd15" + "02010000" + "00" + "75" + "00" + "01",
  );
  const other = { ...RUNNING, paused: true, want: "down", gotTerm: true, state: "finish" } as const;
  assertEquals(hex(encodeStatus(other)).slice(32), "01" + "64" + "01" + "02");
});

Deno.test("encodeStatus() and decodeStatus() are each other's inverse", () => {
  const next = random(1);
  const upTo = (limit: number): number => Math.floor(next() * limit);
  for (let i = 0; i < 1000; i++) {
    const status: ServiceStatus = {
      since: { seconds: upTo(2 ** 40) - 2 ** 39, nanoseconds: upTo(1e9) },
      pid: upTo(2 ** 32),
      paused: next() < 0.5,
      want: next() < 0.5 ? "up" : "down",
      gotTerm: next() < 0.5,
      state: (["down", "run", "finish"] as const)[upTo(3)] ?? "down",
    };
    assertEquals(decodeStatus(encodeStatus(status)), status);
  }
});

Deno.test("encodeStatus() takes times before 1970, at it, and after 2038", () => {
  for (const seconds of [-(2 ** 33), -11, -10, -1, 0, 1, 2 ** 31, 2 ** 32 - 11, 2 ** 32 - 10]) {
    const since = { seconds, nanoseconds: 999_999_999 };
    const record = encodeStatus({ ...RUNNING, since });
    assertEquals(decodeStatus(record)?.since, since);
    assertEquals(new DataView(record.buffer).getBigUint64(0), taiSeconds(seconds));
  }
});

Deno.test("decodeStatus() takes no record that is shorter or longer", () => {
  for (const size of [0, 1, 18, 19, 21, 40]) {
    assertEquals(decodeStatus(new Uint8Array(size)), undefined, `${size} bytes`);
  }
});

Deno.test("decodeStatus() gives odd bytes a meaning", () => {
  const record = encodeStatus(RUNNING);
  record.set([7, "x".charCodeAt(0), 255, 9], 16);
  const { paused, want, gotTerm, state } = decodeStatus(record) ?? {};
  assertEquals([paused, want, gotTerm, state], [true, "down", true, "finish"]);
});

Deno.test("readRecord() gives the fields as they are, and minds nothing behind them", () => {
  const bytes = new Uint8Array(3 + STATUS_SIZE + 5).fill(255);
  bytes.set(encodeStatus(RUNNING), 3);
  assertEquals(readRecord(bytes.subarray(3)), {
    tai: 2n ** 62n + 10n + 1_700_000_000n,
    nanoseconds: 123_456_789,
    pid: 258,
    paused: 0,
    want: "u".charCodeAt(0),
    gotTerm: 0,
    state: 1,
  });
  assertEquals(readRecord(new Uint8Array(19)), undefined);
});

const LINES: readonly (readonly [Partial<ServiceStatus>, exiting: boolean, line: string])[] = [
  [{}, false, "run"],
  [{ paused: true }, false, "run, paused"],
  [{ gotTerm: true }, false, "run, got TERM"],
  [{ want: "down" }, false, "run, want down"],
  [{ want: "down" }, true, "run, want exit"],
  [
    { paused: true, gotTerm: true, want: "down" },
    true,
    "run, paused, got TERM, want exit",
  ],
  [{ state: "finish" }, false, "finish"],
  [{ state: "finish", want: "down" }, false, "finish, want down"],
  [{ state: "finish", paused: true, want: "down" }, true, "finish, paused, want exit"],
  [{ state: "down", want: "down" }, false, "down"],
  [{ state: "down", want: "down" }, true, "down"],
  [{ state: "down" }, false, "down"],
  [{ state: "down", paused: true, want: "down" }, false, "down, paused"],
];

for (const [fields, exiting, line] of LINES) {
  Deno.test(`statLine() says «${line}» of ${JSON.stringify(fields)}${exiting ? ", exiting" : ""}`, () => {
    assertEquals(statLine({ ...RUNNING, ...fields }, exiting), `${line}\n`);
  });
}
