import { assertEquals, assertThrows } from "@std/assert";
import { OsError } from "../../src/os/error.ts";
import { getLimit, setLimit, UNLIMITED } from "../../src/os/limits.ts";
import { osTest } from "../support/os.ts";

/** What Linux itself says of a limit. */
function told(words: string): { soft: bigint; hard: bigint } | undefined {
  const [, soft, hard] = Deno.readTextFileSync("/proc/self/limits")
    .match(new RegExp(`^${words} +(\\w+) +(\\w+)`, "m")) ?? [];
  if (soft === undefined || hard === undefined) return undefined;
  const number = (text: string) => text === "unlimited" ? UNLIMITED : BigInt(text);
  return { soft: number(soft), hard: number(hard) };
}

osTest("getLimit() is what the system says, for every resource", () => {
  assertEquals(getLimit("CPU"), told("Max cpu time"));
  assertEquals(getLimit("FSIZE"), told("Max file size"));
  assertEquals(getLimit("DATA"), told("Max data size"));
  assertEquals(getLimit("STACK"), told("Max stack size"));
  assertEquals(getLimit("CORE"), told("Max core file size"));
  assertEquals(getLimit("RSS"), told("Max resident set"));
  assertEquals(getLimit("NPROC"), told("Max processes"));
  assertEquals(getLimit("NOFILE"), told("Max open files"));
  assertEquals(getLimit("MEMLOCK"), told("Max locked memory"));
  assertEquals(getLimit("AS"), told("Max address space"));
}, { ignore: Deno.build.os !== "linux" });

osTest("setLimit() sets a soft limit, and takes it back", () => {
  const before = getLimit("NOFILE");
  const lower = { soft: before.soft - 1n, hard: before.hard };
  setLimit("NOFILE", lower);
  try {
    assertEquals(getLimit("NOFILE"), lower);
  } finally {
    setLimit("NOFILE", before);
  }
  assertEquals(getLimit("NOFILE"), before);
});

osTest("setLimit() throws for a soft limit above the hard one", () => {
  const { hard } = getLimit("NOFILE");
  const error = assertThrows(() => setLimit("NOFILE", { soft: hard + 1n, hard }), OsError);
  assertEquals([error.code, error.syscall], ["EINVAL", "setrlimit"]);
});
