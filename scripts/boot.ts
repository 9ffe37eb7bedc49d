/**
 * Boots a computer with runit as its process no 1: an emulated one, with Debian's kernel, our tools, and a service that
 * answers on the console. Then has runit-init halt it (0) or boot it again (6), or presses Ctrl-Alt-Del (keys), and
 * prints what it took.
 *
 *     deno run -A scripts/boot.ts [0|6|keys]
 *
 * @module
 */

import { build } from "./build/build.ts";
import { makeInitramfs } from "./boot/initramfs.ts";
import { Machine } from "./boot/machine.ts";
import { fetchParts } from "./boot/parts.ts";
import { SetupError } from "./setup/error.ts";
import { withScratch } from "./setup/files.ts";

/** In MiB: archive and unpacked archive are in memory together for a while. */
const MEMORY = 512;

/** Milliseconds for a step. Emulation is slow, and the computer that does it may be busy. */
const PATIENCE = 180_000;

/** One line of the table at the end. */
type Row = readonly [what: string, value: string];

async function session(machine: Machine, ending: string): Promise<Row[]> {
  const rows: Row[] = [];
  const begun = performance.now();
  const at = async (what: string, as = what): Promise<void> => {
    const [, seconds = ""] = await machine.expect(new RegExp(`${what} at ([0-9.]+) `), PATIENCE);
    rows.push([`${as}: seconds since the kernel started`, seconds]);
  };
  const ask = async (word: string): Promise<string> => {
    await machine.type(word);
    const { input, index } = await machine.expect(new RegExp(`answer to ${word}\n`), PATIENCE);
    return input.slice(0, index);
  };
  await at("init");
  await at("stage 1");
  await at("service");
  const status = await ask("status");
  if (!status.includes("run: console: (pid ")) throw new Error(`sv status says: ${status}`);

  await machine.type("die");
  await at("service", "service, after its death");
  const memory = await ask("memory");
  for (const [, name = "", value = ""] of memory.matchAll(/^Mem(\w+): +(\d+ kB)$/gm)) {
    rows.push([`memory of the machine: ${name.toLowerCase()}`, value]);
  }
  for (
    const match of memory.matchAll(/^(\S+) Pss: +(\d+ kB)\n.*Clean: +\d+ kB\n.*Dirty: +(\d+ kB)$/gm)
  ) {
    const [, name = "", pss = "", dirty = ""] = match;
    rows.push([`memory of ${name}: its share, and what is its own`, `${pss}, ${dirty}`]);
  }
  const asked = performance.now();
  if (ending === "keys") await machine.pressCtrlAltDel();
  else await machine.type(ending);
  await at("stage 3");
  await machine.expect(
    ending !== "6" ? /- runit: power off\.\.\./ : /- runit: system reboot\./,
    PATIENCE,
  );
  await machine.ended(PATIENCE);
  const now = performance.now();
  rows.push(["from the request to the end, seconds", ((now - asked) / 1000).toFixed(1)]);
  rows.push(["all of it, seconds", ((now - begun) / 1000).toFixed(1)]);
  return rows;
}

async function main(ending = "0"): Promise<number> {
  if (!["0", "6", "keys"].includes(ending)) {
    console.error("usage: boot.ts [0|6|keys]");
    return 100;
  }
  try {
    const parts = await fetchParts();
    const [multicall] = await build({ multicall: true });
    if (multicall === undefined) throw new Error("nothing was built");
    await withScratch(async (dir) => {
      const { kernel, busybox } = parts;
      const initramfs = await makeInitramfs({ executable: multicall.path, busybox, dir });
      const echo = (text: string): void => {
        Deno.stdout.writeSync(new TextEncoder().encode(text));
      };
      await using machine = new Machine({
        kernel,
        initramfs,
        memory: MEMORY,
        monitor: `${dir}/monitor`,
      }, echo);
      console.log();
      for (const [what, value] of await session(machine, ending)) console.log(`${what}: ${value}`);
    });
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    return 111;
  }
}

if (import.meta.main) Deno.exit(await main(...Deno.args));
