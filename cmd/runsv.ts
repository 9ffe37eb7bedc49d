import { calledAs } from "../src/cli/called_as.ts";
import { main } from "../src/runsv/main.ts";

Deno.exit(await main(Deno.args, calledAs()));
