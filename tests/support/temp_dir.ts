/** A directory that is removed with all that is in it at the end of the `using` block. */
export class TempDir implements Disposable {
  /** Its absolute path. */
  readonly path: string;

  constructor() {
    this.path = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "runit-deno-test-" }));
  }

  /** Writes a file, making the directories above it. With a mode it has that, whatever the umask. */
  write(name: string, content: string | Uint8Array, mode?: number): void {
    const path = `${this.path}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(path, bytes);
    if (mode !== undefined) Deno.chmodSync(path, mode);
  }

  /** Reads a file. */
  read(name: string): string {
    return Deno.readTextFileSync(`${this.path}/${name}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
