/**
 * The command line of chpst under its own name.
 *
 * @module
 */

import { getopts } from "../cli/getopt.ts";
import { IDENTIFICATION } from "../cli/version.ts";
import type { Resource } from "../os/platform.ts";
import { limitNumber, niceNumber } from "./numbers.ts";
import { type Plan, plan, type Settings } from "./plan.ts";
import { optionUsage, usage, versionUsage } from "./usage.ts";

const LETTERS = "u:U:b:e:m:d:o:p:f:c:r:t:/:C:n:l:L:vP012V";

/** What each limit's letter limits. */
const LIMITS: Readonly<Record<string, readonly Resource[]>> = {
  c: ["CORE"],
  d: ["DATA"],
  f: ["FSIZE"],
  m: ["DATA", "STACK", "MEMLOCK", "AS"],
  o: ["NOFILE"],
  p: ["NPROC"],
  r: ["RSS"],
  t: ["CPU"],
};

/**
 * Reads chpst's command line. Options are read from left to right, and a later one replaces an earlier one of
 * its kind; only a second lock is refused.
 *
 * @param argv The arguments.
 * @param name The name that it was called by.
 * @param personality The same without a `d` before it: what the usage says.
 * @throws {UsageError} At the first thing that is not understood.
 */
export function chpst(argv: readonly string[], name: string, personality: string): Plan {
  const settings: Settings = { close: new Set(), limits: new Map() };
  let verbose = false;
  let envdir: string | undefined;
  for (const step of getopts(argv, LETTERS)) {
    if (step.kind === "operands") {
      if (step.operands.length === 0) throw usage(personality);
      if (envdir !== undefined) {
        settings.envdir = { path: envdir, directories: verbose ? "warn" : "skip" };
      }
      return plan(settings, step.operands);
    }
    if (step.kind !== "option") throw optionUsage(personality, name, step);
    if (step.letter === "v") verbose = true;
    else if (step.letter === "e") envdir = step.argument;
    else if (step.letter === "V") throw versionUsage(personality, IDENTIFICATION);
    else if (!set(settings, step.letter, step.argument)) throw usage(personality);
  }
  throw usage(personality);
}

/** Notes one option. Returns whether its argument is understood. */
function set(settings: Settings, letter: string, argument: string): boolean {
  const resources = LIMITS[letter];
  if (resources !== undefined) return setLimits(settings, resources, argument);
  switch (letter) {
    case "u":
      settings.ids = { text: argument, syntax: "any" };
      return true;
    case "U":
      settings.variables = { text: argument, syntax: "any" };
      return true;
    case "b":
      settings.argv0 = argument;
      return true;
    case "/":
      settings.root = argument;
      return true;
    case "C":
      settings.directory = argument;
      return true;
    case "n": {
      const increment = niceNumber(argument);
      if (increment === undefined) return false;
      settings.nice = increment;
      return true;
    }
    case "l":
    case "L":
      if (settings.lock !== undefined) return false;
      settings.lock = { path: argument, wait: letter === "l" };
      return true;
    case "P":
      settings.session = true;
      return true;
    default:
      settings.close?.add(Number(letter) as 0 | 1 | 2);
      return true;
  }
}

/** Notes a limit. Returns whether its argument is a number. */
export function setLimits(
  settings: Settings,
  resources: readonly Resource[],
  argument: string,
): boolean {
  const value = limitNumber(argument);
  if (value === undefined) return false;
  for (const resource of resources) {
    if (value === "none") settings.limits?.delete(resource);
    else settings.limits?.set(resource, value);
  }
  return true;
}
