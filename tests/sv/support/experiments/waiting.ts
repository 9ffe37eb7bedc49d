/**
 * What happens while sv waits.
 *
 * @module
 */

import { pause } from "../../../support/until.ts";
import type { Experiment } from "../experiment.ts";
import type { FakeService } from "../fake_service.ts";
import { DOWN, restarted } from "./situations.ts";

const script = (body: string): string => `#!/bin/sh\n${body}\n`;

function obeys(args: readonly string[]): boolean {
  return ["restart", "t"].includes(args.at(-1) ?? "");
}

/** Check scripts. */
export const checks: readonly Experiment[] = Object.entries({
  "succeeds": { check: script("exit 0") },
  "fails": { check: script("exit 1") },
  "is killed": { check: script("kill -9 $$") },
  "writes to standard error": { check: script("echo err >&2; exit 0") },
  "is not executable": {
    check: script("exit 0"),
    prepare: (dir: string): void => Deno.chmodSync(`${dir}/check`, 0o644),
  },
  "has no interpreter": { check: "#!/nonexistent/shell\n" },
  "is a directory": { prepare: (dir: string): void => Deno.mkdirSync(`${dir}/check`) },
  "is a link that leads nowhere": {
    prepare: (dir: string): void => Deno.symlinkSync("nowhere", `${dir}/check`),
  },
  "is a link to itself": {
    prepare: (dir: string): void => Deno.symlinkSync("check", `${dir}/check`),
  },
  "looks around": {
    check: script('pwd >&2; echo "$#" "$HOME" "$SVDIR" >&2; env | grep LD_ >&2; cat >&2; exit 0'),
  },
  "looks at its signals and descriptors": {
    check: script(
      "grep ^Sig /proc/$$/status | tail -4 >&2; cd /proc/$$/fd; echo [3-9] >&2; exit 0",
    ),
  },
}).flatMap(([name, service]) =>
  [["start"], ["check"], ["restart"], ["-v", "t"]].map((
    args,
  ): Experiment => ({
    name: `${args.join(" ")}: a check that ${name}`,
    // Where the supervisor has to do something in time, it gets more of it.
    args: [obeys(args) ? "-w4" : "-w0", ...args, "s"],
    env: { LD_LIBRARY_PATH: "/nonexistent" },
    services: { s: service },
    ...(obeys(args) ? { during: restarted } : {}),
  }))
).concat([
  {
    name: "start: a check without a first line that says what it is for",
    args: ["-w0", "start", "s"],
    services: { s: { check: "exit 0\n" } },
    differs: { why: "the C library has the shell run it", stderr: "" },
  },
  {
    name: "start: a check that writes to standard output",
    args: ["-w0", "start", "s"],
    services: { s: { check: script("echo out || echo failed >&2") } },
    differs: { why: "its output is thrown away instead of being closed", stderr: "" },
  },
  {
    name: "start: a check that says its name",
    args: ["-w0", "start", "s"],
    services: { s: { check: script('echo "$0" >&2') } },
    differs: { why: "Deno runs it by its whole path", stderr: "$DIR/s/check\n" },
  },
  {
    name: "restart: a check that takes longer than the time there is",
    args: ["-w4", "restart", "s"],
    services: { s: { check: script("sleep 6") } },
    during: restarted,
  },
]);

/** Changes of the status, and worse. */
export const events: readonly Experiment[] = [
  {
    name: "restart of a service that obeys",
    args: ["-w20", "restart", "s"],
    services: { s: {} },
    during: restarted,
  },
  {
    name: "restart of a service that obeys after some steps",
    args: ["-w20", "restart", "s"],
    services: { s: {} },
    during: async (services): Promise<void> => {
      const { s } = services;
      await s?.receive("tcu");
      s?.setStatus({ gotTerm: true });
      await pause(50);
      s?.setStatus({ state: "finish", pid: 77 });
      await pause(50);
      s?.setStatus({ state: "down", since: { seconds: 1_000_000_100, nanoseconds: 0 } });
      await pause(50);
      await restarted(services);
    },
  },
  {
    name: "stop of a service that obeys",
    args: ["-w20", "stop", "s"],
    services: { s: {} },
    during: async ({ s }): Promise<void> => {
      await s?.receive("d");
      s?.setStatus({ state: "down", want: "down" });
    },
  },
  {
    name: "start of a service that obeys",
    args: ["-w20", "start", "s"],
    services: { s: DOWN },
    during: restarted,
  },
  {
    name: "once of a service that has run already",
    args: ["-w20", "once", "s"],
    services: { s: DOWN },
    during: async ({ s }): Promise<void> => {
      await s?.receive("o");
      const seconds = Math.floor(Date.now() / 1000);
      s?.setStatus({ state: "down", want: "down", since: { seconds, nanoseconds: 7 } });
    },
  },
  ...[true, false].map((lock): Experiment => ({
    name: `shutdown of a service that obeys, ${lock ? "with" : "without"} a lock`,
    args: ["-w20", "shutdown", "s"],
    services: { s: { lock } },
    during: async ({ s }): Promise<void> => {
      await s?.receive("x");
      s?.release();
    },
  })),
  {
    name: "restart of a service whose supervisor ends",
    args: ["-w20", "restart", "s"],
    services: { s: { lock: true } },
    during: async ({ s }): Promise<void> => {
      await s?.receive("tcu");
      s?.release();
    },
  },
  {
    name: "restart of a service whose status is broken meanwhile",
    args: ["-w20", "restart", "s"],
    services: { s: {} },
    during: async ({ s }): Promise<void> => {
      await s?.receive("tcu");
      s?.setStatus(new Uint8Array(3));
    },
  },
  {
    name: "restart of a service that is removed meanwhile",
    args: ["-w20", "restart", "s"],
    services: { s: {} },
    during: async ({ s }): Promise<void> => {
      await s?.receive("tcu");
      Deno.removeSync(s?.dir ?? "", { recursive: true });
    },
  },
  {
    name: "force-stop of a service that can no longer be killed",
    args: ["-w4", "force-stop", "s"],
    services: { s: {} },
    during: controlGoes,
  },
  {
    name: "force-stop of a service that can no longer be killed, LSB mode",
    args: ["-w4", "force-stop"],
    as: "s",
    services: { s: {} },
    during: controlGoes,
  },
  {
    name: "restart of three services that obey in another order",
    args: ["-w20", "restart", "a", "b", "c"],
    services: { a: {}, b: {}, c: {} },
    during: async ({ a, b, c }): Promise<void> => {
      for (const one of [c, a, b]) {
        await one?.receive("tcu");
        await restarted({ ...(one === undefined ? {} : { s: one }) });
        await pause(1000);
      }
    },
  },
];

async function controlGoes({ s }: Readonly<Record<string, FakeService>>): Promise<void> {
  await s?.receive("d");
  Deno.removeSync(`${s?.dir}/supervise/control`);
}
