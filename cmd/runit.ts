import { calledAs } from "../src/cli/called_as.ts";
import { main } from "../src/init/runit.ts";

Deno.exit(await main(Deno.args, calledAs()));
