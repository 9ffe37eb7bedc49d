/**
 * The command lines of the tools of daemontools that chpst stands in for.
 *
 * @module
 */

import { getopts } from "../cli/getopt.ts";
import type { Resource } from "../os/platform.ts";
import { chpst, setLimits } from "./options.ts";
import { type Plan, plan, type Settings } from "./plan.ts";
import { chpstUsage, optionUsage, usage } from "./usage.ts";

type Parse = (argv: readonly string[], name: string) => Plan;

const PERSONALITIES: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ["envdir", envdir],
  ["envuidgid", envuidgid],
  ["pgrphack", pgrphack],
  ["setlock", setlock],
  ["setuidgid", setuidgid],
  ["softlimit", softlimit],
]);

/**
 * Reads a command line as the tool does whose name this was called by.
 *
 * @param argv The arguments.
 * @param name The name. One `d` before it makes no difference.
 * @throws {UsageError} If it is not understood.
 */
export function parse(argv: readonly string[], name: string): Plan {
  const personality = name.startsWith("d") ? name.slice(1) : name;
  return PERSONALITIES.get(personality)?.(argv, name) ?? chpst(argv, name, personality);
}

function envdir([path, ...program]: readonly string[]): Plan {
  if (path === undefined || program.length === 0) throw usage("envdir");
  return plan({ envdir: { path, directories: "fail" } }, program);
}

function envuidgid([text, ...program]: readonly string[]): Plan {
  if (text === undefined || program.length === 0) throw usage("envuidgid");
  return plan({ variables: { text, syntax: "user" } }, program);
}

function setuidgid([text, ...program]: readonly string[]): Plan {
  if (text === undefined || program.length === 0) throw usage("setuidgid");
  return plan({ ids: { text, syntax: "user" } }, program);
}

function pgrphack(program: readonly string[]): Plan {
  if (program.length === 0) throw usage("pgrphack");
  return plan({ session: true }, program);
}

/**
 * `-n` waits for the lock and `-N`, the default, does not: that way round it is in the reference, and the other way
 * round in daemontools.
 */
function setlock(argv: readonly string[], name: string): Plan {
  let wait = false;
  let lenient = false;
  for (const step of getopts(argv, "nNxX")) {
    if (step.kind === "operands") {
      const [path, ...program] = step.operands;
      if (path === undefined || program.length === 0) break;
      return plan({ lock: { path, wait }, lenient }, program);
    }
    if (step.kind !== "option") throw optionUsage("setlock", name, step);
    if (step.letter === "n") wait = true;
    if (step.letter === "N") wait = false;
    if (step.letter === "x") lenient = true;
    if (step.letter === "X") lenient = false;
  }
  throw usage("setlock");
}

const SOFTLIMITS: Readonly<Record<string, readonly Resource[]>> = {
  a: ["AS"],
  c: ["CORE"],
  d: ["DATA"],
  f: ["FSIZE"],
  l: ["MEMLOCK"],
  m: ["DATA", "STACK", "MEMLOCK", "AS"],
  o: ["NOFILE"],
  p: ["NPROC"],
  r: ["RSS"],
  s: ["STACK"],
  t: ["CPU"],
};

/** The number that stands for as much as is allowed, written `=`. */
const HARD = String((1n << 64n) - 1n);

function softlimit(argv: readonly string[], name: string): Plan {
  const settings: Settings = { limits: new Map() };
  for (const step of getopts(argv, "a:c:d:f:l:m:o:p:r:s:t:")) {
    if (step.kind === "operands") {
      if (step.operands.length === 0) break;
      return plan(settings, step.operands);
    }
    if (step.kind !== "option") throw optionUsage("softlimit", name, step);
    const number = step.argument === "=" ? HARD : step.argument;
    if (!setLimits(settings, SOFTLIMITS[step.letter] ?? [], number)) throw chpstUsage("softlimit");
  }
  throw usage("softlimit");
}
