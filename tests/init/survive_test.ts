import { assertEquals } from "@std/assert";
import { ROOT } from "../../scripts/setup/files.ts";

Deno.test("a process that survives goes on after what nobody has caught, and tells of it", async () => {
  const program = `
    import { Console } from "${ROOT}/src/init/console.ts";
    import { hostOs } from "${ROOT}/src/init/os.ts";
    import { survive } from "${ROOT}/src/init/survive.ts";
    survive(new Console(hostOs));
    setTimeout(() => { throw new Error("thrown"); }, 0);
    Promise.reject(new Error("rejected"));
    queueMicrotask(() => { throw new Error("in a microtask"); });
    (async () => { await null; throw new TypeError("in an async function"); })();
    setTimeout(() => console.log("alive"), 50);
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "--no-check", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  assertEquals([code, decoder.decode(stdout)], [0, "alive\n"]);
  const lines = decoder.decode(stderr).split("\n").filter((line) => line !== "");
  assertEquals(lines.toSorted(), [
    "- runit: fatal: internal error: in a microtask",
    "- runit: fatal: internal error: in an async function",
    "- runit: fatal: internal error: rejected",
    "- runit: fatal: internal error: thrown",
  ]);
});
