import { calledAs } from "../src/cli/called_as.ts";
import { main } from "../src/init/runit_init.ts";

Deno.exit(await main(Deno.args, calledAs()));
