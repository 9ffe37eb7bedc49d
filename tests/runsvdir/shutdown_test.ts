import { assertEquals } from "@std/assert";
import {
  DRAIN_MINIMUM,
  KILL_HOLD,
  type Phase,
  type ShutdownEvent,
  stepShutdown,
} from "../../src/runsvdir/shutdown.ts";

/** The phases that these events lead through, each with what is done on entering it. */
function course(...events: ShutdownEvent[]): string[] {
  let phase: Phase = "up";
  return events.map((event) => {
    const step = stepShutdown(phase, event, 7000);
    phase = step.phase;
    const actions = step.actions.map((action) =>
      action.type === "timer" ? `timer ${action.milliseconds}` : action.type
    );
    return [phase, ...actions].join(" ");
  });
}

Deno.test("a signal stops all services, and it is over when the last is gone", () => {
  assertEquals(course("signal", "empty"), ["stopping stop timer 7000", "over killAll exit"]);
});

Deno.test("after the grace period services are killed, and loggers drain", () => {
  assertEquals(course("signal", "due", "empty"), [
    "stopping stop timer 7000",
    "draining killServices timer 7000",
    "over killAll exit",
  ]);
});

Deno.test("a logger that does not come to its end is killed after a second period", () => {
  assertEquals(course("signal", "due", "due", "empty"), [
    "stopping stop timer 7000",
    "draining killServices timer 7000",
    `killing killAll timer ${KILL_HOLD}`,
    "over killAll exit",
  ]);
});

Deno.test("each further signal goes on to the next phase at once", () => {
  assertEquals(course("signal", "signal", "signal"), [
    "stopping stop timer 7000",
    "draining killServices timer 7000",
    `killing killAll timer ${KILL_HOLD}`,
  ]);
});

Deno.test("what cannot even be killed is not waited for for ever", () => {
  assertEquals(course("signal", "signal", "signal", "signal", "due").slice(3), [
    "killing",
    "over exit",
  ]);
});

Deno.test("nothing happens without a signal, nor after the end", () => {
  assertEquals(course("due", "empty"), ["up", "up"]);
  assertEquals(course("signal", "empty", "signal", "due").slice(2), ["over", "over"]);
});

Deno.test("loggers get their time to drain even where the grace period is short", () => {
  const { actions } = stepShutdown("stopping", "due", 0);
  assertEquals(actions.at(-1), { type: "timer", milliseconds: DRAIN_MINIMUM });
});
