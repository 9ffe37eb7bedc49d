/**
 * Kills svlogd at random moments while it writes, rotates and processes, and looks at what is left.
 */

import { assert, assertEquals } from "@std/assert";
import { close, open, write } from "../../src/os/descriptor.ts";
import { built } from "../support/build.ts";
import { canUnshare, unshare } from "../support/namespace.ts";
import { osTest } from "../support/os.ts";
import { random } from "../support/random.ts";
import { TempDir } from "../support/temp_dir.ts";
import { gunzipSync } from "node:zlib";
import { pause, until } from "../support/until.ts";
import { filesIn, latin1 } from "../svlogd/run_svlogd.ts";

/** A line: its number, and marks that tell whether all of it is there. */
function line(number: number): string {
  return `<${number} ${"x".repeat(number % 90)}>\n`;
}

/** The numbers of the whole lines of a file. */
function numbersIn(text: string): number[] {
  const found: number[] = [];
  for (const one of text.split("\n").slice(0, -1)) {
    const match = /^<(\d+) (x*)>$/.exec(one);
    // What is left of a line whose first part was killed with the process before.
    if (match === null) continue;
    const number = Number(match[1]);
    assertEquals(match[2]?.length, number % 90, "a line is damaged inside");
    found.push(number);
  }
  return found;
}

/** Reads a log directory again and again; what is finished, once. */
class LogReader {
  /** Where it is. */
  readonly path: string;
  readonly #finished = new Map<string, number[]>();

  constructor(path: string) {
    this.path = path;
  }

  /** The names of its files. */
  names(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name).toSorted();
  }

  /** The numbers of its whole lines, in the order of its files. */
  numbers(): number[] {
    const old = this.names().filter((name) => /^@.*\.[su]$/.test(name));
    // A source whose result is there already is the same lines once more.
    const read = old.filter((name) => name.endsWith("s") || !old.includes(name.replace(/u$/, "s")));
    return [...read, "current"].flatMap((name) => this.#file(name));
  }

  #file(name: string): number[] {
    const known = this.#finished.get(name);
    if (known !== undefined) return known;
    const found = numbersIn(this.#text(name));
    if (name.endsWith("s")) this.#finished.set(name, found);
    return found;
  }

  #text(name: string): string {
    try {
      const bytes = Deno.readFileSync(`${this.path}/${name}`);
      return latin1(bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes);
    } catch (error) {
      // Renamed meanwhile.
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }
}

/** A FIFO that is read by one svlogd after the other, and written to all the time. */
class Source {
  readonly #fifo: number;
  #number = 0;
  #stopped = false;
  #closing = false;
  readonly #done: Promise<void>;

  constructor(path: string) {
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
    // Open at both ends, so that it lives as long as this.
    this.#fifo = open(path, { access: "both", nonblocking: true });
    this.#done = this.#produce();
  }

  /** How many lines were written. */
  get count(): number {
    return this.#number;
  }

  /** Stops at the end of a line. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  /** Stops, whether anybody reads or not, and closes the FIFO. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.stop();
    close(this.#fifo);
  }

  async #produce(): Promise<void> {
    while (!this.#stopped) {
      let block = "";
      for (let i = 0; i < 10; i++) block += line(this.#number++);
      for (let rest = new TextEncoder().encode(block); rest.length > 0 && !this.#closing;) {
        const count = write(this.#fifo, rest);
        if (count === undefined) await pause(5);
        else rest = rest.subarray(count);
      }
      await pause(2);
    }
  }
}

/** One svlogd after the other, on the same FIFO and log directory. */
interface Runner {
  /** Starts one. */
  readonly start: () => Deno.ChildProcess;
  readonly log: LogReader;
}

/** Starts one, and kills it: mostly some time after it has begun to log, now and then before. Notes what is logged then. */
async function killOnce(runner: Runner, next: () => number, seen: Set<number>): Promise<void> {
  const trace = (): string => {
    const { ino, size } = Deno.statSync(`${runner.log.path}/current`);
    return `${ino} ${size}`;
  };
  let before = "";
  try {
    before = trace();
  } catch {
    // It is the first.
  }
  const child = runner.start();
  if (next() < 0.8) {
    try {
      await until("it logs", () => trace() !== before, LOGS_WITHIN);
    } catch {
      // The machine is slow, or the disk is full: killed it is all the same.
    }
  }
  await pause(next() * 50);
  child.kill("SIGKILL");
  await child.status;
  for (const number of runner.log.numbers()) seen.add(number);
}

/** Starts, waits, kills, `times` times; then lets the last one finish. Returns what is left, and what was seen before. */
async function killAll(
  runner: Runner,
  source: Source,
  times: number,
  seed: number,
): Promise<Set<number>> {
  const next = random(seed);
  const seen = new Set<number>();
  for (let i = 0; i < times; i++) await killOnce(runner, next, seen);
  const child = runner.start();
  await source.stop();
  const last = source.count - 1;
  await until("the last line is logged", () => runner.log.numbers().includes(last));
  await until(
    "all is processed",
    () => !runner.log.names().some((name) => /\.[tu]$/.test(name)),
  );
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 0);
  return seen;
}

function assertOnce(log: LogReader): void {
  const found = log.numbers();
  for (let i = 1; i < found.length; i++) {
    assert((found[i] ?? 0) > (found[i - 1] ?? 0), `line ${found[i]} comes after ${found[i - 1]}`);
  }
}

function assertKept(log: LogReader, seen: ReadonlySet<number>): void {
  const found = new Set(log.numbers());
  const lost = [...seen].filter((number) => !found.has(number));
  assertEquals(lost, [], "lines were in the log, and are no longer");
}

function assertTidy(log: LogReader): void {
  for (const [name, { mode }] of Object.entries(filesIn(log.path))) {
    assert(!/\.[tu]$/.test(name) && name !== "newstate", `${name} is left over`);
    if (name.startsWith("@") || name === "current") assertEquals(mode, "744", name);
  }
}

const FULL_DISK_KILLS = 60;
const SHELL_KILLS = 120;
const GZIP_KILLS = 80;

/** Milliseconds after which a process that has logged nothing is killed. */
const LOGS_WITHIN = 300;

/** A way to have old files processed, and how to read them then. */
const WAYS = [
  { what: "a processor", config: "!cat; echo >&5\n", times: SHELL_KILLS },
  { what: "built-in compression", config: "z\n", times: GZIP_KILLS },
];

for (const { what, config, times } of WAYS) {
  osTest(`what svlogd has logged survives ${times} kills, with ${what}`, async () => {
    const command = await built("svlogd");
    using temp = new TempDir();
    temp.write("log/config", `s8000\nn0\n${config}`);
    const source = new Source(`${temp.path}/fifo`);
    const runner: Runner = {
      start: () => start(["sh", "-c", 'exec "$1" -l 100 log <fifo', "sh", command], temp.path),
      log: new LogReader(`${temp.path}/log`),
    };
    try {
      const seen = await killAll(runner, source, times, times);
      assertOnce(runner.log);
      assertTidy(runner.log);
      assertKept(runner.log, seen);
      assert(seen.size > times, "hardly anything was logged");
    } finally {
      await source.close();
    }
  });
}

/** Starts it. */
function start(command: readonly string[], cwd: string): Deno.ChildProcess {
  const [program = "", ...args] = command;
  return new Deno.Command(program, {
    args,
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

osTest(
  "what svlogd has logged survives kills on a small disk that is full",
  async () => {
    const command = await built("svlogd");
    using temp = new TempDir();
    // The disk is seen by those in the namespace, and by others through the process that holds it.
    const script =
      "mount -t tmpfs -o size=256k,mode=755 tmpfs disk && mkdir disk/log && echo ready && exec cat";
    Deno.mkdirSync(`${temp.path}/disk`);
    const [program = "", ...words] = unshare("mount");
    const holder = new Deno.Command(program, {
      args: [...words, "sh", "-c", script],
      cwd: temp.path,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const root = `/proc/${holder.pid}/root${temp.path}/disk`;
    const source = new Source(`${temp.path}/fifo`);
    const runner: Runner = {
      start: () =>
        start(
          [
            "nsenter",
            "-t",
            `${holder.pid}`,
            "-m",
            "sh",
            "-c",
            'cd "$2" && exec "$1" -l 100 disk/log <fifo',
            "sh",
            command,
            temp.path,
          ],
          temp.path,
        ),
      log: new LogReader(`${root}/log`),
    };
    try {
      const output = holder.stdout.getReader();
      const { value } = await output.read();
      assertEquals(value && latin1(value), "ready\n");
      output.releaseLock();
      await until("the disk is there", () => Deno.statSync(`${root}/log`).isDirectory);
      Deno.writeTextFileSync(`${root}/log/config`, "s16000\nn0\n");
      // Nothing may be removed, so the disk is full before long; kills go on while it is.
      const next = random(9);
      const seen = new Set<number>();
      for (let i = 0; i < FULL_DISK_KILLS; i++) await killOnce(runner, next, seen);
      const files = Object.values(filesIn(`${root}/log`));
      const size = files.reduce((sum, { text }) => sum + text.length, 0);
      assert(size > 200_000, `the disk is not full: ${size}`);
      assertOnce(runner.log);
      assertKept(runner.log, seen);
      // With a least number of old files to keep, it makes room by itself.
      Deno.writeTextFileSync(`${root}/log/config`, "s16000\nn20\nN2\n");
      const child = runner.start();
      const from = source.count;
      await until("it goes on", () => runner.log.numbers().some((number) => number > from));
      await source.stop();
      const last = source.count - 1;
      await until("the last line is logged", () => runner.log.numbers().includes(last));
      assertOnce(runner.log);
      child.kill("SIGTERM");
      assertEquals((await child.status).code, 0);
    } finally {
      await source.close();
      await holder.stdin.close();
      await holder.stdout.cancel();
      await holder.status;
    }
  },
  { ignore: !canUnshare("mount") },
);
