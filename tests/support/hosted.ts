import { compile } from "../../scripts/build/compile.ts";
import {
  moduleFiles,
  readRecord,
  sourceFile,
  sourcesChanged,
  writeRecord,
} from "../../scripts/build/record.ts";
import { hostTarget } from "../../scripts/build/target.ts";
import { findBase } from "../../scripts/setup/base.ts";
import { locked, PROJECT_CACHE, removeIfPresent } from "../../scripts/setup/files.ts";
import { built } from "./build.ts";

/** Which kinds of runsv there are: a test of one is a test of both. */
export const RUNSVS: Readonly<Record<string, () => Promise<string>>> = {
  "runsv": () => built("runsv"),
  "a service of a single process": hostedRunsv,
};

const ENTRY = "tests/support/hosted/runsv.ts";

/** A runsv that supervises as `runsvdir --single-process` does; compiled anew if a source has changed. */
export function hostedRunsv(): Promise<string> {
  const place = `${PROJECT_CACHE}/hosted-runsv`;
  const path = `${place}/runsv`;
  Deno.mkdirSync(place, { recursive: true });
  return locked(`${place}/lock`, async () => {
    const record = readRecord(`${place}/record.json`);
    if (record !== undefined && !await sourcesChanged(record.sources)) return path;
    const sources = await Promise.all((await moduleFiles(ENTRY)).map(sourceFile));
    const target = hostTarget();
    const base = await findBase(target);
    const dir = `${place}/work`;
    removeIfPresent(dir);
    Deno.mkdirSync(dir);
    Deno.renameSync(await compile({ name: "runsv", entry: ENTRY, target, base, dir }), path);
    removeIfPresent(dir);
    const { size } = Deno.statSync(path);
    const { identity, kind } = base;
    writeRecord(`${place}/record.json`, {
      flags: "",
      base: identity,
      baseKind: kind,
      sources,
      size,
      sha256: "",
    });
    return path;
  });
}
