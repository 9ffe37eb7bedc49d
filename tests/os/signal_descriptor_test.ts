import { assertEquals } from "@std/assert";
import { ROOT } from "../../scripts/setup/files.ts";

/** Runs a program that blocks signals by executing itself once, as process no 1 does. */
async function run(program: string): Promise<string> {
  const path = Deno.makeTempFileSync({ prefix: "runit-deno-test-", suffix: ".ts" });
  try {
    Deno.writeTextFileSync(
      path,
      `
      import { environment, execute } from "${ROOT}/src/os/process.ts";
      import { kill, setDisposition } from "${ROOT}/src/os/signal.ts";
      import { block, SignalDescriptor } from "${ROOT}/src/os/signal_descriptor.ts";
      const SIGNALS = ["CONT", "INT", "PWR"] as const;
      if (!block(SIGNALS)) {
        const flags = ["run", "--quiet", "--allow-all", "--no-check"];
        execute(Deno.execPath(), ["deno", ...flags, "${path}"], environment());
      }
      ${program}
      `,
    );
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", "--no-check", path],
      cwd: ROOT,
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return decoder.decode(stdout) + decoder.decode(stderr);
  } finally {
    Deno.removeSync(path);
  }
}

const ignore = Deno.build.os !== "linux";

Deno.test({
  name: "blocked signals have no effect but that they can be read",
  ignore,
  fn: async () => {
    const output = await run(`
      const signals = new SignalDescriptor(SIGNALS);
      console.log(signals.read());
      kill(Deno.pid, "INT");
      Deno.kill(Deno.pid, "SIGPWR");
      console.log(signals.read());
      console.log(signals.read());
    `);
    assertEquals(output, '[]\n[ "INT", "PWR" ]\n[]\n');
  },
});

Deno.test({
  name: "a blocked signal that is ignored can be read nevertheless",
  ignore,
  fn: async () => {
    const output = await run(`
      setDisposition("CONT", "ignore");
      const signals = new SignalDescriptor(SIGNALS);
      kill(Deno.pid, "CONT");
      console.log(signals.read());
    `);
    assertEquals(output, '[ "CONT" ]\n');
  },
});

Deno.test({
  name: "a signal that came before the descriptor was made is not lost",
  ignore,
  fn: async () => {
    const output = await run(`
      kill(Deno.pid, "INT");
      console.log(new SignalDescriptor(SIGNALS).read());
    `);
    assertEquals(output, '[ "INT" ]\n');
  },
});
