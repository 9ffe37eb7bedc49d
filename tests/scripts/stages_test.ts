import { assert, assertEquals } from "@std/assert";
import { filesOf, select, stageOf, STAGES, testFiles } from "../../scripts/test/stages.ts";

Deno.test("stageOf() tells by the path which stage a file belongs to", () => {
  assertEquals(stageOf("tests/os/errno_test.ts"), "unit");
  assertEquals(stageOf("tests/runsv/start_e2e_test.ts"), "e2e");
  assertEquals(stageOf("tests/chpst/e2e_test.ts"), "e2e");
  assertEquals(stageOf("tests/interop/sv_test.ts"), "interop");
  assertEquals(stageOf("tests/interop/sv_e2e_test.ts"), "interop");
  assertEquals(stageOf("tests/fault/kill_test.ts"), "fault");
});

Deno.test("select() takes every stage when nothing is named", () => {
  assertEquals(select([]), { stages: STAGES, filters: [] });
});

Deno.test("select() keeps the order of the stages, whatever that of the arguments", () => {
  assertEquals(select(["e2e", "check"]).stages, ["check", "e2e"]);
});

Deno.test("select() runs a file's stage without checking and building when only a path is named", () => {
  assertEquals(select(["./tests/os"]), {
    stages: ["unit", "e2e", "interop", "fault"],
    filters: ["tests/os"],
  });
});

Deno.test("select() narrows a stage to a path", () => {
  assertEquals(select(["unit", "scripts"]), { stages: ["unit"], filters: ["scripts"] });
});

Deno.test("filesOf() leaves the files of the stage that hold one of the parts", () => {
  const files = ["tests/a/x_test.ts", "tests/b/y_test.ts", "tests/a/x_e2e_test.ts"];
  assertEquals(filesOf("unit", files, []), files.slice(0, 2));
  assertEquals(filesOf("unit", files, ["b/"]), ["tests/b/y_test.ts"]);
  assertEquals(filesOf("e2e", files, ["b/"]), []);
});

Deno.test("testFiles() finds this file", () => {
  assert(testFiles().includes("tests/scripts/stages_test.ts"));
});
