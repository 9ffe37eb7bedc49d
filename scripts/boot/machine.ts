import { EMULATOR } from "./parts.ts";

/** How a {@linkcode Machine} is made. */
export interface MachineOptions {
  readonly kernel: string;
  readonly initramfs: string;
  /** In MiB. */
  readonly memory: number;
  /** A path for the socket that the emulator takes commands on. */
  readonly monitor: string;
}

/** An emulated computer whose console is a serial line. */
export class Machine implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #read: Promise<void>;
  readonly #echo: (text: string) => void;
  readonly #monitor: string;
  #said = "";
  #arrived: (() => void) | undefined;

  /** @param echo Gets what the machine says on its console. */
  constructor(options: MachineOptions, echo: (text: string) => void) {
    this.#echo = echo;
    this.#monitor = options.monitor;
    this.#child = new Deno.Command(EMULATOR, {
      args: [
        ...["-accel", "tcg", "-cpu", "max", "-m", `${options.memory}`],
        ...[
          "-display",
          "none",
          "-monitor",
          `unix:${options.monitor},server,nowait`,
          "-serial",
          "stdio",
          "-nic",
          "none",
          "-no-reboot",
        ],
        ...["-kernel", options.kernel, "-initrd", options.initramfs],
        ...["-append", "console=ttyS0 quiet loglevel=4 panic=-1"],
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#read = this.#listen();
  }

  /**
   * Waits until the machine says something that matches, beyond what was matched before.
   *
   * @throws {Error} If it does not within so many milliseconds, or ends before.
   */
  async expect(pattern: RegExp, deadline: number): Promise<RegExpExecArray> {
    const end = performance.now() + deadline;
    for (;;) {
      const match = pattern.exec(this.#said);
      if (match !== null) {
        this.#said = this.#said.slice(match.index + match[0].length);
        return match;
      }
      const left = end - performance.now();
      if (left <= 0) throw new Error(`the machine did not say ${pattern}`);
      await this.#something(left);
    }
  }

  /** Types a line on its console. */
  async type(line: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Presses Ctrl-Alt-Del on its keyboard. */
  async pressCtrlAltDel(): Promise<void> {
    using monitor = await Deno.connect({ transport: "unix", path: this.#monitor });
    // It greets when it listens, and asks for the next command when it has done one.
    await monitor.read(new Uint8Array(4096));
    await monitor.write(new TextEncoder().encode("sendkey ctrl-alt-delete\n"));
    await monitor.read(new Uint8Array(4096));
  }

  /**
   * Waits until it has switched itself off, or wants to boot again.
   *
   * @throws {Error} If it does not within so many milliseconds.
   */
  async ended(deadline: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("the machine stays on")), deadline);
    });
    try {
      await Promise.race([this.#child.status, late]);
      await this.#read;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It is off.
    }
    await this.#child.status;
    await this.#read;
    await this.#writer.abort().catch(() => {});
  }

  async #something(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
      this.#arrived = resolve;
    });
    clearTimeout(timer);
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) {
      const text = decoder.decode(chunk, { stream: true }).replaceAll("\r", "");
      this.#said += text;
      this.#echo(text);
      this.#arrived?.();
    }
  }
}
