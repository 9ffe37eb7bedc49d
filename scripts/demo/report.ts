/**
 * What the demo says, and in which colours.
 *
 * @module
 */

import { bold, cyan, dim, getColorEnabled, green, red, setColorEnabled } from "@std/fmt/colors";

// NO_COLOR is heeded by the package; files and pipes get no colours either.
setColorEnabled(getColorEnabled() && Deno.stdout.isTerminal());

let steps = 0;

/** Begins a step. */
export function step(title: string): void {
  steps += 1;
  console.log(`\n${bold(`${steps}. ${title}`)}`);
}

/** Shows a command line that is run. */
export function command(line: string): void {
  console.log(`   ${cyan(`$ ${line}`)}`);
}

/** Shows what a command has written. */
export function output(text: string): void {
  const lines = text.replace(/\n$/, "").split("\n");
  for (const line of lines) if (line !== "") console.log(`     ${line}`);
}

/** Says something that was looked at and found so. */
export function verified(text: string): void {
  console.log(`   ${green("✓")} ${text}`);
}

/** Says something by the way. */
export function remark(text: string): void {
  console.log(dim(text));
}

/** Says in one line what has failed. */
export function failure(text: string): void {
  console.error(`${red("demo:")} ${text.trim().replaceAll(/\s*\n\s*/g, " ")}`);
}
