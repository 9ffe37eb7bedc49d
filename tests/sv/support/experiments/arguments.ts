/**
 * Command lines, names, places and numbers of services.
 *
 * @module
 */

import { type Experiment, UNSET } from "../experiment.ts";
import type { FakeServiceOptions } from "../fake_service.ts";
import { ALONE, DOWN, UP } from "./situations.ts";

/** Options and operands. */
export const argumentErrors: readonly Experiment[] = [
  [],
  ["-V"],
  ["-V", "status", "s"],
  ["-v"],
  ["-x"],
  ["-w"],
  ["-w", "5"],
  ["status"],
  ["-v", "status"],
  ["up"],
  ["nonsense"],
  ["--", "status", "s"],
  ["status", "--", "s"],
  ["status", "-v", "s"],
  ["status", ""],
  ["status", "s", ""],
  ["status", "-"],
  ["--help"],
  ["-vw0", "status", "s"],
  ["-w0", "-v", "status", "s"],
  ["-vx", "status", "s"],
  ["-", "s"],
  ["--foo", "status", "s"],
  ["-v-", "status", "s"],
  ["-V", "-x"],
  ["-x", "-V"],
].map((args) => ({ name: `sv ${args.join(" ")}`, args, services: { s: UP } }));

/** Times to wait. */
export const numbers: readonly Experiment[] = ["abc", "0x", "-1", "", "+1", " 1", "0.9"].flatMap((
  text,
) => [
  {
    name: `-w ${JSON.stringify(text)}`,
    args: ["-w", text, "d", "s"],
    services: { s: UP },
  },
  {
    name: `SVWAIT=${JSON.stringify(text)}`,
    args: ["-v", "d", "s"],
    env: { SVWAIT: text },
    services: { s: UP },
  },
]).filter(({ args }) => !["+1"].includes(args[1] ?? "")).concat([
  {
    name: "-w overrides SVWAIT",
    args: ["-w0", "d", "s"],
    env: { SVWAIT: "30" },
    services: { s: UP },
  },
  {
    name: "SVWAIT alone does not wait",
    args: ["d", "s"],
    env: { SVWAIT: "30" },
    services: { s: UP },
  },
  { name: "-w 1 waits", args: ["-w1", "d", "s"], services: { s: UP } },
]);

/** Names, and where they lead. */
export const where: readonly Experiment[] = [
  { name: "a name that is not there", args: ["status", "nope"] },
  { name: "a name that is a file", args: ["status", "f"], prepare: file("f") },
  { name: "SVDIR that is not there", args: ["status", "s"], env: { SVDIR: "$DIR/nope" } },
  {
    name: "SVDIR that is a file",
    args: ["status", "s"],
    env: { SVDIR: "$DIR/f" },
    prepare: file("f"),
  },
  { name: "an empty SVDIR", args: ["status", "s"], env: { SVDIR: "" }, services: { s: UP } },
  {
    name: "an empty SVDIR, and a path",
    args: ["status", "./s"],
    env: { SVDIR: "" },
    services: { s: UP },
  },
  {
    name: "a relative SVDIR",
    args: ["status", "s", "s"],
    env: { SVDIR: "." },
    services: { s: UP },
  },
  { name: "no SVDIR", args: ["status", "no-such-service-here"], env: { SVDIR: UNSET } },
  { name: "./s", args: ["status", "./s"], env: { SVDIR: "/" }, services: { s: UP } },
  { name: "s/", args: ["status", "s/"], env: { SVDIR: "/" }, services: { s: UP } },
  { name: "s/.", args: ["status", "s/."], services: { s: UP } },
  { name: "s//", args: ["status", "s//"], services: { s: UP } },
  { name: "s/log", args: ["status", "s/log"], services: { s: { ...UP, log: UP } } },
  { name: "./s/log", args: ["status", "./s/log", "s"], services: { s: { ...UP, log: UP } } },
  { name: ".s", args: ["status", ".s"], env: { SVDIR: "/" }, services: { ".s": UP } },
  {
    name: "up and down, without links",
    args: ["status", "s/../s", "./s/../s", "s/log/.."],
    services: { s: { ...UP, log: UP } },
  },
  {
    name: "a link out of the services, and back from where it leads",
    args: ["status", "l", "l/../u"],
    differs: {
      why: "Deno takes `..` for the removal of a name",
      code: 2,
      stdout: "warning: l: unable to open supervise/ok: file does not exist\n" +
        "fail: l/../u: unable to change to service directory: file does not exist\n",
    },
    services: { s: UP },
    prepare: (dir): void => {
      Deno.mkdirSync(`${dir}/s/in/deep`, { recursive: true });
      Deno.symlinkSync("s/in/deep", `${dir}/l`);
      Deno.symlinkSync(`${dir}/s`, `${dir}/s/in/u`);
    },
  },
  {
    name: "a service directory that may not be entered",
    args: ["status", "s"],
    uid: 65534,
    services: { s: { prepare: (dir): void => Deno.chmodSync(dir, 0o600) } },
  },
  {
    name: "supervise may not be entered",
    args: ["status", "s"],
    uid: 65534,
    services: { s: { prepare: (dir): void => Deno.chmodSync(`${dir}/supervise`, 0o700) } },
  },
  {
    name: "a command to a service of somebody else",
    args: ["-w0", "d", "s", "s"],
    uid: 65534,
    services: { s: {} },
  },
  {
    name: "the status may not be read",
    args: ["status", "s"],
    uid: 65534,
    services: {
      s: {
        prepare: (dir): void => {
          Deno.chmodSync(`${dir}/supervise/ok`, 0o666);
          Deno.chmodSync(`${dir}/supervise/status`, 0o600);
        },
      },
    },
  },
  ...[["status"], ["-w0", "d"], ["-w0", "x"]].map((args): Experiment => ({
    name: `${args.join(" ")}: control may not be written`,
    args: [...args, "s"],
    uid: 65534,
    services: { s: { prepare: (dir): void => Deno.chmodSync(`${dir}/supervise/ok`, 0o666) } },
  })),
  {
    name: "the log may not be entered",
    args: ["status", "s"],
    uid: 65534,
    services: {
      s: {
        log: {},
        prepare: (dir): void => {
          Deno.chmodSync(`${dir}/supervise/ok`, 0o666);
          Deno.chmodSync(`${dir}/log`, 0o700);
        },
      },
    },
  },
];

function file(name: string): (dir: string) => void {
  return (dir) => Deno.writeTextFileSync(`${dir}/${name}`, "");
}

const mixed: Readonly<Record<string, FakeServiceOptions>> = {
  a: UP,
  b: DOWN,
  c: ALONE,
  d: { status: null },
  e: { status: { state: "run", want: "down", gotTerm: true } },
};
const NAMES = ["a", "b", "c", "nope", "d", "e"];

/** Several services. */
export const many: readonly Experiment[] = [
  ...["status", "check", "u", "d", "x", "restart", "stop", "shutdown", "force-stop"].map((
    command,
  ) => ({
    name: `${command} of services with mixed results`,
    args: ["-w0", command, ...NAMES],
    services: mixed,
  })),
  { name: "the same service twice", args: ["-w0", "d", "a", "a"], services: mixed },
  {
    name: "more failures than the exit code counts",
    args: ["status", ...new Array<string>(120).fill("c")],
    services: mixed,
  },
  {
    name: "100 failures",
    args: ["d", ...new Array<string>(100).fill("c")],
    services: mixed,
  },
];
