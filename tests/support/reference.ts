import { referenceDir } from "../../scripts/setup/reference.ts";
import { PROJECT_CACHE, ROOT, statOrUndefined } from "../../scripts/setup/files.ts";

/** After a failed try to get the reference, how long no other is made: a run of the tests has many processes. */
const RETRY_AFTER_MS = 600_000;

const FOLDERS = ["usr/bin", "usr/sbin", "sbin", "bin", "lib/runit"];

/**
 * A binary of the reference runit.
 *
 * @param tool Its name, such as `sv`.
 * @returns Its absolute path, or undefined where it cannot be had: a test that needs it is then ignored.
 */
export function reference(tool: string): string | undefined {
  return find(tool) ?? (fetchReference() ? find(tool) : undefined);
}

function find(tool: string): string | undefined {
  return FOLDERS.map((folder) => `${referenceDir()}/${folder}/${tool}`)
    .find((path) => statOrUndefined(path)?.isFile);
}

/** Has the set-up fetch the reference. Returns whether it was tried and may be there now. */
function fetchReference(): boolean {
  if (statOrUndefined(`${referenceDir()}/usr`) !== undefined) return false;
  const tried = `${PROJECT_CACHE}/reference-tried`;
  const since = statOrUndefined(tried)?.mtime?.getTime();
  if (since !== undefined && Date.now() - since < RETRY_AFTER_MS) return false;
  Deno.mkdirSync(PROJECT_CACHE, { recursive: true });
  new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", `${ROOT}/scripts/setup.ts`, "reference"],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).outputSync();
  Deno.writeTextFileSync(tried, "");
  return true;
}
