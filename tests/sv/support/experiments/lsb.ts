/**
 * LSB mode.
 *
 * @module
 */

import type { Experiment } from "../experiment.ts";
import { ALONE, DOWN, lsb, UP, WAITING } from "./situations.ts";

/** The experiments. */
export const lsbMode: readonly Experiment[] = [
  ...[
    ...WAITING,
    ...[..."udxtD", "s", "star", "status", "check", "", "stat", "statusx", "z", "force-foo"],
  ].flatMap((command) => [
    lsb(`${command || '""'} of a running service, LSB mode`, ["-w0", command], UP),
    lsb(`${command || '""'} of a service that is down, LSB mode`, ["-w0", command], DOWN),
  ]),
  ...["status", "start", "shutdown", "x", "check"].map((command) =>
    lsb(`${command} where no runsv is, LSB mode`, ["-w0", command], ALONE)
  ),
  lsb("status of a log that is down, LSB mode", ["status"], { ...UP, log: DOWN }),
  lsb("status of a service that is down, and its log is not, LSB mode", ["status"], {
    ...DOWN,
    log: UP,
  }),
  ...[[], ["-V"], ["-x"], ["-w"], ["status", "other"], ["start", "other", "more"]].map((args) =>
    lsb(`s ${args.join(" ")}, LSB mode`, args, UP)
  ),
  { name: "a service that is not there, LSB mode", args: ["status"], as: "nope" },
  { name: "start of a service that is not there, LSB mode", args: ["start"], as: "nope" },
  {
    name: "a name that starts with a dot, LSB mode",
    args: ["status"],
    as: ".s",
    services: { ".s": UP },
  },
  lsb("finish, LSB mode", ["status"], { status: { state: "finish" } }),
];
