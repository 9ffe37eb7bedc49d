import { Diagnostics, writeStderr } from "../cli/diagnostics.ts";
import { writeAll } from "../os/descriptor.ts";
import { hostOs } from "./os.ts";
import { parse } from "./personalities.ts";
import { perform } from "./perform.ts";
import type { Plan } from "./plan.ts";
import { UsageError } from "./usage.ts";

/** The exit code for a command line that is not understood. */
const USAGE = 100;

/**
 * chpst(8): changes the process state, and becomes a program.
 *
 * @param argv The arguments.
 * @param name The name that it was called by: chpst's own, or that of a tool that it stands in for.
 * @returns The exit code, if it did not become the program: 100 for wrong usage, 111 for what could not be done.
 */
export function main(argv: readonly string[], name: string): Promise<number> {
  let plan: Plan;
  try {
    plan = parse(argv, name);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    writeStderr(new TextEncoder().encode(error.message));
    return Promise.resolve(USAGE);
  }
  return Promise.resolve(perform(plan, hostOs, new Diagnostics("chpst", sayOnDescriptor2)));
}

/** Deno writes to a duplicate of standard error that it made at its start: `-2` would not close it. */
function sayOnDescriptor2(bytes: Uint8Array): void {
  try {
    writeAll(2, new Uint8Array(bytes));
  } catch {
    // Closed, full, or nobody reads it.
  }
}
