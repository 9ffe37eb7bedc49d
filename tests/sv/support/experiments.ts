/**
 * The situations in which our sv is compared with the reference: what is said where, the exit code, and what is sent.
 *
 * @module
 */

import type { Experiment } from "./experiment.ts";
import { argumentErrors, many, numbers, where } from "./experiments/arguments.ts";
import { commands } from "./experiments/commands.ts";
import { damage } from "./experiments/directories.ts";
import { lsbMode } from "./experiments/lsb.ts";
import { oddRecords, statusLines } from "./experiments/statuses.ts";
import { checks, events } from "./experiments/waiting.ts";

/** All of them, in groups. */
export const GROUPS: Readonly<Record<string, readonly Experiment[]>> = {
  "commands": commands,
  "status lines": statusLines,
  "odd records": oddRecords,
  "broken directories": damage,
  "arguments": argumentErrors,
  "times to wait": numbers,
  "names and places": where,
  "several services": many,
  "check scripts": checks,
  "events": events,
  "LSB mode": lsbMode,
};
