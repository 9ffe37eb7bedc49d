/**
 * A file system that stops answering when it is told to: an ext4 image, mounted in a namespace of its own and frozen (FIFREEZE,
 * see ioctl_fsfreeze(2)). Whoever writes to it then waits in the kernel, where no signal reaches, until it is thawed.
 *
 * @module
 */

import { canUnshare, unshare } from "./namespace.ts";
import { TempDir } from "./temp_dir.ts";

/** Seconds after which it is thawed, whatever becomes of the test. */
const LIMIT = 120;

/** Mounts, says so, does what it is told, and thaws when it is told no more: nothing may be left frozen. */
const HOLDER = `
my ($image, $place, $limit) = @ARGV;
my $frozen = 0;
sub thaw { $frozen = 0 if $frozen && system('fsfreeze', '-u', $place) == 0 }
sub leave { thaw(); exit 0 }
$SIG{$_} = \\&leave for qw(ALRM TERM INT HUP);
system('mount', '-o', 'loop', $image, $place) == 0 or exit 1;
alarm $limit;
$| = 1;
print "mounted\\n";
while (my $word = <STDIN>) {
  if ($word eq "freeze\\n") { system('fsfreeze', '-f', $place) == 0 or leave(); $frozen = 1 }
  else { thaw() }
  print "done\\n";
}
leave();
`;

/** Megabytes of the image, with those of its journal. */
const SIZE = 32;

/** See the module's documentation. It is thawed, unmounted and gone at the end of the `using` block. */
export class StuckDisk implements AsyncDisposable {
  readonly #temp = new TempDir();
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;

  private constructor() {
    const image = `${this.#temp.path}/image`;
    Deno.mkdirSync(this.path);
    Deno.writeFileSync(image, new Uint8Array(0));
    Deno.truncateSync(image, SIZE * 1024 * 1024);
    new Deno.Command("mkfs.ext4", { args: ["-q", "-F", image], stdin: "null" }).outputSync();
    const [command = "", ...args] = unshare("mount");
    this.#child = new Deno.Command(command, {
      args: [...args, "perl", "-e", HOLDER, image, this.path, `${LIMIT}`],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.getReader();
  }

  /** @throws {Error} If it cannot be mounted. */
  static async make(): Promise<StuckDisk> {
    const disk = new StuckDisk();
    try {
      await disk.#answer();
      return disk;
    } catch (error) {
      await disk[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where it is mounted, for who is in its namespace. */
  get path(): string {
    return `${this.#temp.path}/disk`;
  }

  /** The same for everybody. */
  get outside(): string {
    return `/proc/${this.#child.pid}/root${this.path}`;
  }

  /** Words that put a command into its namespace, in the directory above that of `STAND_IN_OUTPUT`. */
  get wrapper(): readonly string[] {
    const script = 'cd "${STAND_IN_OUTPUT%/*}" && exec "$@"';
    return ["nsenter", `--mount=/proc/${this.#child.pid}/ns/mnt`, "sh", "-c", script, "sh"];
  }

  /** From now on, it does not answer to who would write. */
  freeze(): Promise<void> {
    return this.#tell("freeze\n");
  }

  thaw(): Promise<void> {
    return this.#tell("thaw\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#input.close();
    } catch {
      // It has ended before.
    }
    await this.#child.status;
    await this.#output.cancel();
    this.#temp[Symbol.dispose]();
  }

  async #tell(word: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(word));
    await this.#answer();
  }

  async #answer(): Promise<void> {
    const { done } = await this.#output.read();
    if (done) throw new Error("the disk is not to be had");
  }
}

/** Whether there can be such a disk here: that takes root, loop devices, ext4 and fsfreeze(8). */
export async function canStickDisks(): Promise<boolean> {
  if (Deno.build.os !== "linux" || !canUnshare("mount")) return false;
  try {
    await using disk = await StuckDisk.make();
    await disk.freeze();
    await disk.thaw();
    return true;
  } catch {
    return false;
  }
}
