/**
 * All tools in one executable: it is the tool that it is called by. Only that tool's modules are loaded.
 *
 * An unknown name is a link of an init script to `sv`, which then takes the name for the service's.
 *
 * @module
 */

import { calledAs } from "../src/cli/called_as.ts";

switch (calledAs()) {
  case "chpst":
  case "envdir":
  case "envuidgid":
  case "pgrphack":
  case "setlock":
  case "setuidgid":
  case "softlimit":
    await import("./chpst.ts");
    break;
  case "runit":
    await import("./runit.ts");
    break;
  case "init":
  case "runit-init":
    await import("./runit-init.ts");
    break;
  case "runsv":
    await import("./runsv.ts");
    break;
  case "runsvchdir":
    await import("./runsvchdir.ts");
    break;
  case "runsvdir":
    await import("./runsvdir.ts");
    break;
  case "svlogd":
    await import("./svlogd.ts");
    break;
  case "utmpset":
    await import("./utmpset.ts");
    break;
  default:
    await import("./sv.ts");
    break;
  case "multicall":
    console.error("usage: call me by the name of a tool, through a link");
    Deno.exit(100);
}
