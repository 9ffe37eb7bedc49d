import type { LogSystem } from "./host.ts";
import type { Compression } from "./config.ts";

/** Bytes that are read at a time. */
const BLOCK = 65_536;

/**
 * Compresses a file, block by block, and lets other work go on between two blocks.
 *
 * @param input An open file, read from where it stands.
 * @param output An open file to write to.
 * @throws What reading and writing throw.
 */
export async function compress(
  system: LogSystem,
  input: number,
  output: number,
  compression: Compression,
): Promise<void> {
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller): void {
      const block = new Uint8Array(BLOCK);
      const count = system.read(input, block) ?? 0;
      if (count === 0) controller.close();
      else controller.enqueue(block.subarray(0, count));
    },
  });
  for await (const bytes of source.pipeThrough(await transform(compression))) {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(system.write(output, rest) ?? 0);
  }
}

async function transform(
  compression: Compression,
): Promise<ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>> {
  if (compression === "gzip") return new CompressionStream("gzip");
  // Web streams have no zstd yet.
  const { createZstdCompress } = await import("node:zlib");
  const { Duplex } = await import("node:stream");
  return Duplex.toWeb(createZstdCompress()) as ReadableWritablePair<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >;
}
