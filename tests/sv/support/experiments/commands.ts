/**
 * Every command, in every state.
 *
 * @module
 */

import type { Experiment } from "../experiment.ts";
import { ALONE, DOWN, mapValues, onAll, SINGLE, STATES, UP, WAITING } from "./situations.ts";

const PREFIXES = [
  ...["try-foo", "rest", "re", "r", "force-foo", "f", "stopp", "starts", "shut", "chec", "checks"],
  ...[
    "",
    "z",
    "U",
    "1x",
    "12",
    "K",
    "9",
    "-",
    "C",
    "P",
    "xyz",
    "eyes",
    "Xyz",
    "Dog",
    "Term",
    "Exit",
  ],
];

/** The experiments. */
export const commands: readonly Experiment[] = [
  ...[...SINGLE, ...WAITING, ...PREFIXES].map((command) =>
    onAll(["-w0", command], { up: UP, down: DOWN, alone: ALONE }, "up, down, and alone")
  ),
  ...[..."udopcthkxe1", "up", "exit", "kill"].map((command) =>
    onAll([command], { up: UP, down: DOWN, alone: ALONE }, "without waiting")
  ),
  ...[..."udopctkx1D", "check", "try-restart", "restart"].map((command) =>
    onAll(["-w0", command], mapValues(STATES, (status) => ({ status })), "every state")
  ),
];
