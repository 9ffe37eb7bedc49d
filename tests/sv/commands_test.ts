import { assertEquals } from "@std/assert";
import { parseCommand } from "../../src/sv/commands.ts";

/** What a word comes to, in short. */
function meaning(word: string, lsb = false): string {
  const command = parseCommand(word, lsb);
  if (command === undefined) return "nothing";
  if (command.kind === "status") return "status";
  const { send, effects, wait, kill } = command;
  return [
    send,
    ...(effects === send ? [] : [`for ${effects}`]),
    ...(wait ? ["wait"] : []),
    ...(
      kill ? ["kill"] : []
    ),
  ].join(" ");
}

Deno.test("a control character stands for itself, and so does any word that begins with it", () => {
  for (const letter of "udopchaitkqx12") {
    assertEquals(meaning(letter), letter);
    assertEquals(meaning(`${letter}-and-so-on`), letter);
  }
});

Deno.test("words that only begin like a command of LSB go by their first letter", () => {
  assertEquals(meaning("try-restart"), "tc wait");
  assertEquals(meaning("try-restar"), "t");
  assertEquals(meaning("check"), " for C wait");
  assertEquals(meaning("checks"), "c");
  assertEquals(meaning("start"), "u wait");
  assertEquals(meaning("star"), "status");
});

Deno.test("a word is a command of LSB only as a whole", () => {
  for (const word of ["r", "resta", "restarts", "f", "force", "force-stops"]) {
    assertEquals(meaning(word), "nothing");
  }
});

Deno.test("capitals are the forms that kill in the end, and there are four", () => {
  const found = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i))
    .filter((letter) => meaning(letter) !== "nothing");
  assertEquals(found.map((letter) => `${letter}: ${meaning(letter)}`), [
    "D: d wait kill",
    "E: x wait kill",
    "T: tc wait kill",
    "X: x wait kill",
  ]);
});

Deno.test("exit is x by either letter", () => {
  assertEquals([meaning("exit"), meaning("x")], ["x", "x"]);
});

Deno.test("in LSB mode status is not abbreviated, while other commands are", () => {
  assertEquals(meaning("status", true), "status");
  assertEquals(meaning("stat", true), "nothing");
  assertEquals(meaning("s", true), "nothing");
  assertEquals(meaning("stop", true), "d wait");
  assertEquals(meaning("up", true), "u");
});

Deno.test("names that every object has are not commands", () => {
  for (const word of ["", "toString", "__proto__", "constructor", "hasOwnProperty"]) {
    assertEquals(
      meaning(word),
      { t: "t", c: "c", h: "h" }[word.charAt(0)] ?? "nothing",
    );
  }
});
