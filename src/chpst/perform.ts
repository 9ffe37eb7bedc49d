/**
 * Carries a plan out.
 *
 * @module
 */

import type { Diagnostics } from "../cli/diagnostics.ts";
import { OsError } from "../os/error.ts";
import { become, resolve } from "./account.ts";
import { change } from "./environment.ts";
import { readEnvdir } from "./envdir.ts";
import { attempt, Failure } from "./failure.ts";
import type { ChpstOs } from "./os.ts";
import { candidates, PASS_OVER } from "./path.ts";
import type { Change, Plan } from "./plan.ts";

/** The exit code of what could not be done. */
const FATAL = 111;

type ExecuteOptions = Parameters<ChpstOs["execute"]>[0];

/** What the changes leave for the last step. */
interface Rest {
  /** What becomes of the environment, item by item. */
  readonly items: Uint8Array<ArrayBuffer>[];
  readonly limits: ExecuteOptions["limits"][number][];
  descriptor?: ExecuteOptions["descriptor"];
}

const STREAMS = ["stdin", "stdout", "stderr"] as const;

/**
 * Makes the changes in their order, then becomes the program. It returns only where that failed.
 *
 * @returns The exit code.
 */
export function perform(plan: Plan, os: ChpstOs, diagnostics: Diagnostics): number {
  try {
    // The runtime ignores it. What it was before is not to be known, and nearly always this.
    os.setDisposition("PIPE", "default");
    const rest: Rest = { items: [], limits: [] };
    for (const change of plan.changes) make(change, rest, os, diagnostics);
    execute(plan, rest, os);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (plan.lenient) return 0;
    diagnostics.fatal(error.message, error.cause);
    return FATAL;
  }
}

function make(change: Change, rest: Rest, os: ChpstOs, diagnostics: Diagnostics): void {
  switch (change.kind) {
    case "session":
      return startSession(os);
    case "envdir": {
      const warn = diagnostics.warning.bind(diagnostics);
      rest.items.push(...readEnvdir(change.path, change.directories, os, warn));
      return;
    }
    case "root":
      goTo(change.path, os);
      return attempt("unable to change root directory", () => os.changeRootHere());
    case "directory":
      return goTo(change.path, os);
    case "nice":
      return attempt("unable to set nice level", () => os.addNice(change.increment));
    case "variables": {
      const { uid, gids } = resolve(change.account, os);
      const encoder = new TextEncoder();
      rest.items.push(encoder.encode(`GID=${gids[0]}`), encoder.encode(`UID=${uid}`));
      return;
    }
    case "ids":
      return become(resolve(change.account, os), os);
    case "lock":
      rest.descriptor = takeLock(change.path, change.wait, os);
      return;
    case "close": {
      const { descriptor } = change;
      return attempt(`unable to close ${STREAMS[descriptor]}`, () => os.closeOrFail(descriptor));
    }
    case "limit": {
      const { resource, value } = change;
      const { hard } = attempt("unable to getrlimit()", () => os.getLimit(resource));
      const wanted = BigInt.asUintN(64, value);
      rest.limits.push({ resource, limit: { soft: wanted < hard ? wanted : hard, hard } });
    }
  }
}

function goTo(path: string, os: ChpstOs): void {
  attempt(`unable to change directory: ${path}`, () => os.changeDirectoryTo(path));
}

function startSession(os: ChpstOs): void {
  try {
    os.startSession();
  } catch {
    // Leading a group already is as good, says the reference.
  }
}

/**
 * Takes a lock.
 *
 * @returns Where it is open, and the lowest number that is free once the descriptors of the runtime are gone: there
 * the program finds it.
 */
function takeLock(path: string, wait: boolean, os: ChpstOs): { from: number; to: number } {
  const from = attempt(`unable to open lock: ${path}`, () =>
    os.open(path, {
      access: "write",
      create: true,
      append: true,
      nonblocking: true,
      mode: 0o600,
    }));
  attempt(`unable to lock: ${path}`, () => os.lock(from, { wait }));
  let to = 0;
  while (os.closesOnExec(to) === false) to++;
  return { from, to };
}

function execute(plan: Plan, rest: Rest, os: ChpstOs): never {
  const { items, limits, descriptor } = rest;
  let environment: ExecuteOptions["environment"] = "inherit";
  if (items.length > 0) {
    const entries = os.environment();
    for (const item of items) change(entries, item);
    environment = entries;
  }
  const path = plan.file.includes("/") ? undefined : os.environmentVariable("PATH");
  try {
    os.execute({
      paths: candidates(plan.file, path),
      passOver: PASS_OVER,
      argv: plan.argv,
      environment,
      limits,
      descriptor,
    });
  } catch (error) {
    if (!(error instanceof OsError)) throw error;
    const limit = error.syscall === "setrlimit";
    throw new Failure(limit ? "unable to setrlimit()" : `unable to run: ${plan.argv[0]}`, error);
  }
}
