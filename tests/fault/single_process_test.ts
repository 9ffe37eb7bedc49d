/**
 * Many services and their loggers in one process, while services are killed, taken down and up, removed and added, and some
 * flood their logs: no line is lost, doubled or out of order, every service is in the state that it was told, and the process
 * keeps no descriptor and no memory.
 *
 * With `RUNIT_DENO_SOAK=1` there are a thousand of them, for two minutes.
 */

import { assert, assertEquals } from "@std/assert";
import { decodeStatus } from "../../src/service/status.ts";
import { built } from "../support/build.ts";
import { osTest } from "../support/os.ts";
import { random } from "../support/random.ts";
import { isAlive, ServicesDir } from "../support/services_dir.ts";
import { pause, until } from "../support/until.ts";

const SOAK = Deno.env.get("RUNIT_DENO_SOAK") === "1";
const COUNT = SOAK ? 1000 : 100;
const SECONDS = SOAK ? 120 : 12;
const FLOODING = 5;

/** How often memory is looked at. */
const SAMPLES = 24;

/** Milliseconds that a service of so many may take to be where it was told, on a busy machine. */
const PATIENCE = 240_000;

/** Writes its process and a number, line by line; told to end, how many there were. */
function writer(flooding: boolean): string {
  const lines = flooding ? 2000 : 1;
  const rest = flooding ? 0.1 : 1;
  return `#!/usr/bin/perl
$SIG{TERM} = sub { $stop = 1 };
syswrite(STDOUT, "\\n");
until ($stop) {
  my $text = '';
  $text .= "<$$ " . ++$i . ">\\n" for 1..${lines};
  while (length $text) { my $n = syswrite(STDOUT, $text) or next; substr($text, 0, $n) = '' }
  select(undef, undef, undef, ${rest});
}
syswrite(STDOUT, "<$$ end $i>\\n");
`;
}

const LOG = "#!/bin/sh\nexec 2>&1\nexec svlogd ./main\n";

interface Member {
  readonly name: string;
  readonly flooding: boolean;
  want: "up" | "down";
}

function add(dir: ServicesDir, name: string, flooding: boolean): Member {
  dir.prepare(name, { run: writer(flooding), "log/run": LOG, "log/main/config": "s200000\nn0\n" });
  Deno.renameSync(dir.outside(`new/${name}`), `${dir.path}/${name}`);
  return { name, flooding, want: "up" };
}

function status(path: string): ReturnType<typeof decodeStatus> {
  try {
    return decodeStatus(Deno.readFileSync(`${path}/supervise/status`));
  } catch {
    return undefined;
  }
}

function control(path: string, characters: string): void {
  using fifo = Deno.openSync(`${path}/supervise/control`, { read: true, write: true });
  fifo.writeSync(new TextEncoder().encode(characters));
}

function lines(path: string): string[] {
  const main = `${path}/log/main`;
  const names = [...Deno.readDirSync(main)].map(({ name }) => name).toSorted();
  assertEquals(names.filter((name) => name.endsWith(".u") || name.endsWith(".t")), []);
  return [...names.filter((name) => name.startsWith("@")), "current"]
    .flatMap((name) => Deno.readTextFileSync(`${main}/${name}`).split("\n").slice(0, -1));
}

/**
 * Each process's lines are 1, 2, 3 and so on; one that was told to end has its last word after all of them. One that was
 * killed may have left the beginning of its next line, which the empty line ends that the process after it begins with.
 */
function assertComplete(path: string): void {
  const last = new Map<string, number>();
  let previous = "";
  for (const line of lines(path)) {
    const [, pid, end, number] = /^<(\d+) (end )?(\d+)>$/.exec(line) ?? [];
    if (pid === undefined) {
      const cut = `<${previous} ${(last.get(previous) ?? 0) + 1}>`;
      assert(cut.startsWith(line), `${path}: ${line} where ${cut} might be`);
      continue;
    }
    const before = last.get(pid) ?? 0;
    assertEquals(Number(number), end === undefined ? before + 1 : before, `${path}: ${line}`);
    last.set(pid, end === undefined ? before + 1 : NaN);
    previous = pid;
  }
  assert(last.size > 0, `${path} has logged`);
}

function usage(pid: number): { descriptors: number; memory: number } {
  const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return {
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
    memory: Number(/^Pss_Anon: +(\d+)/m.exec(text)?.[1]) / 1024,
  };
}

osTest(`${COUNT} services in one process live through ${SECONDS} seconds of trouble`, async () => {
  const next = random(7);
  await using dir = new ServicesDir({
    runsvdir: await built("runsvdir"),
    runsv: "/bin/false",
    options: ["--single-process"],
  });
  const members: Member[] = [];
  const all: string[] = [];
  for (let i = 0; i < COUNT; i++) members.push(add(dir, `s${i}`, i < FLOODING));
  dir.start();
  const path = (member: Member): string => `${dir.path}/${member.name}`;
  const settled = (): Promise<unknown> =>
    until("all are where they were told to be", () =>
      members.every((member) => {
        const found = status(path(member));
        return found?.state === (member.want === "up" ? "run" : "down") && !found.gotTerm &&
          status(`${path(member)}/log`)?.pid === dir.pid;
      }), PATIENCE);
  await settled();
  await pause(2000);
  const before = usage(dir.pid);
  const memories: number[] = [];

  const begin = performance.now();
  const end = begin + SECONDS * 1000;
  let added = COUNT;
  const done = { kill: 0, down: 0, up: 0, log: 0, move: 0 };
  while (performance.now() < end) {
    const index = Math.floor(next() * members.length);
    const member = members[index];
    const what = next();
    if (member === undefined) continue;
    if (what < 0.4) {
      const { pid = 0, state } = status(path(member)) ?? {};
      if (pid !== 0 && state === "run" && isAlive(pid)) Deno.kill(pid, "SIGKILL");
      done.kill++;
    } else if (what < 0.6) {
      member.want = "down";
      control(path(member), "d");
      done.down++;
    } else if (what < 0.8) {
      member.want = "up";
      control(path(member), "u");
      done.up++;
    } else if (what < 0.95) {
      control(`${path(member)}/log`, next() < 0.5 ? "t" : "a");
      done.log++;
    } else if (!member.flooding) {
      // It goes with all that it has, and another one comes.
      const away = dir.outside(member.name);
      Deno.renameSync(path(member), away);
      all.push(away);
      members[index] = add(dir, `s${added++}`, false);
      done.move++;
      await until("the new one is there", () => status(path(members[index] ?? member)));
    }
    await pause(20);
    const samples = Math.floor((performance.now() - begin) / SECONDS / 1000 * SAMPLES);
    if (memories.length < samples) memories.push(usage(dir.pid).memory);
  }
  await settled();
  await pause(2000);
  const after = usage(dir.pid);
  console.log(JSON.stringify({ COUNT, SECONDS, done, before, after, memories }));

  const family = members.map((member) => status(path(member))?.pid ?? 0).filter((pid) => pid !== 0);
  dir.signal("SIGTERM");
  assertEquals((await dir.ended()).code, 0);
  assertEquals(family.filter(isAlive), []);
  for (const place of [...all, ...members.map(path)]) {
    await until("it is down", () => status(place)?.state === "down");
    assertComplete(place);
  }
  assertEquals(dir.stderr, "");
  assert(after.descriptors <= before.descriptors + 2, `${JSON.stringify([before, after])}`);
  // Garbage is collected when there is some; so it goes up and down, but not up and up.
  const [first, second] = [memories.slice(0, SAMPLES / 2), memories.slice(SAMPLES / 2)]
    .map((half) => Math.max(...half));
  assert(first !== undefined && second !== undefined && second <= first * 1.1 + 4, `${memories}`);
}, { ignore: Deno.build.os !== "linux" });
