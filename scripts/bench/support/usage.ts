/**
 * What a process costs, as Linux tells it in /proc.
 *
 * @module
 */

/** Memory of a process in MiB. */
export interface Memory {
  /** All of its pages that are in memory. */
  readonly resident: number;
  /** Pages that it alone has. */
  readonly private: number;
  /** The same, and its share of those that others have too. */
  readonly proportional: number;
}

/** What a process has used since its start. */
export interface Activity {
  /** How often any of its threads was put on a processor and off it again. */
  readonly switches: number;
  /** Time of all its threads on a processor, in milliseconds. */
  readonly cpu: number;
}

/** Whether this system tells. */
export function hasProc(): boolean {
  return Deno.build.os === "linux";
}

/** The memory of a process. */
export function memory(pid: number): Memory {
  const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  const mebibytes = (field: string): number =>
    Number(text.match(new RegExp(`^${field}: +(\\d+) kB`, "m"))?.[1] ?? NaN) / 1024;
  return {
    resident: mebibytes("Rss"),
    private: mebibytes("Private_Clean") + mebibytes("Private_Dirty"),
    proportional: mebibytes("Pss"),
  };
}

/** What a process has done so far. */
export function activity(pid: number): Activity {
  let [switches, nanoseconds] = [0, 0];
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const task = `/proc/${pid}/task/${name}`;
    const status = Deno.readTextFileSync(`${task}/status`);
    for (const [, count] of status.matchAll(/^(?:non)?voluntary_ctxt_switches:\s+(\d+)/gm)) {
      switches += Number(count);
    }
    nanoseconds += Number(Deno.readTextFileSync(`${task}/schedstat`).split(" ")[0]);
  }
  return { switches, cpu: nanoseconds / 1e6 };
}

/** The stack of a thread in the kernel, on x86_64, in KiB. */
const KERNEL_STACK = 16;

/** What the kernel keeps for a process alone, of which its own memory tells nothing: page tables and stacks. In MiB. */
export function kernelMemory(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const field = (name: string): number =>
    Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))?.[1] ?? 0);
  return (field("VmPTE") + field("Threads") * KERNEL_STACK) / 1024;
}

/** The bytes that a process has written so far, wherever to. */
export function written(pid: number): number {
  const io = Deno.readTextFileSync(`/proc/${pid}/io`);
  return Number(io.match(/^wchar: (\d+)$/m)?.[1] ?? NaN);
}
