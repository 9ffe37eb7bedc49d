/** What {@linkcode getopt} found. */
export interface Options {
  /** The options in the order given: a letter, and its argument where it takes one. */
  readonly options: readonly { readonly letter: string; readonly argument: string }[];
  /** What is left: the operands. */
  readonly operands: readonly string[];
}

/** One step of {@linkcode getopts}: an option, what is wrong with one, or, as the last, the operands. */
export type Step =
  | { readonly kind: "option"; readonly letter: string; readonly argument: string }
  | { readonly kind: "illegal" | "incomplete"; readonly letter: string }
  | { readonly kind: "operands"; readonly operands: readonly string[] };

/**
 * Walks along a command line as getopt(3) does in POSIX mode: options may be clustered (`-vw5`), an argument may be
 * attached or be the next word, `--` and what begins with it ends the options, and so does the first operand; `-` alone is
 * an operand.
 *
 * @param argv The words after the tool's own name.
 * @param letters The options, each that takes an argument with a `:` behind it, such as `"vw:V"`.
 * @returns Step by step, the options in the order given. It ends with the operands, with a letter that is not among
 * the options (`illegal`), or with one that lacks its argument (`incomplete`).
 */
export function* getopts(argv: readonly string[], letters: string): Generator<Step> {
  let next = 0;
  for (; next < argv.length; next++) {
    const word = argv[next] ?? "";
    if (!word.startsWith("-") || word === "-") break;
    // The reference takes any word that begins with two for the one that ends the options.
    if (word.startsWith("--")) {
      next++;
      break;
    }
    for (let i = 1; i < word.length; i++) {
      const letter = String.fromCodePoint(word.codePointAt(i) ?? 0);
      const at = letter === ":" ? -1 : letters.indexOf(letter);
      if (at < 0) return yield { kind: "illegal", letter };
      if (letters.charAt(at + 1) !== ":") {
        yield { kind: "option", letter, argument: "" };
        continue;
      }
      const attached = word.slice(i + 1);
      if (attached === "" && next + 1 >= argv.length) return yield { kind: "incomplete", letter };
      yield { kind: "option", letter, argument: attached === "" ? argv[++next] ?? "" : attached };
      break;
    }
  }
  yield { kind: "operands", operands: argv.slice(next) };
}

/**
 * All of {@linkcode getopts} at once.
 *
 * @returns The options and operands, or `undefined` for a letter that is not among them or lacks its argument.
 */
export function getopt(argv: readonly string[], letters: string): Options | undefined {
  const options: { letter: string; argument: string }[] = [];
  for (const step of getopts(argv, letters)) {
    if (step.kind === "operands") return { options, operands: step.operands };
    if (step.kind !== "option") return undefined;
    options.push({ letter: step.letter, argument: step.argument });
  }
  return undefined;
}
