import { assert, assertEquals } from "@std/assert";
import { existingTools, PERMISSIONS } from "../../scripts/build/tools.ts";
import { ROOT, statOrUndefined } from "../../scripts/setup/files.ts";
import { readme, section, tableRows } from "./readme.ts";

/** The manual pages, by tool. */
function pages(): string[] {
  return [...Deno.readDirSync(`${ROOT}/docs/man`)].map(({ name }) => name).toSorted();
}

function documents(dir = "docs"): string[] {
  const found: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(`${ROOT}/${dir}`)) {
    if (isDirectory) found.push(...documents(`${dir}/${name}`));
    else if (name.endsWith(".md")) found.push(`${dir}/${name}`);
  }
  return found;
}

Deno.test("README lists every tool, those that are not there yet as such", () => {
  const rows = tableRows(section("What is there"));
  assertEquals(
    rows.map(([tool = ""]) => tool.replaceAll("`", "")).toSorted(),
    Object.keys(PERMISSIONS).toSorted(),
  );
  const missing = rows.filter(([, , page]) => page === "not there yet");
  assertEquals(
    missing.map(([tool = ""]) => tool.replaceAll("`", "")).toSorted(),
    Object.keys(PERMISSIONS).filter((tool) => !existingTools().includes(tool)).toSorted(),
  );
});

Deno.test("README links each manual page, and so does the index of the documentation", async () => {
  const index = await Deno.readTextFile(`${ROOT}/docs/README.md`);
  for (const page of pages()) {
    assert(readme().includes(`(docs/man/${page})`), page);
    assert(index.includes(`(man/${page})`), page);
  }
});

Deno.test("the index of the documentation links each document beside it", async () => {
  const index = await Deno.readTextFile(`${ROOT}/docs/README.md`);
  for (const { name } of Deno.readDirSync(`${ROOT}/docs`)) {
    if (name.endsWith(".md") && name !== "README.md") assert(index.includes(`(${name})`), name);
  }
});

Deno.test("README shows the permissions that tools are built with", () => {
  const shown = tableRows(section("Permissions")).map(([tool = "", flags = ""]) => [
    tool.replaceAll("`", ""),
    flags.replaceAll("`", ""),
  ]);
  const actual = Object.entries(PERMISSIONS).map(([tool, flags]) => [tool, flags.join(" ")]);
  assertEquals(Object.fromEntries(shown), Object.fromEntries(actual));
});

Deno.test("README names tasks that exist", async () => {
  const config = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const tasks = [...readme().matchAll(/\btask (\w+)/g)].map(([, task = ""]) => task);
  assert(tasks.includes("demo") && tasks.includes("test"));
  for (const task of tasks) assert(Object.hasOwn(config.tasks, task), task);
});

Deno.test("README and documentation link to files that are there", async () => {
  for (const document of ["README.md", ...documents()]) {
    const text = (await Deno.readTextFile(`${ROOT}/${document}`)).replaceAll(/^```.*?^```$/gms, "");
    const dir = document.includes("/") ? document.replace(/\/[^/]*$/, "/") : "";
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target) || target.startsWith("#")) continue;
      const path = `${ROOT}/${dir}${target.replace(/#.*$/, "")}`;
      assert(statOrUndefined(path) !== undefined, `${document}: ${target}`);
    }
  }
});
