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
