import { assert, assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { isAlive, MODES, ServicesDir } from "../support/services_dir.ts";
import { pause, until } from "../support/until.ts";

/** Megabytes that a process has written to and shares with no other. */
function privateMemory(pid: number): number {
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return Number(rollup.match(/^Private_Dirty:\s+(\d+) kB$/m)?.[1]) / 1024;
}

function descriptors(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** The inotify watches of a process. */
function watches(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].reduce((sum, { name }) => {
    const info = Deno.readTextFileSync(`/proc/${pid}/fdinfo/${name}`);
    return sum + (info.match(/^inotify /gm)?.length ?? 0);
  }, 0);
}

/** A runsv, or a service, that costs next to nothing: it writes its name, and `sleep` does the rest. */
async function running(single: boolean): Promise<ServicesDir> {
  const dir = new ServicesDir({ runsvdir: await built("runsvdir"), single });
  dir.start();
  dir.add("first");
  await dir.untilStarted("first");
  return dir;
}

for (const [mode, { single }] of Object.entries(MODES)) {
  Deno.test(`${mode}: a thousand and more services come up, each once, and all go when they are removed`, async () => {
    const count = 1200;
    await using dir = await running(single);
    for (let i = 0; i < count; i++) dir.add(`s${i}`);
    await until("all are started", () => dir.started().length === count + 1, 120_000);
    assertEquals(new Set(dir.started()).size, count + 1);
    assertEquals(dir.stderr, "");
    const pids = Array.from({ length: 20 }, (_, i) => dir.standIn(`s${i * 60}`));
    Deno.renameSync(dir.path, dir.outside("away"));
    Deno.mkdirSync(dir.path);
    dir.add("last");
    await dir.untilStarted("last");
    await until("all have ended", () => !pids.some(isAlive), 60_000);
  });

  Deno.test(`${mode}: a service that is added and removed again and again leaves nothing behind`, async () => {
    await using dir = await running(single);
    const cycles = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        Deno.renameSync(dir.outside("new/x"), `${dir.path}/x`);
        await until("it is started", () => children(dir.pid) === 2);
        Deno.renameSync(`${dir.path}/x`, dir.outside("new/x"));
        await until("it has ended", () => children(dir.pid) === 1);
      }
    };
    dir.prepare("x");
    // What is allocated once, and what the collector lets grow at first.
    await cycles(100);
    const memory = privateMemory(dir.pid);
    const before = await settled(dir.pid);
    await cycles(single ? 200 : 900);
    assertEquals(await settled(dir.pid), before);
    const grown = privateMemory(dir.pid) - memory;
    assert(grown < 8, `${grown} MB more`);
    assertEquals(isAlive(dir.standIn("first")), true);
  });

  Deno.test(`${mode}: a flood of changes that the kernel does not keep loses no service`, async () => {
    await using dir = await running(single);
    // While it is stopped, more happens than its queue holds.
    dir.signal("SIGSTOP");
    const limit = Number(Deno.readTextFileSync("/proc/sys/fs/inotify/max_queued_events"));
    for (let i = 0; i <= limit / 2; i++) {
      Deno.mkdirSync(`${dir.path}/.flood`);
      Deno.removeSync(`${dir.path}/.flood`);
    }
    dir.add("late");
    dir.signal("SIGCONT");
    await dir.untilStarted("late");
  });

  Deno.test(`${mode}: services whose runsv cannot be started hold up no others`, async () => {
    await using dir = await running(single);
    for (let i = 0; i < 100; i++) dir.add(`bad${i}`, { refuse: "" });
    await until("each is tried", () => new Set(dir.started()).size === 101);
    dir.add("good");
    await dir.untilStarted("good");
  });
}

/** Descriptors and watches of a process, once they stay the same: the last service may not be over. */
async function settled(pid: number): Promise<{ descriptors: number; watches: number }> {
  const count = (): { descriptors: number; watches: number } => ({
    descriptors: descriptors(pid),
    watches: watches(pid),
  });
  let last = "";
  return await until("it settles", async () => {
    await pause(300);
    const counts = count();
    const before = last;
    last = JSON.stringify(counts);
    return last === before ? counts : undefined;
  });
}

function children(pid: number): number {
  return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean)
    .length;
}
