import { calledAs } from "../src/cli/called_as.ts";
import { main } from "../src/utmpset/main.ts";

Deno.exit(await main(Deno.args, calledAs()));
