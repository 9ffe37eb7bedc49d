import { assertEquals } from "@std/assert";
import { idNumber, limitNumber, niceNumber } from "../../src/chpst/numbers.ts";

Deno.test("limitNumber() takes decimal digits and nothing else", () => {
  assertEquals(limitNumber("0"), 0n);
  assertEquals(limitNumber("007"), 7n);
  assertEquals(limitNumber("4294967296"), 4294967296n);
  assertEquals(limitNumber(""), 0n);
  for (const text of ["-1", "+1", "1x", "0x10", " 5", "5 ", "=", "1e3", "٣"]) {
    assertEquals(limitNumber(text), undefined, text);
  }
});

Deno.test("limitNumber() wraps at 64 bits, and sees what lies in their upper half as negative", () => {
  assertEquals(limitNumber("18446744073709551617"), 1n);
  assertEquals(limitNumber("18446744073709551615"), -1n);
  assertEquals(limitNumber("18446744073709551614"), "none");
  assertEquals(limitNumber("9223372036854775808"), "none");
  assertEquals(limitNumber("9223372036854775807"), 9223372036854775807n);
});

Deno.test("niceNumber() takes one sign and digits, and either may be missing", () => {
  const cases: [string, number][] = [
    ["5", 5],
    ["-5", -5],
    ["+5", 5],
    ["", 0],
    ["-", 0],
    ["+", 0],
    ["4294967295", -1],
    ["-4294967291", 5],
    ["2147483648", -2147483648],
    ["18446744073709551615", -1],
  ];
  for (const [text, number] of cases) assertEquals(niceNumber(text), number, text);
  for (const text of ["-+5", "--5", "1-", "x", "-n"]) {
    assertEquals(niceNumber(text), undefined, text);
  }
});

Deno.test("idNumber() wraps at 32 bits", () => {
  assertEquals(idNumber("1000"), 1000);
  assertEquals(idNumber(""), 0);
  assertEquals(idNumber("4294967297"), 1);
  assertEquals(idNumber("99999999999999999999"), 1661992959);
  assertEquals(idNumber("-1"), undefined);
});
