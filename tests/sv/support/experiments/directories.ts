/**
 * Service directories in which something is wrong.
 *
 * @module
 */

import type { Experiment } from "../experiment.ts";
import type { FakeServiceOptions } from "../fake_service.ts";
import { ALONE, DOWN, lsb, mapValues, odd, onAll } from "./situations.ts";

const remove = (...names: string[]) => (dir: string): void => {
  for (const name of names) Deno.removeSync(`${dir}/${name}`, { recursive: true });
};

const broken: Readonly<Record<string, FakeServiceOptions>> = {
  "no supervise": { prepare: remove("supervise") },
  "no ok": { prepare: remove("supervise/ok") },
  "no control": { prepare: remove("supervise/control") },
  "no status": { status: null },
  "ok a file": {
    prepare: (dir): void => {
      remove("supervise/ok")(dir);
      Deno.writeTextFileSync(`${dir}/supervise/ok`, "");
    },
  },
  "ok a directory": {
    prepare: (dir): void => {
      remove("supervise/ok")(dir);
      Deno.mkdirSync(`${dir}/supervise/ok`);
    },
  },
  "status a directory": {
    status: null,
    prepare: (dir): void => Deno.mkdirSync(`${dir}/supervise/status`),
  },
  "control a file": {
    prepare: (dir): void => {
      remove("supervise/control")(dir);
      Deno.writeTextFileSync(`${dir}/supervise/control`, "");
    },
  },
  "control a FIFO that nobody reads": {
    prepare: (dir): void => {
      remove("supervise/control")(dir);
      new Deno.Command("mkfifo", { args: [`${dir}/supervise/control`] }).outputSync();
    },
  },
  "supervise a file": {
    prepare: (dir): void => {
      remove("supervise")(dir);
      Deno.writeTextFileSync(`${dir}/supervise`, "");
    },
  },
  "supervise a link that leads nowhere": {
    prepare: (dir): void => {
      remove("supervise")(dir);
      Deno.symlinkSync("nowhere", `${dir}/supervise`);
    },
  },
  "down a link to itself": {
    prepare: (dir): void => Deno.symlinkSync("down", `${dir}/down`),
  },
  "down a link that leads nowhere": {
    prepare: (dir): void => Deno.symlinkSync("nowhere", `${dir}/down`),
  },
  "down a directory": { prepare: (dir): void => Deno.mkdirSync(`${dir}/down`) },
  "log a file": { prepare: (dir): void => Deno.writeTextFileSync(`${dir}/log`, "") },
  "log a link to itself": { prepare: (dir): void => Deno.symlinkSync("log", `${dir}/log`) },
  "log a link that leads nowhere": {
    prepare: (dir): void => Deno.symlinkSync("nowhere", `${dir}/log`),
  },
  "log without supervise": { log: { prepare: remove("supervise") } },
  "log not supervised": { log: ALONE },
  "log without status": { log: { status: null } },
  "log with a short status": { log: { status: odd({}, 7) } },
  "log with a file down": { log: { down: true } },
  "log with a broken down": {
    log: { prepare: (dir): void => Deno.symlinkSync("down", `${dir}/down`) },
  },
  "log down, service up": { log: { status: { state: "down" } } },
};

/** The experiments. */
export const damage: readonly Experiment[] = [
  ...[["status"], ["-w0", "d"], ["-w0", "x"], ["-w0", "T"], ["h"], ["-w0", "check"]].map((args) =>
    onAll(args, broken, "broken directories")
  ),
  onAll(
    ["status"],
    mapValues(broken, (service) => (
      service.status === null ? service : { ...service, status: DOWN.status }
    )),
    "broken directories, and the service is down",
  ),
  ...Object.entries(broken).map(([name, service]) =>
    lsb(`status: ${name}, LSB mode`, ["status"], service)
  ),
];
