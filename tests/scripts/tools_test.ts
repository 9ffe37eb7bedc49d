import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path/join";
import { ROOT } from "../../scripts/setup/files.ts";
import { aliases, existingTools, MULTICALL, permissionFlags } from "../../scripts/build/tools.ts";

Deno.test("every file in cmd/ is a tool that the build knows, with its permissions", () => {
  const files = [...Deno.readDirSync(join(ROOT, "cmd"))].map(({ name }) => name);
  const tools = files.map((name) => name.replace(/\.ts$/, "")).filter((name) => name !== MULTICALL);
  assertEquals(existingTools(), tools.toSorted());
});

Deno.test("the multicall executable holds every tool", () => {
  const source = Deno.readTextFileSync(join(ROOT, "cmd", "multicall.ts"));
  const missing = existingTools().filter((tool) => !source.includes(`import("./${tool}.ts")`));
  assertEquals(missing, []);
});

Deno.test("the multicall executable knows the other names of every tool", () => {
  const source = Deno.readTextFileSync(join(ROOT, "cmd", "multicall.ts"));
  const missing = existingTools().flatMap(aliases).filter((name) =>
    !source.includes(`case "${name}":`)
  );
  assertEquals(missing, [], "add them to cmd/multicall.ts");
});

Deno.test("sv gets neither FFI nor the network", () => {
  const flags = permissionFlags("sv");
  assert(flags.length > 0);
  assertEquals(flags.filter((flag) => /ffi|net|all$/.test(flag)), []);
});

Deno.test("the multicall executable may do what one of its tools may, and no more", () => {
  const each = new Set(existingTools().flatMap((tool) => permissionFlags(tool)));
  const union = permissionFlags(MULTICALL);
  assertEquals(union.filter((flag) => !each.has(flag)), []);
  const kinds = (flags: Iterable<string>): Set<string> =>
    new Set([...flags].map((flag) => flag.replace(/=.*/, "")));
  assertEquals(kinds(union), kinds(each));
});
