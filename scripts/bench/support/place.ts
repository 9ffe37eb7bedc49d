/** File systems in memory, where there is one. */
const MEMORY = "/dev/shm";

/**
 * A folder for files and scripts that come and go by the thousand. In memory if it can be: a file system on a disk may be
 * slow to make files for a minute after many were removed (ext4 does not use such an inode again so soon), and that would be
 * measured.
 *
 * @param bytes What is needed at most.
 * @returns Undefined for the folder for temporary files.
 */
export async function memoryPlace(bytes: number): Promise<string | undefined> {
  try {
    return await room() >= bytes && executes() ? MEMORY : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The bytes that are free in memory; 0 if it is no file system in memory. */
async function room(): Promise<number> {
  const { success, stdout } = await new Deno.Command("df", {
    args: ["-Pk", MEMORY],
    stdin: "null",
    stderr: "null",
  }).output();
  const [, line = ""] = new TextDecoder().decode(stdout).split("\n");
  const [type, , , free] = line.split(/\s+/);
  return success && type === "tmpfs" ? Number(free) * 1024 : 0;
}

/** Whether scripts there may be executed: containers often have it otherwise. */
function executes(): boolean {
  const path = Deno.makeTempFileSync({ dir: MEMORY, prefix: "runit-deno-bench-" });
  try {
    Deno.writeTextFileSync(path, "#!/bin/sh\n");
    Deno.chmodSync(path, 0o755);
    return new Deno.Command(path, { stdin: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  } finally {
    Deno.removeSync(path);
  }
}
