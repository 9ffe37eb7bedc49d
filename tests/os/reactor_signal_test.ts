import { assertEquals } from "@std/assert";
import { ROOT } from "../../scripts/setup/files.ts";

const IMPORTS = `
  import { PollReactor } from "${ROOT}/src/os/reactor.ts";
  import { disposition } from "${ROOT}/src/os/signal.ts";
`;

/** Runs a program in a process of its own, whose signals are its own. */
async function run(program: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "--no-check", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(IMPORTS + program));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

for (const signal of ["HUP", "INT"]) {
  Deno.test(`onSignal() hears ${signal} when another signal was listened for first`, async () => {
    const output = await run(`
      const reactor = new PollReactor();
      reactor.onSignal("TERM", () => {});
      reactor.onSignal("${signal}", () => {
        console.log("heard");
        reactor.stop();
      });
      reactor.onSignal("CHLD", () => {});
      Deno.kill(Deno.pid, "SIG${signal}");
      await reactor.run();
    `);
    assertEquals(output, "heard\n");
  });
}

Deno.test("onSignal() leaves signals as they were that it was not asked for", async () => {
  const output = await run(`
    const reactor = new PollReactor();
    reactor.onSignal("TERM", () => {});
    console.log(disposition("HUP"), disposition("INT"), disposition("TERM"));
    reactor.onSignal("HUP", () => {});
    console.log(disposition("HUP"), disposition("INT"), disposition("TERM"));
    reactor.stop();
  `);
  assertEquals(output, "default default undefined\nundefined default undefined\n");
});
