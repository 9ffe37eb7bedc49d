import { assertEquals } from "@std/assert";
import { getopt, getopts } from "../../src/cli/getopt.ts";

/** Options as they are written in a table: letter and argument joined by an equals sign. */
function parsed(argv: readonly string[], letters: string): unknown {
  const found = getopt(argv, letters);
  return found && [
    found.options.map(({ letter, argument }) => argument === "" ? letter : `${letter}=${argument}`),
    found.operands,
  ];
}

const ACCEPTED: readonly (readonly [argv: string[], options: string[], operands: string[]])[] = [
  [[], [], []],
  [["-v"], ["v"], []],
  [["-vV"], ["v", "V"], []],
  [["-v", "-v"], ["v", "v"], []],
  [["-w5"], ["w=5"], []],
  [["-w", "5"], ["w=5"], []],
  [["-vw5", "up"], ["v", "w=5"], ["up"]],
  [["-vw", "5"], ["v", "w=5"], []],
  [["-wv"], ["w=v"], []],
  [["-w", "-v"], ["w=-v"], []],
  [["-w", "--"], ["w=--"], []],
  [["-w", ""], ["w"], []],
  [["up", "-v"], [], ["up", "-v"]],
  [["-v", "up", "-w", "5"], ["v"], ["up", "-w", "5"]],
  [["--", "-v"], [], ["-v"]],
  [["-v", "--", "--"], ["v"], ["--"]],
  // As the reference does it: `chpst --no-such-option echo` echoes.
  [["--version", "-v"], [], ["-v"]],
  [["-", "-v"], [], ["-", "-v"]],
  [["", "-v"], [], ["", "-v"]],
  [["-v", "-"], ["v"], ["-"]],
];

for (const [argv, options, operands] of ACCEPTED) {
  Deno.test(`getopt() reads ${JSON.stringify(argv)}`, () => {
    assertEquals(parsed(argv, "vw:V"), [options, operands]);
  });
}

const REFUSED: readonly (readonly [argv: string[], kind: string, letter: string])[] = [
  [["-x"], "illegal", "x"],
  [["-vx"], "illegal", "x"],
  [["-v-"], "illegal", "-"],
  [["-:"], "illegal", ":"],
  [["-é"], "illegal", "é"],
  [["-😀"], "illegal", "😀"],
  [["-w"], "incomplete", "w"],
  [["-vw"], "incomplete", "w"],
];

for (const [argv, kind, letter] of REFUSED) {
  Deno.test(`getopt() refuses ${JSON.stringify(argv)}, as ${kind}`, () => {
    assertEquals(getopt(argv, "vw:V"), undefined);
    assertEquals([...getopts(argv, "vw:V")].at(-1), { kind, letter } as never);
  });
}

Deno.test("getopts() yields the options before the one that is wrong", () => {
  const steps = [...getopts(["-v", "-w5", "-x", "-v"], "vw:")];
  assertEquals(steps.map(({ kind }) => kind), ["option", "option", "illegal"]);
});
