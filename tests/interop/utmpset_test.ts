/**
 * The same accounting files and the same words to the reference utmpset and to ours: exit code, messages, and every
 * byte of both files afterwards must agree. In a mount namespace, so that the machine's own files stay as they are.
 */

import { assertEquals } from "@std/assert";
import { recordLayout } from "../../src/utmpset/record.ts";
import { built } from "../support/build.ts";
import { canUnshare, hide, unshare } from "../support/namespace.ts";
import { random } from "../support/random.ts";
import { reference } from "../support/reference.ts";
import { quoted } from "../support/shell.ts";
import { TempDir } from "../support/temp_dir.ts";

const layout = recordLayout(Deno.build.arch);
const encoder = new TextEncoder();

interface Entry {
  readonly type?: number;
  readonly line: string;
  readonly user: string;
}

/** A record in which every byte that is not given is 0x55, so that it shows whether it is kept. */
function record({ type = 7, line, user }: Entry): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(layout.size).fill(0x55);
  bytes.set([type, 0], layout.type);
  bytes.fill(0, layout.line, layout.line + 32).set(encoder.encode(line), layout.line);
  bytes.fill(0, layout.user, layout.user + 32).set(encoder.encode(user), layout.user);
  return bytes;
}

function file(entries: readonly Entry[], tail = ""): Uint8Array<ArrayBuffer> {
  const parts = [...entries.map(record), encoder.encode(tail)];
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

interface Case {
  readonly name: string;
  /** The words after the tool. */
  readonly args: string;
  readonly utmp?: Uint8Array<ArrayBuffer>;
  readonly wtmp?: Uint8Array<ArrayBuffer>;
  /** Shell commands before it is run. */
  readonly before?: string;
}

const PEOPLE: readonly Entry[] = [
  { type: 2, line: "~", user: "reboot" },
  { type: 6, line: "tty1", user: "LOGIN" },
  { line: "tty2", user: "" },
  { line: "tty2", user: "alice" },
  { line: "tty22", user: "bob" },
  { line: "tty2", user: "carol" },
  { type: 0, line: "tty3", user: "dave" },
  { type: 8, line: "tty4", user: "eve" },
  { line: "y".repeat(31), user: "mallory" },
  { line: "z".repeat(32), user: "mallory" },
  { line: "", user: "nobody" },
];

const utmp = file(PEOPLE);

const CASES: readonly Case[] = [
  { name: "no line", args: "" },
  { name: "no line, only -w", args: "-w" },
  { name: "an option that there is not", args: "-wx tty2", utmp },
  { name: "no utmp", args: "tty2" },
  { name: "no utmp, wtmp asked for", args: "-w tty2", wtmp: utmp },
  { name: "an empty utmp", args: "tty2", utmp: file([]) },
  { name: "the first of two on a line", args: "tty2", utmp },
  { name: "more lines than one: the first counts", args: "tty2 tty1", utmp },
  { name: "a getty that waits", args: "tty1", utmp },
  { name: "the boot record", args: "'~'", utmp },
  { name: "an empty record", args: "tty3", utmp },
  { name: "a dead process", args: "tty4", utmp },
  { name: "a line that nobody is on", args: "tty5", utmp },
  { name: "a line that nobody is on, wtmp asked for", args: "-w tty5", utmp, wtmp: utmp },
  { name: "the beginning of a line", args: "tty", utmp },
  { name: "31 bytes", args: "y".repeat(31), utmp },
  { name: "32 bytes", args: "z".repeat(32), utmp },
  { name: "the first 31 of 32 bytes", args: "z".repeat(31), utmp },
  { name: "33 bytes", args: "z".repeat(33), utmp },
  { name: "the empty line", args: "''", utmp },
  { name: "an unfinished record at the end", args: "tty2", utmp: file(PEOPLE, "tail") },
  { name: "only an unfinished record", args: "tty2", utmp: file([], "tail") },
  { name: "no wtmp yet", args: "-w tty2", utmp },
  { name: "no wtmp yet, under a wide umask", args: "-w tty2", utmp, before: "umask 000" },
  { name: "wtmp with something in it", args: "-w tty2", utmp, wtmp: file(PEOPLE, "tail") },
  { name: "-w after the line is not an option", args: "tty2 -w", utmp },
  { name: "-- ends the options", args: "-w -- tty2", utmp },
  { name: "utmp is a directory", args: "tty2", before: "mkdir /var/run/utmp" },
  { name: "wtmp is a directory", args: "-w tty2", utmp, before: "mkdir /var/log/wtmp" },
];

/** Files and lines by chance, the same each time. */
function* chances(count: number): Generator<Case> {
  const next = random(6);
  const below = (n: number) => Math.floor(next() * n);
  for (let i = 0; i < count; i++) {
    const entries = Array.from({ length: below(8) }, (): Entry => ({
      type: below(10),
      line: `tty${below(4)}${"x".repeat(below(3) * 14)}`,
      user: ["", "u", "user".repeat(8)][below(3)] ?? "",
    }));
    const line = entries[below(entries.length + 1)]?.line ?? `tty${below(4)}`;
    const tail = "t".repeat(below(2) * below(300));
    yield {
      name: `chance ${i}`,
      args: `${below(2) === 0 ? "" : "-w "}${line}`,
      utmp: file(entries, tail),
      ...(below(2) === 0 && { wtmp: file(entries) }),
    };
  }
}

/** What a tool did, by the names of the cases. */
type Results = Readonly<Record<string, unknown>>;

function run(tool: string, cases: readonly Case[]): Results {
  using temp = new TempDir();
  const since = Math.floor(Date.now() / 1000);
  const scripts = cases.map(({ args, utmp, wtmp, before }, i) => {
    temp.write(`${i}/stdout`, "");
    if (utmp !== undefined) temp.write(`${i}/utmp`, utmp);
    if (wtmp !== undefined) temp.write(`${i}/wtmp`, wtmp);
    return `cd ${quoted(`${temp.path}/${i}`)}
rm -rf /var/run/utmp /var/log/wtmp
if test -e utmp; then mv utmp /var/run/; fi
if test -e wtmp; then mv wtmp /var/log/; fi
(${before ?? ":"}; exec utmpset ${args}) > stdout 2> stderr
echo $? > code
if test -f /var/run/utmp; then cp -p /var/run/utmp .; fi
if test -f /var/log/wtmp; then cp -p /var/log/wtmp .; fi
`;
  });
  const path = quoted(tool.slice(0, tool.lastIndexOf("/")));
  const script = [
    "set -e",
    hide("/var/run"),
    hide("/var/log"),
    "set +e",
    `PATH=${path}:$PATH`,
    ...scripts,
  ].join("\n");
  const [command, ...args] = unshare("mount");
  const { success, stderr } = new Deno.Command(command ?? "", {
    args: [...args, "sh", "-c", script],
  }).outputSync();
  assertEquals(success, true, new TextDecoder().decode(stderr));
  const until = Math.ceil(Date.now() / 1000);
  return Object.fromEntries(cases.map(({ name }, i) => {
    const dir = `${temp.path}/${i}`;
    return [name, {
      code: temp.read(`${i}/code`),
      stdout: temp.read(`${i}/stdout`),
      stderr: temp.read(`${i}/stderr`),
      utmp: records(`${dir}/utmp`, since, until),
      wtmp: records(`${dir}/wtmp`, since, until),
    }];
  }));
}

/** A file's mode and content, with the time of the run in place of times within it. */
function records(path: string, since: number, until: number): unknown {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const view = new DataView(bytes.buffer);
  // Counted from the beginning, and from the end, where a record was added to something unfinished.
  for (const first of [0, bytes.length % layout.size]) {
    for (let start = first; start + layout.size <= bytes.length; start += layout.size) {
      const seconds = view.getUint32(start + layout.seconds, true);
      if (seconds >= since && seconds <= until) view.setUint32(start + layout.seconds, 1, true);
    }
  }
  const hex = bytes.toHex().replace(/(..)\1{7,}/g, (run, byte) => ` ${run.length / 2}*${byte} `);
  return { mode: (Deno.statSync(path).mode ?? 0) & 0o7777, hex };
}

const theirs = reference("utmpset");

Deno.test({
  name: "utmpset leaves the same files, messages and exit codes as the reference",
  ignore: theirs === undefined || !canUnshare("mount"),
  fn: async () => {
    const cases = [...CASES, ...chances(25)];
    const expected = run(theirs ?? "", cases);
    const actual = run(await built("utmpset"), cases);
    for (const { name } of cases) assertEquals(actual[name], expected[name], name);
    // The cases are worth something only if they come out in different ways.
    const outcomes = new Set(cases.map(({ name }) => JSON.stringify(expected[name])));
    assertEquals(outcomes.size > 25, true);
  },
});
