import { assertEquals } from "@std/assert";
import { carryOut, type Experiment, type Outcome } from "./experiment.ts";
import { IDENTIFICATION } from "../../../src/cli/version.ts";

/** How many experiments are carried out side by side: most of their time they wait. */
const SIDE_BY_SIDE = 8;

/** Seconds by which two calls, one after the other, may differ on a busy machine. */
const TOLERANCE = 60n;

/**
 * Carries experiments out with both, and compares what came of them.
 *
 * @throws {AssertionError} For the first that differs in what it is not meant to.
 */
export async function compareAll(
  ours: string,
  reference: string,
  experiments: readonly Experiment[],
): Promise<void> {
  const queue = experiments[Symbol.iterator]();
  const failures: unknown[] = [];
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, async () => {
    for (const experiment of queue) {
      await compare(ours, reference, experiment).catch((error) => failures.push(error));
    }
  }));
  if (failures.length > 0) throw failures[0];
}

async function compare(ours: string, reference: string, experiment: Experiment): Promise<void> {
  const [actual, expected] = [
    await carryOut(ours, experiment),
    await carryOut(reference, experiment),
  ];
  const { why: _why, ...differences } = experiment.differs ?? {};
  const context = `${experiment.name}: sv ${experiment.args.join(" ")}`;
  assertEquals(comparable(actual), { ...comparable(expected), ...differences }, context);
  const [ages, expectedAges] = [agesIn(actual.stdout), agesIn(expected.stdout)];
  const apart = ages.map((age, i) => age - (expectedAges[i] ?? age));
  assertEquals(apart.filter((by) => by > TOLERANCE || by < -TOLERANCE), [], context);
}

const AGE = /\b([0-9]+)s\b/g;

function agesIn(text: string): bigint[] {
  return [...text.matchAll(AGE)].map(([, digits]) => BigInt(digits ?? 0));
}

/** Without what is a matter of when, of how often, or of who. */
function comparable(outcome: Outcome): Outcome {
  return {
    ...outcome,
    stdout: outcome.stdout.replace(AGE, "Ns"),
    stderr: distinctLines(
      outcome.stderr.replace(/^\$Id: [0-9a-f]+ \$$/m, IDENTIFICATION),
    ),
  };
}

/** A `./check` is run as often as there is time for, and says so each time. */
function distinctLines(text: string): string {
  const lines = text.split("\n");
  return lines.filter((line, i) => line === "" || lines.indexOf(line) === i).join("\n");
}
