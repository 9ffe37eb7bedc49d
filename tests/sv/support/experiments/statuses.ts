/**
 * Every status, and records that no supervisor writes.
 *
 * @module
 */

import type { Experiment } from "../experiment.ts";
import { mapValues, odd, onAll, STATES } from "./situations.ts";

/** What is said of a status. */
export const statusLines: readonly Experiment[] = [
  onAll(["status"], mapValues(STATES, (status) => ({ status })), "every state"),
  onAll(["status"], mapValues(STATES, (status) => ({ status, down: true })), "with a file down"),
  onAll(["status"], mapValues(STATES, (status) => ({ status, log: { status } })), "with a log"),
];

const ODD: Readonly<Record<string, Uint8Array>> = {
  "empty": new Uint8Array(0),
  "19 bytes": odd({}, 19),
  "18 bytes, as daemontools writes it": odd({}, 18),
  "21 bytes": odd({}, 21),
  "state 3": odd({ 19: 3 }),
  "state 0 with a pid": odd({ 19: 0 }),
  "state 1 without a pid": odd({ 12: 0, 13: 0 }),
  "state 2 without a pid": odd({ 12: 0, 13: 0, 19: 2 }),
  "want x": odd({ 17: 120 }),
  "want 0": odd({ 17: 0 }),
  "want t": odd({ 17: 116 }),
  "want U": odd({ 17: 85 }),
  "paused 2": odd({ 16: 2 }),
  "got TERM 2": odd({ 18: 2 }),
  "got TERM 2 and want d": odd({ 17: 100, 18: 2 }),
  "a pid of 4194304": odd({ 12: 0, 13: 0, 14: 64, 15: 0 }),
  "a time of 0": odd({ 0: 0, 4: 0, 5: 0, 6: 0, 7: 0 }),
  "nanoseconds of 2^32-1": odd({ 8: 255, 9: 255, 10: 255, 11: 255 }),
};

const FUTURE: Readonly<Record<string, Uint8Array>> = {
  "a time to come": odd({ 3: 1 }),
  "a time of -1": odd({ 0: 255, 1: 255, 2: 255, 3: 255, 4: 255, 5: 255, 6: 255, 7: 255 }),
};

/** What is made of an odd record. */
export const oddRecords: readonly Experiment[] = [
  ...[["status"], ["-w0", "d"], ["-w0", "u"], ["-w0", "t"], ["-w0", "check"]].map((args) =>
    onAll(args, mapValues(ODD, (status) => ({ status })), "odd records")
  ),
  ...[["status"], ["-w0", "d"], ["-w0", "u"], ["-w0", "check"]].map((args) =>
    onAll(args, mapValues(FUTURE, (status) => ({ status })), "a time to come")
  ),
  {
    name: "t: a time to come",
    args: ["-w0", "t", "s"],
    services: { s: { status: odd({ 3: 1 }) } },
    differs: {
      why: "a stamp in the future is no proof of a start",
      code: 1,
      stdout: "timeout: run: s: (pid 1234) Ns\n",
    },
  },
];
