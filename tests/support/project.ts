import { copy } from "@std/fs/copy";
import { join } from "@std/path/join";
import { ROOT } from "../../scripts/setup/files.ts";

/** Options for {@linkcode Project.run}. */
export interface RunOptions {
  /** Variables to set beside those of this process. */
  readonly env?: Record<string, string>;
}

/** How a script of the project ended. */
export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of the project's own tooling in a temporary folder, with tools of the test's making. */
export class Project implements AsyncDisposable {
  /** The folder. */
  readonly dir: string;

  private constructor(dir: string) {
    this.dir = dir;
  }

  /** Copies `scripts/` and `deno.json`, and links the dependencies. */
  static async make(): Promise<Project> {
    const dir = await Deno.makeTempDir({ prefix: "runit-deno-project-" });
    await copy(join(ROOT, "scripts"), join(dir, "scripts"));
    await Deno.copyFile(join(ROOT, "deno.json"), join(dir, "deno.json"));
    return new Project(dir);
  }

  /** Gives it the dependencies of this project, where they do not come from JSR. */
  async linkDeps(): Promise<void> {
    try {
      await Deno.stat(join(ROOT, ".deps"));
    } catch {
      return;
    }
    await Deno.symlink(join(ROOT, ".deps"), join(this.dir, ".deps"));
  }

  /** Writes a file, making its folder. */
  async write(path: string, text: string): Promise<void> {
    const full = join(this.dir, path);
    await Deno.mkdir(join(full, ".."), { recursive: true });
    await Deno.writeTextFile(full, text);
  }

  /** Replaces text in a file, which must be there. */
  async replace(path: string, from: string | RegExp, to: string): Promise<void> {
    const text = await Deno.readTextFile(join(this.dir, path));
    const replaced = text.replace(from, to);
    if (replaced === text) throw new Error(`${path} does not hold ${from}`);
    await this.write(path, replaced);
  }

  /** Runs a script as the tasks do, without input. */
  async run(script: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", join(this.dir, script), ...args],
      cwd: this.dir,
      env: { NO_COLOR: "1", ...options.env },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** Removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.dir, { recursive: true });
  }
}
