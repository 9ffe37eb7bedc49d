import { assertEquals, assertThrows } from "@std/assert";
import { OsError } from "../../src/os/error.ts";
import { changeDirectoryTo } from "../../src/os/surroundings.ts";
import { osTest } from "../support/os.ts";

osTest("changeDirectoryTo() throws for what is no directory, and stays", () => {
  const before = Deno.cwd();
  assertEquals(assertThrows(() => changeDirectoryTo("/nosuch"), OsError).code, "ENOENT");
  assertEquals(assertThrows(() => changeDirectoryTo("/etc/passwd"), OsError).code, "ENOTDIR");
  assertEquals(Deno.cwd(), before);
});
