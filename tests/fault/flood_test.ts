/**
 * Services of a single process that write to their logs as fast as they can: the others are supervised meanwhile, and no line
 * is lost.
 */

import { assert, assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { LoggedServices } from "../support/logged_services.ts";
import { osTest } from "../support/os.ts";
import { until } from "../support/until.ts";

const FLOODING = ["flood0", "flood1", "flood2", "flood3"];
const CALM = ["calm0", "calm1", "calm2"];

/** Bytes of a line of theirs, with its end. */
const LENGTH = 100;

/** How often everything is done with each of the others. */
const ROUNDS = 4;

/** Milliseconds that anything may take meanwhile: far more than it does. How much it does is for the benchmarks to say. */
const PROMPT = 3000;

/** Between the files `go` and `stop`, says all it can in large pieces; then how many lines these were, and stays. */
const FLOODS = `#!/usr/bin/perl
select(undef, undef, undef, 0.01) until -e 'go';
my $i = 0;
until (-e 'stop') {
  my $text = '';
  $text .= sprintf("%-${LENGTH - 1}s\\n", ++$i) for 1..500;
  while (length $text) { my $n = syswrite(STDOUT, $text) or next; substr($text, 0, $n) = '' }
}
open(my $said, '>', 'said.new'); print $said $i; close $said; rename 'said.new', 'said';
sleep 1000 while 1;
`;

/** Numbers its lines, and says its last word. */
const TALKS = `#!/usr/bin/perl
$SIG{TERM} = sub { $stop = 1 };
until ($stop) { syswrite(STDOUT, "$$ " . ++$i . "\\n"); select(undef, undef, undef, 0.01) }
syswrite(STDOUT, "$$ end $i\\n");
`;

const LOG = "#!/bin/sh\nexec svlogd main\n";

osTest("while services flood their logs, others are supervised, and no line is lost", async () => {
  await using dir = new LoggedServices({ runsvdir: await built("runsvdir"), single: true });
  const sv = await built("sv");
  const add = (name: string, run: string): void =>
    dir.add(name, { run, "log/run": LOG, "log/main/config": "s4000000\nn0\n" });
  for (const name of FLOODING) add(name, FLOODS);
  for (const name of CALM) add(name, TALKS);
  dir.start();
  for (const name of [...FLOODING, ...CALM]) {
    await dir.untilRuns(name);
    await dir.untilStatus(`${name}/log`, ({ state }) => state === "run");
  }
  for (const name of FLOODING) Deno.writeTextFileSync(`${dir.path}/${name}/go`, "");

  const promptly = async (what: string, action: () => Promise<unknown>): Promise<void> => {
    const since = performance.now();
    await action();
    const took = performance.now() - since;
    assert(took < PROMPT, `${what} took ${Math.round(took)} ms`);
  };
  const terms = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of CALM) {
      const { pid, since } = dir.status(name);
      const before = dir.lines(name).length;
      await promptly(
        `a line of ${name}`,
        () => until("its log grows", () => dir.lines(name).length > before),
      );
      await promptly(`sv status of ${name}`, async () => {
        const { success } = await new Deno.Command(sv, {
          args: ["status", `./${name}`],
          cwd: dir.path,
        })
          .output();
        assert(success);
      });
      await promptly(`the pause of ${name}`, async () => {
        dir.control(name, "p");
        await dir.untilStatus(name, ({ paused }) => paused);
        dir.control(name, "c");
        await dir.untilStatus(name, ({ paused }) => !paused);
      });
      // One that has just been started rests for a second.
      if (Date.now() / 1000 < since.seconds + 2) continue;
      if (round % 2 === 0) Deno.kill(pid, "SIGKILL");
      else {
        dir.control(name, "t");
        terms.set(name, (terms.get(name) ?? 0) + 1);
      }
      await promptly(`the restart of ${name}`, () => dir.untilRuns(name, pid));
    }
    dir.control("flood0/log", "a");
  }
  for (const name of FLOODING) Deno.writeTextFileSync(`${dir.path}/${name}/stop`, "");
  const said = new Map<string, number>();
  for (const name of FLOODING) {
    const count = await until(
      `${name} has said it all`,
      () => dir.temp.read(`services/${name}/said`),
    );
    said.set(name, Number(count));
  }
  console.log("lines said", said);

  dir.signal("SIGTERM");
  assertEquals((await dir.ended()).code, 0);
  for (const name of FLOODING) {
    const lines = dir.lines(name);
    assertEquals(lines.length, said.get(name), name);
    const wrong = lines.findIndex((line, i) =>
      line.length !== LENGTH - 1 || Number(line) !== i + 1
    );
    assertEquals(wrong, -1, `${name}: ${lines[wrong]}`);
  }
  for (const name of CALM) {
    const last = new Map<string, number>();
    let ends = 0;
    for (const line of dir.lines(name)) {
      const [pid = "", second, third] = line.split(" ");
      const before = last.get(pid) ?? 0;
      if (second === "end") ends++;
      assertEquals(
        Number(third ?? second),
        second === "end" ? before : before + 1,
        `${name}: ${line}`,
      );
      if (second !== "end") last.set(pid, before + 1);
    }
    assertEquals(ends, (terms.get(name) ?? 0) + 1, name);
  }
  assertEquals(dir.stderr, "");
});
