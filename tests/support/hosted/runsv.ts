/**
 * A runsv for the tests that is made as `runsvdir --single-process` makes one: the suites that compare runsv with the reference
 * take it as they take any other.
 *
 * @module
 */

import { writeStderr } from "../../../src/cli/diagnostics.ts";
import { Diagnostics } from "../../../src/cli/diagnostics.ts";
import { CWD } from "../../../src/os/descriptor.ts";

import { setSignalMask } from "../../../src/os/signal.ts";
import { main } from "../../../src/runsv/main.ts";
import { reactorForMany, superviseHere } from "../../../src/runsvdir/single_process.ts";

const [name] = Deno.args;
// What it says of a command line is its own.
if (name === undefined || Deno.args.length !== 1) Deno.exit(await main(Deno.args, "runsv"));

const reactor = reactorForMany((error) => console.error(error));

const services = superviseHere({
  reactor,
  events: { ended: () => reactor.stop() },
  diagnostics: new Diagnostics(`runsv ${name}`, writeStderr),
  args: { session: false, builtinLog: true },
  title: undefined,
});
reactor.onSignal("TERM", () => services.stop(0));
setSignalMask([]);
services.start(0, new TextEncoder().encode(name), CWD);
const begun = services.size === 1;
await reactor.run();
Deno.exit(begun ? 0 : 111);
