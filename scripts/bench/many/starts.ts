import { openFifo } from "../support/fifo.ts";

/** A start of a service. */
export interface Start {
  /** Which. */
  readonly index: number;
  /** The process that it is. */
  readonly pid: number;
}

/** Milliseconds after which a start is not waited for any more. */
const PATIENCE = 120_000;

/** A FIFO through which services tell that they run. */
export class Starts {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(65_536);
  #text = "";

  /** @param path Where to make it. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openFifo(path);
  }

  /** The line of a shell script by which a service tells that it runs; its process must stay the same. */
  tell(index: number): string {
    return `echo ${index} $$ >${this.#path}`;
  }

  /**
   * The next start that is told.
   *
   * @throws {Error} If none comes.
   */
  async next(): Promise<Start> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const [index, pid] = this.#text.slice(0, end).split(" ").map(Number);
        this.#text = this.#text.slice(end + 1);
        if (index === undefined || pid === undefined) throw new Error("no start came");
        return { index, pid };
      }
      // A line without a start ends the wait: a read of a FIFO cannot be taken back.
      const timer = setTimeout(
        () => this.#file.writeSync(new TextEncoder().encode("\n")),
        PATIENCE,
      );
      const count = await this.#file.read(this.#buffer) ?? 0;
      clearTimeout(timer);
      this.#text += this.#decoder.decode(this.#buffer.subarray(0, count), { stream: true });
    }
  }

  /** Closes it; no start may be waited for. */
  close(): void {
    this.#file.close();
  }
}
