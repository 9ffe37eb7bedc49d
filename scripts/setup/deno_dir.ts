/**
 * Deno's cache folder by Deno's own rule: `$DENO_DIR`, or `deno` in the user's cache folder. Where the environment does not
 * tell, Deno is asked.
 */
export function denoDir(): string {
  const own = Deno.env.get("DENO_DIR");
  if (own?.startsWith("/")) return own;
  const home = Deno.env.get("HOME");
  const xdg = Deno.env.get("XDG_CACHE_HOME");
  if (own === undefined && Deno.build.os === "linux") {
    if (xdg?.startsWith("/")) return `${xdg}/deno`;
    if (home?.startsWith("/")) return `${home}/.cache/deno`;
  }
  return asked ??= ask();
}

let asked: string | undefined;

function ask(): string {
  const { stdout } = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-config"],
    stdin: "null",
    stderr: "null",
  }).outputSync();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout)) as { readonly denoDir: string };
  return denoDir;
}
