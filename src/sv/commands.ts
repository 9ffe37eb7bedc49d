/**
 * The commands of sv(8).
 *
 * @module
 */

/** A command that has something sent, or something waited for. */
export interface ControlCommand {
  readonly kind: "control";
  /** The control characters to send; none for `check`. */
  readonly send: string;
  /** What to wait for: control characters, or {@linkcode CHECK}. */
  readonly effects: string;
  /** Whether to wait for it even when nobody asks for that. */
  readonly wait: boolean;
  /** Whether to kill what has not obeyed in time. */
  readonly kill: boolean;
}

/** A command as it is carried out. */
export type Command = { readonly kind: "status" } | ControlCommand;

function control(send: string, options: Partial<ControlCommand> = {}): ControlCommand {
  return { kind: "control", send, effects: send, wait: false, kill: false, ...options };
}

const WAIT = { wait: true } as const;
const FORCE = { wait: true, kill: true } as const;

/** The effect that `check` waits for. */
export const CHECK = "C";

/** Words that are compared as a whole, before the first letter is looked at. */
const WORDS: Readonly<Record<string, Command>> = {
  "start": control("u", WAIT),
  "stop": control("d", WAIT),
  "reload": control("h", WAIT),
  "restart": control("tcu", WAIT),
  "shutdown": control("x", WAIT),
  "try-restart": control("tc", WAIT),
  "force-stop": control("d", FORCE),
  "force-reload": control("tc", FORCE),
  "force-restart": control("tcu", FORCE),
  "force-shutdown": control("x", FORCE),
  "check": control("", { effects: CHECK, wait: true }),
};

/** Letters that stand for something other than the control character of that letter. */
const LETTERS: Readonly<Record<string, Command>> = {
  "e": control("x"),
  "E": control("x", FORCE),
  "X": control("x", FORCE),
  "D": control("d", FORCE),
  "T": control("tc", FORCE),
  "s": { kind: "status" },
};

const CONTROL_CHARACTERS = "udopchaitkqx12";

/**
 * The command that a word means: a word of the table above, or else any word by its first letter.
 *
 * @param word As it was given.
 * @param lsb Whether it comes through an init script's name, where `status` cannot be abbreviated.
 * @returns `undefined` if it means nothing.
 */
export function parseCommand(word: string, lsb: boolean): Command | undefined {
  const whole = own(WORDS, word);
  if (whole !== undefined) return whole;
  const letter = word.charAt(0);
  if (letter === "s" && lsb && word !== "status") return undefined;
  if (letter !== "" && CONTROL_CHARACTERS.includes(letter)) return control(letter);
  return own(LETTERS, letter);
}

function own(table: Readonly<Record<string, Command>>, key: string): Command | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
