/**
 * Every state that a unit can be in, each reached as it is reached in life.
 *
 * @module
 */

import { UnitWalk, type UnitWalkOptions } from "./unit_walk.ts";

type Way = (walk: UnitWalk) => void;

const begin: Way = (walk) => walk.begin();
const control = (character: string): Way => (walk) => walk.control(character);
const endLater = (exit = {}): Way => (walk) => {
  walk.pass(5000);
  walk.end(exit);
};
const KILLED = { code: -1, signal: 15 };

/** The name of a state. */
export type UnitStateName =
  | "down"
  | "held"
  | "held after fork failed"
  | "running"
  | "running once"
  | "paused"
  | "told to restart"
  | "going down"
  | "exiting"
  | "finishing"
  | "finishing for good"
  | "finishing before exit";

const WAYS: Readonly<Record<UnitStateName, readonly [UnitWalkOptions, ...Way[]]>> = {
  "down": [{ want: "down" }, begin],
  "held": [{}, begin, (walk) => walk.end()],
  "held after fork failed": [{ starts: "never" }, begin, (walk) => walk.notForked()],
  "running": [{}, begin],
  "running once": [{ want: "down" }, begin, control("o")],
  "paused": [{}, begin, control("p")],
  "told to restart": [{}, begin, control("t")],
  "going down": [{}, begin, control("d")],
  "exiting": [{}, begin, control("x")],
  "finishing": [{ finish: true }, begin, endLater()],
  "finishing for good": [{ finish: true }, begin, control("d"), endLater(KILLED)],
  "finishing before exit": [{ finish: true }, begin, control("x"), endLater(KILLED)],
};

/** A unit that has come to a state. */
export function unitIn(state: UnitStateName, options: UnitWalkOptions = {}): UnitWalk {
  const [first, ...ways] = WAYS[state];
  const walk = new UnitWalk({ ...first, kind: options.kind ?? "service" });
  for (const way of ways) way(walk);
  walk.scripts = options.scripts ?? "none";
  walk.starts = options.starts ?? "started";
  return walk;
}
