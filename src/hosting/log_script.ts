/**
 * Recognises the `log/run` that nearly everybody writes: a shell script that does nothing but become svlogd.
 *
 * Strict on purpose. A script is taken only if there is no doubt about the words that svlogd would get; whatever is not
 * on the lists below (a variable, a glob, a backslash, a second command, another redirection) makes it a script like any
 * other, and it is run. The grammar is the part of POSIX.1-2017 XCU 2 that leaves nothing to expand.
 *
 * @module
 */

/** What a script comes down to. */
export interface LogScript {
  /** The words after `svlogd`. */
  readonly argv: readonly string[];
  /** Whether standard error goes where standard output does (`exec 2>&1`). */
  readonly toStdout: boolean;
}

/** The first line: a shell that everybody has, with options that change nothing here. */
const INTERPRETER =
  /^#![ \t]*(?:\/usr)?\/bin\/(?:env[ \t]+)?(?:sh|dash|bash)(?:[ \t]+-[eu]{1,2})?[ \t]*$/;

/** Lines that may come before the last: they make no difference to a script that has nothing to expand. */
const SETTING = /^set[ \t]+-[eu]{1,2}$/;
const TO_STDOUT = /^exec[ \t]+2>&1$/;

/** Where svlogd is found by its bare name, or lies. */
const SVLOGD = /^(?:svlogd|(?:(?:\/usr(?:\/local)?)?\/s?bin|\/command)\/svlogd)$/;

/** Characters that mean themselves outside quotes, wherever they stand. */
const PLAIN = /^[A-Za-z0-9_.\/,:=@%+-]+/;

/**
 * Reads a `log/run`.
 *
 * @param text All of it.
 * @returns `undefined` for anything that is not certainly of that form.
 */
export function parseLogScript(text: string): LogScript | undefined {
  const [first = "", ...lines] = text.split("\n");
  if (!INTERPRETER.test(first)) return undefined;
  // `env` takes one argument from such a line, and would look for a program "sh -e".
  if (/env[ \t]/.test(first) && /-[eu]/.test(first)) return undefined;
  let toStdout = false;
  let argv: readonly string[] | undefined;
  for (const untrimmed of lines) {
    const line = untrimmed.replace(/^[ \t]+|[ \t]+$/g, "");
    if (line === "" || line.startsWith("#")) continue;
    if (argv !== undefined) return undefined;
    if (SETTING.test(line)) continue;
    if (TO_STDOUT.test(line)) {
      toStdout = true;
      continue;
    }
    const [exec, program, ...rest] = literalWords(line) ?? [];
    if (exec !== "exec" || program === undefined || !SVLOGD.test(program)) return undefined;
    argv = rest;
  }
  return argv && { argv, toStdout };
}

/**
 * The words of a command that is made of literals alone.
 *
 * @returns `undefined` where anything in it might mean more than itself.
 */
export function literalWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word = "";
  let rest = line;
  while (rest !== "") {
    const blanks = /^[ \t]+/.exec(rest)?.[0];
    if (blanks !== undefined) {
      rest = rest.slice(blanks.length);
      if (word !== "") words.push(word);
      word = "";
      continue;
    }
    // At the beginning of a word, and only there, it begins a comment.
    if (rest.startsWith("#") && word === "") break;
    const piece = PLAIN.exec(rest)?.[0] ?? /^'[^'\0]+'/.exec(rest)?.[0] ??
      /^"[^"$`\\!\0]+"/.exec(rest)?.[0];
    if (piece === undefined) return undefined;
    rest = rest.slice(piece.length);
    word += /^['"]/.test(piece) ? piece.slice(1, -1) : piece;
  }
  if (word !== "") words.push(word);
  return words;
}
