import { readTextOrUndefined } from "../../setup/files.ts";

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly os: string;
  readonly deno: string;
  /** The moment, as ISO 8601 has it. */
  readonly at: string;
  /** The load average of the last minute; 0 where the system does not tell. */
  readonly load: number;
}

/** This machine, now. */
export function machine(): Machine {
  const cpuinfo = readTextOrUndefined("/proc/cpuinfo");
  return {
    cpu: cpuinfo?.match(/^model name\s*: (.*)$/m)?.[1] ?? Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    os: `${Deno.build.os} ${Deno.osRelease()}`,
    deno: Deno.version.deno,
    at: new Date().toISOString(),
    load: Deno.loadavg()[0] ?? 0,
  };
}

/** One line about a machine. */
export function describe({ cpu, cores, os, deno, at, load }: Machine): string {
  const day = at.slice(0, 10);
  return `${cpu}, ${cores} cores, ${os}, Deno ${deno}, ${day}, load ${
    load.toFixed(2)
  } at the start`;
}
