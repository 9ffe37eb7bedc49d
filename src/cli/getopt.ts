/** What {@linkcode getopt} found. */
export interface Options {
  /** The options in the order given: a letter, and its argument where it takes one. */
  readonly options: readonly { readonly letter: string; readonly argument: string }[];
  /** What is left: the operands. */
  readonly operands: readonly string[];
}

/**
 * Splits a command line as getopt(3) does in POSIX mode: options may be clustered (`-vw5`), an argument may be
 * attached or be the next word, `--` ends the options, and so does the first operand; `-` alone is an operand.
 *
 * @param argv The words after the tool's own name.
 * @param letters The options, each that takes an argument with a `:` behind it, such as `"vw:V"`.
 * @returns The options and operands, or `undefined` for a letter that is not among them or lacks its argument.
 */
export function getopt(argv: readonly string[], letters: string): Options | undefined {
  const options: { letter: string; argument: string }[] = [];
  let next = 0;
  for (; next < argv.length; next++) {
    const word = argv[next] ?? "";
    if (!word.startsWith("-") || word === "-") break;
    if (word === "--") {
      next++;
      break;
    }
    for (let i = 1; i < word.length; i++) {
      const letter = word.charAt(i);
      const at = letter === ":" ? -1 : letters.indexOf(letter);
      if (at < 0) return undefined;
      if (letters.charAt(at + 1) !== ":") {
        options.push({ letter, argument: "" });
        continue;
      }
      const attached = word.slice(i + 1);
      if (attached === "" && next + 1 >= argv.length) return undefined;
      options.push({ letter, argument: attached === "" ? argv[++next] ?? "" : attached });
      break;
    }
  }
  return { options, operands: argv.slice(next) };
}
