/**
 * Our sv and the reference, each in the same situations: what is said where, the exit code, what is sent.
 *
 * @module
 */

import { built } from "../support/build.ts";
import { osTest } from "../support/os.ts";
import { reference } from "../support/reference.ts";
import { compareAll } from "../sv/support/compare.ts";
import { GROUPS } from "../sv/support/experiments.ts";

const REFERENCE = reference("sv");
/** Some situations need a second user. */
const ROOT = Deno.uid() === 0;

for (const [group, experiments] of Object.entries(GROUPS)) {
  osTest(`sv says, sends and returns what the reference does: ${group}`, async () => {
    const possible = experiments.filter(({ uid }) => uid === undefined || ROOT);
    await compareAll(await built("sv"), REFERENCE ?? "", possible);
  }, { ignore: REFERENCE === undefined });
}
