/**
 * Runs a `svlogd`, ours or another, over log directories of a test's own.
 *
 * @module
 */

import { TempDir } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";

/** A file that a run has left. */
export interface LeftFile {
  /** Permission bits, in octal. */
  readonly mode: string;
  /** Its bytes, each as one character. */
  readonly text: string;
}

/** What came of a run. */
export interface Outcome {
  readonly code: number;
  readonly stderr: string;
  /** The files of the log directory, by name. */
  readonly files: Readonly<Record<string, LeftFile>>;
}

/** Bytes to characters, one to one. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** Characters to bytes, one to one. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** What is left in a log directory. */
export function filesIn(path: string): Record<string, LeftFile> {
  const files: Record<string, LeftFile> = {};
  for (const { name } of Deno.readDirSync(path)) {
    const { mode, isFile } = Deno.lstatSync(`${path}/${name}`);
    if (!isFile) continue;
    files[name] = {
      mode: ((mode ?? 0) & 0o7777).toString(8),
      text: latin1(Deno.readFileSync(`${path}/${name}`)),
    };
  }
  return files;
}

/** All lines of a log directory in their order: old files, then current. */
export function allText(files: Readonly<Record<string, LeftFile>>): string {
  const old = Object.keys(files).filter((name) => name.startsWith("@")).toSorted();
  return [...old, "current"].map((name) => files[name]?.text ?? "").join("");
}

/** A process that is under way, with a log directory `log`. */
export class Svlogd implements AsyncDisposable {
  readonly temp: TempDir = new TempDir();
  #child: Deno.ChildProcess | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #stderr = "";
  #drained: Promise<void> = Promise.resolve();

  /** @param config Of the log directory; no file if left out. */
  constructor(config?: string) {
    Deno.mkdirSync(this.path);
    if (config !== undefined) this.configure(config);
  }

  /** The log directory. */
  get path(): string {
    return `${this.temp.path}/log`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What was said on standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  get files(): Record<string, LeftFile> {
    return filesIn(this.path);
  }

  /** What is in current; empty where there is none. */
  get current(): string {
    try {
      return latin1(Deno.readFileSync(`${this.path}/current`));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  configure(config: string): void {
    Deno.writeFileSync(`${this.path}/config`, bytesOf(config));
  }

  /** Starts it, in the directory above the log directory. */
  start(command: string, args: readonly string[] = []): void {
    const child = new Deno.Command(command, {
      args: [...args, "log"],
      cwd: this.temp.path,
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#stderr = "";
    this.#drained = this.#collect(child.stderr);
  }

  /** Writes to its standard input: characters stand for bytes. */
  async write(data: string | Uint8Array): Promise<void> {
    await this.#writer?.write(typeof data === "string" ? bytesOf(data) : data);
  }

  /** Writes to it, and waits until the log directory holds that at its end. */
  async log(line: string): Promise<void> {
    await this.write(line);
    await until(`${line.trim()} is logged`, () => allText(this.files).endsWith(line));
  }

  signal(name: Deno.Signal): void {
    this.#child?.kill(name);
  }

  /** Closes its standard input. */
  async close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    try {
      await writer?.close();
    } catch {
      // It has ended before.
    }
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<Outcome> {
    return { code: await this.exitCode(), stderr: this.#stderr, files: this.files };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child !== undefined) {
      try {
        this.#child.kill("SIGKILL");
      } catch {
        // It has ended by itself.
      }
      await this.exitCode();
    }
    this.temp[Symbol.dispose]();
  }

  /** Waits until it has ended by itself, and looks at nothing that it left. */
  async exitCode(): Promise<number> {
    if (this.#child === undefined) throw new Error("not started");
    const { code } = await this.#child.status;
    await this.#drained;
    this.#child = undefined;
    await this.close();
    return code;
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) this.#stderr += latin1(chunk);
  }
}

/** Runs it over some input, all at once, to its end. */
export async function runSvlogd(
  command: string,
  options: { config?: string; args?: readonly string[]; input: string },
): Promise<Outcome> {
  await using svlogd = new Svlogd(options.config);
  svlogd.start(command, options.args);
  await svlogd.write(options.input);
  await svlogd.close();
  return await svlogd.ended();
}

/** Runs it without any log directory of ours. */
export async function runPlain(
  command: string,
  args: readonly string[],
): Promise<{ code: number; stderr: string }> {
  using temp = new TempDir();
  const { code, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: temp.path,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return { code, stderr: latin1(stderr).replaceAll(command, "svlogd") };
}

/** Puts numbers in place of the stamps of old files, in their order, and words in place of those of lines. */
export function anonymous(outcome: Outcome): Outcome {
  const names: string[] = [];
  const rename = (text: string): string =>
    text
      .replaceAll(/\d{4}-\d\d-\d\d([_T])\d\d:\d\d:\d\d\.\d{5}/g, "DATE$1")
      .replaceAll(/@[0-9a-f]{24} /g, "STAMP ")
      .replaceAll(/@[0-9a-f]{24}/g, (stamp) => {
        if (!names.includes(stamp)) names.push(stamp);
        return `@${names.indexOf(stamp)}`;
      });
  const files: Record<string, LeftFile> = {};
  for (const name of Object.keys(outcome.files).toSorted()) {
    const file = outcome.files[name];
    if (file !== undefined) files[rename(name)] = { ...file, text: rename(file.text) };
  }
  return { ...outcome, stderr: rename(outcome.stderr), files };
}
