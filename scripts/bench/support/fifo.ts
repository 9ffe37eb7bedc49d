/**
 * Makes a FIFO, and opens it at both ends, so that neither opening nor the end of a writer matters.
 *
 * @throws {Error} If it cannot be made.
 */
export function openFifo(path: string): Deno.FsFile {
  const { success } = new Deno.Command("mkfifo", { args: [path] }).outputSync();
  if (!success) throw new Error("mkfifo failed");
  return Deno.openSync(path, { read: true, write: true });
}
