/**
 * The files of runit(8).
 *
 * @module
 */

/** What pid 1 runs. */
export type Program = "/etc/runit/1" | "/etc/runit/2" | "/etc/runit/3" | "/etc/runit/ctrlaltdel";

/** Runs on ctrl-alt-del, where its owner may execute it. */
export const CTRLALTDEL: Program = "/etc/runit/ctrlaltdel";

/** Where it exists, nothing is written to the disks at the end. */
export const NOSYNC = "/etc/runit/nosync";

/** What pid 1 speaks on. */
export const CONSOLE = "/dev/console";

/** What runit-init becomes as pid 1. */
export const RUNIT = "/sbin/runit";

/** Two files by which a shutdown is asked for: each says yes where its owner may execute it. */
export interface Place {
  readonly stopit: string;
  readonly reboot: string;
}

/**
 * The places that are looked at. The first is runit's own; Debian's has the second, as its `/etc` may be read-only. We
 * use both, so that pid 1 and whoever talks to it need not be of the same build.
 */
export const PLACES: readonly Place[] = [
  { stopit: "/etc/runit/stopit", reboot: "/etc/runit/reboot" },
  { stopit: "/run/runit.stopit", reboot: "/run/runit.reboot" },
];

/** The permission that makes these files count: execute by owner. */
export const ARMED = 0o100;
