/** The example of a container in `docs/examples/container`, without an engine: its root file system, and chroot(8). */

import { assertEquals } from "@std/assert";
import { ROOT } from "../../scripts/setup/files.ts";
import { built } from "../support/build.ts";
import { descendants } from "../support/service.ts";
import { TempDir } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";

const EXAMPLE = `${ROOT}/docs/examples/container`;

const NAMESPACE = ["--pid", "--mount", "--fork", "--kill-child"];

const canIsolate = new Deno.Command("unshare", {
  args: [...NAMESPACE, "/bin/sh", "-c", "mount -t proc proc /proc && chroot / true"],
  stderr: "null",
}).outputSync().success;

/** What a container engine does: `/proc`, the root, an environment, and the entry point of the Containerfile. */
const IN_NAMESPACE = `mount -t proc proc "$1/proc" &&
root=$1 && shift &&
exec env -i PATH=/bin "$(command -v chroot)" "$root" /bin/runsvdir "$@" --grace 8 -P /etc/service`;

/** What may come first on its command line, and the tools that it takes. */
const WAYS = {
  "a process each": { options: [] as string[], tools: ["runsvdir", "runsv"] },
  "a single process": { options: ["--single-process"], tools: ["runsvdir"] },
};

/** All files below a directory, by their paths in it. */
function files(dir: string, prefix = ""): string[] {
  return [...Deno.readDirSync(dir)].flatMap(({ name, isDirectory }) =>
    isDirectory ? files(`${dir}/${name}`, `${prefix}/${name}`) : [`${prefix}/${name}`]
  );
}

for (const [way, { options, tools: needed }] of Object.entries(WAYS)) {
  Deno.test({
    name:
      `the example container runs its service, stops when it is told to, and loses no line: ${way}`,
    ignore: !canIsolate,
    fn: async () => {
      using temp = new TempDir();
      const root = `${temp.path}/root`;
      const tools = `${temp.path}/tools`;
      Deno.mkdirSync(tools);
      for (const tool of needed) {
        Deno.symlinkSync(await built(tool), `${tools}/${tool}`);
      }
      const assembled = new Deno.Command(`${EXAMPLE}/assemble`, {
        args: [root, `${EXAMPLE}/hello`],
        env: { TOOLS: tools },
      }).outputSync();
      assertEquals(new TextDecoder().decode(assembled.stderr), "");
      assertEquals(assembled.success, true);
      const strange = files(root).filter((path) =>
        !/^\/(usr\/)?(bin\/|lib(64)?\/(.*\.so|ld-))|^\/etc\/service\/hello\//.test(path)
      );
      assertEquals(strange, []);

      const container = new Deno.Command("unshare", {
        args: [...NAMESPACE, "/bin/sh", "-c", IN_NAMESPACE, "container", root, ...options],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      try {
        const lines = `${root}/etc/service/hello/log/lines`;
        await until("it says hello", () => Deno.readTextFileSync(lines) === "hello\n");
        const [init = 0] = descendants(container.pid);
        Deno.kill(init, "SIGTERM");
        assertEquals((await container.status).code, 0);
        assertEquals(Deno.readTextFileSync(lines), "hello\ngoodbye\n");
      } finally {
        try {
          container.kill("SIGKILL");
        } catch {
          // It is gone already.
        }
        await container.status;
      }
    },
  });
}
