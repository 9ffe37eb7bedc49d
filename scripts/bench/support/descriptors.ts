/** How many descriptors a process may have at most, whatever it is limited to now. */
export function mostDescriptors(): number {
  const { stdout } = new Deno.Command("sh", {
    args: ["-c", "ulimit -H -n"],
    stdin: "null",
    stderr: "null",
  }).outputSync();
  const text = new TextDecoder().decode(stdout).trim();
  return text === "unlimited" ? Infinity : Number(text);
}
