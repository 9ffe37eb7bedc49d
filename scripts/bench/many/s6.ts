/**
 * s6 as one of the makes.
 *
 * @module
 */

import type { Peer } from "../support/peers.ts";
import {
  controls,
  layLogger,
  type Make,
  ROTATION,
  servicesAndLoggers,
  type SuperviseDirectory,
} from "./make.ts";

/** The record of s6 2.11: two time stamps before the process id. */
const STATUS: SuperviseDirectory = { pid: (status) => Number(status.getBigUint64(24)) };

/** Where s6-svscan looks for s6-supervise, and a path for it in the services directory, which is where it runs. */
const SUPERVISE = { compiledIn: "/usr/bin/s6-supervise", here: "./.bin/s6-supervise" } as const;

/**
 * s6-svscan, with an s6-log for each service. It only works where it is installed; a copy of it looks in the services
 * directory instead.
 *
 * @param svscan `s6-svscan`, beside which the other tools are.
 * @param settle Milliseconds that it needs to come to rest.
 * @param path What `PATH` is for others.
 */
export function s6({ path: svscan, env }: Peer, settle: number, path: string): Make {
  const bin = svscan.slice(0, svscan.lastIndexOf("/"));
  const copy = (dir: string): string => `${dir}/s6-svscan`;
  return {
    name: "s6",
    settle,
    lay: (place) => {
      layLogger(place, `s6-log n${ROTATION.kept} s${ROTATION.size} T ./main`);
      Deno.symlinkSync(bin, `${place.services}/${SUPERVISE.here.split("/")[1]}`);
      Deno.writeFileSync(copy(place.dir), moved(Deno.readFileSync(svscan)), { mode: 0o755 });
    },
    start: ({ dir, services, paths }) => ({
      path: copy(dir),
      // Loggers count; more than it ever needs.
      args: ["-c", String(2 * paths.length + 10), services],
      env: { ...env, PATH: `${bin}:${path}` },
    }),
    status: (place) => ({
      path: "/bin/sh",
      // s6-svstat tells of one.
      args: ["-c", `for dir do ${bin}/s6-svstat "$dir"; done`, "sh", ...servicesAndLoggers(place)],
      env,
    }),
    ...controls(STATUS),
  };
}

/** The program with another path in the place of the one that was compiled in. */
function moved(program: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder("latin1").decode(program);
  const at = text.indexOf(`${SUPERVISE.compiledIn}\0`);
  if (at < 0) throw new Error("s6-svscan has another path in it");
  program.set(
    new TextEncoder().encode(SUPERVISE.here.padEnd(SUPERVISE.compiledIn.length, "\0")),
    at,
  );
  return program;
}
