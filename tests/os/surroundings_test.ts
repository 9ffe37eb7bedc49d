import { assertEquals, assertThrows } from "@std/assert";
import { OsError } from "../../src/os/error.ts";
import { changeDirectoryTo, CurrentDirectory } from "../../src/os/surroundings.ts";
import { osTest } from "../support/os.ts";

osTest("CurrentDirectory reads every name once", () => {
  using dir = new CurrentDirectory();
  const names: string[] = [];
  for (let name = dir.next(); name !== undefined; name = dir.next()) {
    names.push(new TextDecoder().decode(name));
  }
  const expected = [".", "..", ...[...Deno.readDirSync(".")].map(({ name }) => name)];
  assertEquals(names.toSorted(), expected.toSorted());
});

osTest("changeDirectoryTo() throws for what is no directory, and stays", () => {
  const before = Deno.cwd();
  assertEquals(assertThrows(() => changeDirectoryTo("/nosuch"), OsError).code, "ENOENT");
  assertEquals(assertThrows(() => changeDirectoryTo("/etc/passwd"), OsError).code, "ENOTDIR");
  assertEquals(Deno.cwd(), before);
});
