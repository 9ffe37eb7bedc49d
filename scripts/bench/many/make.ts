/**
 * What the makes of supervisors have in common, for the bench to treat all alike.
 *
 * @module
 */

/** A program with its arguments. */
export interface Command {
  readonly path: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Where a tree of services is. All paths are absolute. */
export interface Place {
  /** Holds all the rest. */
  readonly dir: string;
  /** The services directory. */
  readonly services: string;
  /** The directory of each service, with its `run`, and with `log/main` for what it says. */
  readonly paths: readonly string[];
}

/** A make of supervisor, with a logger of its own for each service. */
export interface Make {
  /** Its name in tables and plots. */
  readonly name: string;
  /** The most services that it is measured with. */
  readonly atMost?: number;
  /** Milliseconds that it needs to come to rest. */
  readonly settle: number;
  /** Lays whatever it needs beside the `run` of each service. */
  readonly lay: (place: Place) => void;
  /** Starts it; it is run in the services directory, and stays in the foreground. */
  readonly start: (place: Place) => Command;
  /** Tells the state of all services. */
  readonly status: (place: Place) => Command;
  /** Takes a service down, and returns when its state says so. */
  readonly down: (path: string) => Promise<void>;
  /** Has it up again. */
  readonly up: (path: string) => Promise<void>;
}

/** Descriptors of a make for itself, and for each service: the most that any needs. */
const DESCRIPTORS = { own: 300, each: 16 } as const;

/** The descriptors that any make can do with for so many services. */
export function descriptorsFor(services: number): number {
  return DESCRIPTORS.own + DESCRIPTORS.each * services;
}

/** Bytes at which a log is rotated, and how many old files are kept: what svlogd does unless told otherwise. */
export const ROTATION = { size: 1_000_000, kept: 10 } as const;

/** Writes a logger's script, which execs `command`. */
export function layLogger({ paths }: Place, command: string): void {
  for (const path of paths) {
    const script = `#!/bin/sh\nexec 2>&1\nexec ${command}\n`;
    Deno.writeTextFileSync(`${path}/log/run`, script, { mode: 0o755 });
  }
}

/** The directories of services and their loggers, as `sv status` tells both. */
export function servicesAndLoggers({ paths }: Place): string[] {
  return paths.flatMap((path) => [path, `${path}/log`]);
}

/** How the state of a service is controlled and read by its `supervise` directory. */
export interface SuperviseDirectory {
  /** The process id of the service in its status record; 0 if it is down. */
  readonly pid: (status: DataView) => number;
}

/** The record of daemontools, with which that of runit begins. */
export const DAEMONTOOLS_STATUS: SuperviseDirectory = {
  pid: (status) => status.getUint32(12, true),
};

/** What all with a `supervise` directory have in common: the control characters, and that the record says when it is so. */
export function controls({ pid }: SuperviseDirectory): Pick<Make, "down" | "up"> {
  const send = (path: string, character: string): void => {
    Deno.writeTextFileSync(`${path}/supervise/control`, character, { create: false });
  };
  return {
    down: async (path) => {
      send(path, "d");
      for (;;) {
        const { buffer } = Deno.readFileSync(`${path}/supervise/status`);
        if (pid(new DataView(buffer)) === 0) return;
        await pause(0);
      }
    },
    up: (path) => {
      send(path, "u");
      return Promise.resolve();
    },
  };
}

/** Lets milliseconds pass. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
