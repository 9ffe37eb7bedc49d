/**
 * The denort that Deno publishes, put where `deno compile` looks for it.
 *
 * @module
 */

import { denoDir } from "./deno_dir.ts";
import { PROJECT_CACHE, readTextOrUndefined, statOrUndefined, writeAtomic } from "./files.ts";
import { SetupError } from "./error.ts";
import { insist, sha256 } from "./integrity.ts";
import { DENO_VERSION, OFFICIAL_DENORT_ZIP } from "./pins.ts";

const STEP = "denort";

/** Milliseconds to wait for an answer at all, and then for the rest. */
const ANSWER_MS = 3_000;
const DOWNLOAD_MS = 300_000;

/** How long a place that did not answer is not asked again, in milliseconds. */
const RETRY_AFTER_MS = 3_600_000;

const OUT_OF_REACH = `${PROJECT_CACHE}/denort-out-of-reach`;

/** Where Deno keeps a denort that it has downloaded. */
export function officialZip(target: string): string {
  return `${denoDir()}/dl/release/v${Deno.version.deno}/denort-${target}.zip`;
}

/**
 * Sees to it that Deno has its own denort for a target, and that it is the pinned one where a pin is known.
 *
 * @returns The sha256 of its archive, or undefined if the place that publishes it is out of reach.
 * @throws {SetupError} If it is not the pinned one, or the download breaks off.
 */
export async function officialDenort(target: string): Promise<string | undefined> {
  const zip = officialZip(target);
  const data = statOrUndefined(zip) ? await Deno.readFile(zip) : await download(target);
  if (data === undefined) return undefined;
  const identity = await sha256(data);
  const pinned = Deno.version.deno === DENO_VERSION ? OFFICIAL_DENORT_ZIP[target] : undefined;
  if (pinned !== undefined) insist(STEP, `denort-${target}.zip`, identity, pinned);
  if (statOrUndefined(zip) === undefined) {
    Deno.mkdirSync(zip.slice(0, zip.lastIndexOf("/")), { recursive: true });
    writeAtomic(zip, data);
  }
  return identity;
}

/** `RUNIT_DENO_RELEASES` names another place that is laid out like Deno's. */
function releaseUrl(target: string): string {
  const place = Deno.env.get("RUNIT_DENO_RELEASES") ?? "https://dl.deno.land/release";
  return `${place}/v${Deno.version.deno}/denort-${target}.zip`;
}

async function download(target: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const since = Date.parse(readTextOrUndefined(OUT_OF_REACH)?.trim() ?? "");
  if (Date.now() - since < RETRY_AFTER_MS) return undefined;
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), ANSWER_MS);
  try {
    const response = await fetch(releaseUrl(target), { signal: abort.signal }).catch(() =>
      undefined
    );
    if (!response?.ok) {
      await response?.body?.cancel();
      Deno.mkdirSync(PROJECT_CACHE, { recursive: true });
      writeAtomic(OUT_OF_REACH, `${new Date().toISOString()}\n`);
      return undefined;
    }
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), DOWNLOAD_MS);
    return await response.bytes();
  } catch (error) {
    throw new SetupError(STEP, `the download broke off: ${error}`, "try again", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
