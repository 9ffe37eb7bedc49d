/** What the tools say to `-V` before their usage: whose they are, and whose behaviour they have. */
export const IDENTIFICATION = "runit-deno, as runit 2.1.2";
