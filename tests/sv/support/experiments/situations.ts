/**
 * What experiments are made of.
 *
 * @module
 */

import type { ServiceStatus } from "../../../../src/service/status.ts";
import { until } from "../../../support/until.ts";
import type { Experiment } from "../experiment.ts";
import { type FakeService, type FakeServiceOptions, record } from "../fake_service.ts";

/** What a record can say, by name: paused and got TERM with each state that they can come with. */
export const STATES: Readonly<Record<string, Partial<ServiceStatus>>> = states();

function states(): Record<string, Partial<ServiceStatus>> {
  const all: Record<string, Partial<ServiceStatus>> = {};
  for (const state of ["down", "run", "finish"] as const) {
    for (const want of ["up", "down"] as const) {
      all[`${state}, want ${want}`] = { state, want };
      if (state !== "finish") all[`${state}, want ${want}, paused`] = { state, want, paused: true };
      if (state !== "down") {
        all[`${state}, want ${want}, got TERM`] = { state, want, gotTerm: true };
      }
    }
  }
  all["run, everything"] = { state: "run", want: "down", paused: true, gotTerm: true };
  return all;
}

/** One call for many services that do nothing; each is named after what it is like. */
export function onAll(
  args: readonly string[],
  services: Readonly<Record<string, FakeServiceOptions>>,
  note = "many",
): Experiment {
  const names = Object.keys(services);
  return { name: `${args.join(" ")}: ${note}`, args: [...args, ...names], services };
}

/** The same, made of each value. */
export function mapValues<T, U>(
  table: Readonly<Record<string, T>>,
  map: (value: T) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, map(value)]));
}

/** A tool's link that calls it by the service's name, as in /etc/init.d. */
export function lsb(
  name: string,
  args: readonly string[],
  service: FakeServiceOptions,
): Experiment {
  return { name, args, as: "s", services: { s: service } };
}

/** A service that runs. */
export const UP: FakeServiceOptions = { status: { state: "run" } };
/** A service that is down, and meant to be. */
export const DOWN: { readonly status: Partial<ServiceStatus> } = {
  status: { state: "down", want: "down" },
};
/** A service that nobody supervises. */
export const ALONE: FakeServiceOptions = { supervised: false };

/** Commands that do not wait by themselves, but for the last and the capitals. */
export const SINGLE: readonly string[] = [
  ..."udopchaitkqxe12".split(""),
  ..."XEDT".split(""),
  ...["up", "down", "once", "pause", "cont", "hup", "alarm", "interrupt", "quit", "term", "kill"],
  ...["exit", "status", "s", "star", "check"],
];
/** Commands that wait. */
export const WAITING: readonly string[] = [
  ...["start", "stop", "reload", "restart", "shutdown", "try-restart"],
  ...["force-stop", "force-reload", "force-restart", "force-shutdown"],
];
/** Bytes of a record with some of them replaced. */
export function odd(bytes: Readonly<Record<number, number>>, length = 20): Uint8Array {
  const made = new Uint8Array(length);
  made.set(record().subarray(0, length));
  for (const [at, byte] of Object.entries(bytes)) made[Number(at)] = byte;
  return made;
}

/** The supervisor obeys: there is a new process. */
export async function restarted({ s }: Readonly<Record<string, FakeService>>): Promise<void> {
  await until("something is sent", () => s?.sent !== "");
  s?.setStatus({ pid: 1235, since: { seconds: Math.floor(Date.now() / 1000), nanoseconds: 1 } });
}
