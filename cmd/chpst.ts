import { main } from "../src/chpst/main.ts";
import { calledAs } from "../src/cli/called_as.ts";

Deno.exit(await main(Deno.args, calledAs()));
