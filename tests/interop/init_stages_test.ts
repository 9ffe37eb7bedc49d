/**
 * The same stages under the reference as process no 1 and under ours, each in namespaces of its own: the lines on the
 * console, what the stages see, and how the machine ends must be the same.
 *
 * What differs on purpose, and is left out of the cases or taken out of the lines:
 *
 * - The reference complains in stage 3 of a PWR that it has served, and of a CONT beside that of the ctrl-alt-del program.
 * - It has PWR blocked in everything that it starts.
 */

import { assert, assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { reference } from "../support/reference.ts";
import { boot, CAN_HAVE_MACHINE, type Outcome } from "../init/machine.ts";
import { BEYOND, type Case, CASES } from "./init_cases.ts";

const COMPLAINT = "- runit: warning: signals only work in stage 2.";

/** A machine that is not ours to compare: names of builds, numbers of processes. */
function plainly({ console, end, out }: Outcome, { complaint = false }: Case): unknown {
  const lines = console.map((line) => line.replace(/: .*: booting\.$/, ": booting."));
  const begun = lines.lastIndexOf("- runit: leave stage: /etc/runit/2");
  return {
    lines: lines.filter((line, i) => !(complaint && i > begun && line === COMPLAINT)),
    end,
    out: out.filter((line) => !line.startsWith(BEYOND)),
  };
}

const theirs = reference("runit");

/** How many machines run at one time. Most of the time they wait. */
const AT_ONCE = 10;

Deno.test({
  name: "a machine goes through the same stages as under the reference",
  ignore: theirs === undefined || !CAN_HAVE_MACHINE,
  fn: async (t) => {
    const ours = await built("runit");
    const results = new Map<string, { expected: unknown; actual: unknown }>();
    const todo = [...CASES];
    const work = async (): Promise<void> => {
      for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
        const { name, files, before } = next;
        const options = { files, ...(before !== undefined && { before }) };
        const [expected, actual] = await Promise.all([
          boot({ init: theirs ?? "", ...options }),
          boot({ init: ours, ...options }),
        ]);
        // So that two machines that do not boot are not the same.
        assert(["power off", "reboot"].includes(expected.end), `${name}: ${expected.end}`);
        assertEquals(actual.out.filter((line) => line.startsWith(BEYOND)), [], name);
        results.set(name, { expected: plainly(expected, next), actual: plainly(actual, next) });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE / 2 }, work));
    for (const { name } of CASES) {
      await t.step(name, () => {
        const result = results.get(name);
        assertEquals(result?.actual, result?.expected);
      });
    }
  },
});
