/**
 * Makes ready what the other scripts stand on: `deno run -A scripts/setup.ts [deps] [bundler] [base] [reference]`, everything
 * if nothing is named. Does nothing, quickly, where nothing is missing.
 *
 * It cannot take its options with cliffy: it is what fetches cliffy.
 *
 * @module
 */

import { SetupError } from "./setup/error.ts";
import { cacheDir, locked } from "./setup/files.ts";
import { haveBundler, setUpBundler } from "./setup/bundler.ts";
import { haveDeps, setUpDeps } from "./setup/deps.ts";
import { haveBase, setUpBase } from "./setup/base.ts";
import { haveReference, setUpReference } from "./setup/reference.ts";

interface Step {
  readonly have: () => boolean;
  readonly setUp: () => Promise<void>;
  /** Tests that need it are left out when it cannot be had, so that it need not stop the rest. */
  readonly optional?: boolean;
}

const STEPS: Readonly<Record<string, Step>> = {
  deps: { have: haveDeps, setUp: setUpDeps },
  bundler: { have: haveBundler, setUp: setUpBundler },
  base: { have: haveBase, setUp: setUpBase },
  reference: { have: haveReference, setUp: setUpReference, optional: true },
};

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(STEPS, name));
  if (unknown !== undefined) {
    console.error(`setup: no step ${unknown}; the steps are ${Object.keys(STEPS).join(", ")}`);
    return 2;
  }
  const wanted = names.length === 0 ? Object.keys(STEPS) : names;
  for (const name of wanted) {
    const step = STEPS[name];
    if (step === undefined || step.have()) continue;
    try {
      // One lock for all clones, which share the cache.
      await locked(`${cacheDir()}/setup.lock`, step.setUp);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      console.error(`setup: ${error.message}`);
      if (step.optional !== true) return 1;
    }
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
