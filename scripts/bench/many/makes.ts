/**
 * The makes that are measured: ours in both shapes, the reference runit, s6, daemontools, supervisord.
 *
 * @module
 */

import { built } from "../../../tests/support/build.ts";
import { reference } from "../../../tests/support/reference.ts";
import { type Peer, peer, supervisor } from "../support/peers.ts";
import {
  controls,
  DAEMONTOOLS_STATUS,
  layLogger,
  type Make,
  ROTATION,
  servicesAndLoggers,
} from "./make.ts";
import { s6 } from "./s6.ts";
import { supervisord } from "./supervisord.ts";

/** Milliseconds after which a process of ours has given back what only its start needed, and threads idle for ten seconds are gone. */
const DENO_SETTLES = 14_000;

/** The others do nothing after their start. */
const SETTLES = 2_000;

/** At most so many services with two processes of ours each, which take 26 MB. */
const RUNSV_EACH_AT_MOST = 100;

/** The makes, those left out that cannot be had. */
export interface Makes {
  readonly ours: Make;
  readonly reference: Make | undefined;
  readonly others: readonly Make[];
}

/** Options for {@linkcode findMakes}. */
export interface FindMakesOptions {
  /** Whether to fetch s6, daemontools and supervisord. */
  readonly peers: boolean;
}

/** All makes, ready to run. */
export async function findMakes({ peers }: FindMakesOptions): Promise<Makes> {
  const runsvdir = await built("runsvdir");
  for (const tool of ["runsv", "svlogd", "sv"]) await built(tool);
  const bin = folder(runsvdir);
  const theirs = reference("runsvdir");
  return {
    ours: { ...runit("ours", bin, ["--single-process"]), settle: DENO_SETTLES },
    reference: theirs === undefined ? undefined : runit("runit 2.1.2", folder(theirs), []),
    others: [
      {
        ...runit("ours, a runsv each", bin, []),
        settle: DENO_SETTLES,
        atMost: RUNSV_EACH_AT_MOST,
      },
      ...(peers ? await findPeers() : []),
    ],
  };
}

async function findPeers(): Promise<Make[]> {
  const [svscan, daemontools] = [await peer("s6-svscan"), await peer("svscan")];
  const [daemon, control] = [await supervisor("supervisord"), await supervisor("supervisorctl")];
  return [
    ...(svscan === undefined ? [] : [s6(svscan, SETTLES, path())]),
    ...(daemontools === undefined ? [] : [ofDaemontools(daemontools)]),
    ...(daemon === undefined || control === undefined
      ? []
      : [supervisord(daemon, control, SETTLES)]),
  ];
}

function runit(name: string, bin: string, options: readonly string[]): Make {
  const env = { PATH: `${bin}:${path()}` };
  return {
    name,
    settle: SETTLES,
    lay: (place) => layLogger(place, "svlogd -tt ./main"),
    start: ({ services }) => ({ path: `${bin}/runsvdir`, args: [...options, services], env }),
    status: ({ paths }) => ({ path: `${bin}/sv`, args: ["status", ...paths] }),
    ...controls(DAEMONTOOLS_STATUS),
  };
}

function ofDaemontools({ path: svscan, env }: Peer): Make {
  const bin = folder(svscan);
  return {
    name: "daemontools",
    settle: SETTLES,
    lay: (place) => layLogger(place, `multilog t s${ROTATION.size} n${ROTATION.kept} ./main`),
    start: ({ services }) => ({
      path: svscan,
      args: [services],
      env: { ...env, PATH: `${bin}:${path()}` },
    }),
    status: (place) => ({ path: `${bin}/svstat`, args: servicesAndLoggers(place) }),
    ...controls(DAEMONTOOLS_STATUS),
  };
}

function folder(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function path(): string {
  return Deno.env.get("PATH") ?? "/usr/bin:/bin";
}
