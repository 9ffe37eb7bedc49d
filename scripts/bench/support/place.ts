/** File systems in memory, where there is one. */
const MEMORY = "/dev/shm";

/**
 * A folder for files that come and go by the thousand. In memory if it can be: a file system on a disk may be slow to make
 * files for a minute after many were removed (ext4 does not use such an inode again so soon), and that would be measured.
 *
 * @param bytes What is needed at most.
 * @returns Undefined for the folder for temporary files.
 */
export async function memoryPlace(bytes: number): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("df", {
      args: ["-Pk", MEMORY],
      stdin: "null",
      stderr: "null",
    }).output();
    const [, line = ""] = new TextDecoder().decode(stdout).split("\n");
    const [type, , , free = "0"] = line.split(/\s+/);
    return success && type === "tmpfs" && Number(free) * 1024 >= bytes ? MEMORY : undefined;
  } catch {
    return undefined;
  }
}
