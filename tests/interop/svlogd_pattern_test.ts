/** Thousands of random patterns and lines: what the reference takes, ours takes, and nothing else. */

import { assert, assertEquals } from "@std/assert";
import { compilePattern, matchesPattern } from "../../src/svlogd/pattern.ts";
import { random } from "../support/random.ts";
import { reference } from "../support/reference.ts";
import { TempDir } from "../support/temp_dir.ts";
import { bytesOf, latin1 } from "../svlogd/run_svlogd.ts";

const theirs = reference("svlogd");

const PATTERNS = 80;
const LINES = 120;

/** Longer than any line, and of a byte that is in none. */
const SEPARATOR = "Z".repeat(20);

Deno.test({
  name: "a pattern matches exactly the lines that it matches for the reference",
  ignore: theirs === undefined,
  async fn(): Promise<void> {
    using temp = new TempDir();
    const next = random(2112);
    const text = (alphabet: string, length: number): string =>
      Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join("");
    const patterns = [
      "",
      "*",
      "+",
      "**",
      "*+",
      "+*",
      "++a",
      ...Array.from({ length: PATTERNS }, () => text("aab*+*+\xe9 ", Math.floor(next() * 7))),
    ];
    const lines = Array.from({ length: LINES }, () => text("aaab*+\xe9 ", Math.floor(next() * 9)));
    patterns.forEach((pattern, i) => temp.write(`${i}/config`, bytesOf(`-*\n+${pattern}\n-Z*\n`)));
    // Where a pattern looks past the end of a line, the reference sees what was in its buffer before.
    const input = bytesOf(lines.map((line) => `${SEPARATOR}\n${line}\n`).join(""));
    temp.write("input", input);
    using stdin = Deno.openSync(`${temp.path}/input`);
    const child = new Deno.Command(theirs ?? "", {
      args: patterns.map((_, i) => String(i)),
      cwd: temp.path,
      stdin: "piped",
      stderr: "piped",
    }).spawn();
    await stdin.readable.pipeTo(child.stdin);
    const { code, stderr } = await child.output();
    assertEquals({ code, stderr: latin1(stderr) }, { code: 0, stderr: "" });
    let taken = 0;
    patterns.forEach((pattern, i) => {
      const compiled = compilePattern(bytesOf(pattern));
      const expected = latin1(Deno.readFileSync(`${temp.path}/${i}/current`));
      const actual = lines.filter((line) => {
        const bytes = bytesOf(`${line}\n`);
        return matchesPattern(compiled, bytes, 0, line.length);
      }).map((line) => `${line}\n`);
      taken += actual.length;
      assertEquals(actual.join(""), expected, `pattern ${JSON.stringify(pattern)}`);
    });
    assert(taken > patterns.length * 2, "hardly anything matched");
  },
});
