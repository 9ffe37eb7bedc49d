import { assertEquals } from "@std/assert";
import { findRecipe } from "../../src/hosting/recipe.ts";
import { close, open } from "../../src/os/descriptor.ts";
import { makeFifo } from "../../src/os/file.ts";
import { hostOs } from "../../src/os/os.ts";
import { osTest } from "../support/os.ts";
import { TempDir } from "../support/temp_dir.ts";

const SCRIPT = "#!/bin/sh\nexec svlogd -tt ./main\n";

/** What is found in a service directory made by `make`: names, stamp and where messages go. */
function found(
  make: (temp: TempDir) => void,
  options: { scripts?: boolean; superuser?: boolean } = {},
): unknown {
  using temp = new TempDir();
  Deno.mkdirSync(`${temp.path}/s/log`, { recursive: true });
  make(temp);
  const dir = open(`${temp.path}/s`, { directory: true });
  try {
    const recipe = findRecipe(hostOs, dir, { scripts: true, superuser: true, ...options });
    return recipe && [recipe.line.names, recipe.line.stamp, recipe.toStdout];
  } finally {
    close(dir);
  }
}

const MAIN = [["./main"], "underscore", false];

osTest("a log/run that becomes svlogd is what svlogd would be", () => {
  assertEquals(found((temp) => temp.write("s/log/run", SCRIPT, 0o755)), MAIN);
  const toStdout = SCRIPT.replace("exec", "exec 2>&1\nexec");
  assertEquals(found((temp) => temp.write("s/log/run", toStdout, 0o755)), [
    ["./main"],
    "underscore",
    true,
  ]);
});

osTest("a log/run through a link is as good", () => {
  assertEquals(
    found((temp) => {
      temp.write("elsewhere", SCRIPT, 0o755);
      Deno.symlinkSync("../../elsewhere", `${temp.path}/s/log/run`);
    }),
    MAIN,
  );
});

osTest("a log/ without run is svlogd into main, or into itself where it has a config", () => {
  const main = (temp: TempDir): void => Deno.mkdirSync(`${temp.path}/s/log/main`);
  assertEquals(found(main), MAIN);
  assertEquals(found((temp) => temp.write("s/log/config", "")), [["."], "underscore", false]);
  assertEquals(
    found((temp) => {
      main(temp);
      temp.write("s/log/config", "");
    }),
    MAIN,
  );
});

osTest("a log/ without anything is nothing that is known", () => {
  assertEquals(found(() => {}), undefined);
  assertEquals(found((temp) => temp.write("s/log/main", "")), undefined);
  assertEquals(found((temp) => Deno.mkdirSync(`${temp.path}/s/log/config`)), undefined);
});

osTest("a log/run is run where scripts are, whatever else is there", () => {
  assertEquals(
    found((temp) => {
      Deno.mkdirSync(`${temp.path}/s/log/main`);
      temp.write("s/log/run", SCRIPT, 0o755);
    }, { scripts: false }),
    undefined,
  );
});

osTest("a log/run that cannot be executed, read or trusted is left to the system", () => {
  const cases: Record<string, (temp: TempDir) => void> = {
    "without an x bit": (temp) => temp.write("s/log/run", SCRIPT, 0o644),
    "a directory": (temp) => Deno.mkdirSync(`${temp.path}/s/log/run`),
    "a link to nowhere": (temp) => {
      Deno.mkdirSync(`${temp.path}/s/log/main`);
      Deno.symlinkSync("nowhere", `${temp.path}/s/log/run`);
    },
    "a FIFO": (temp) => makeFifo(`${temp.path}/s/log/run`, 0o755),
    "empty": (temp) => temp.write("s/log/run", "", 0o755),
    "too long": (temp) => temp.write("s/log/run", SCRIPT + "#\n".repeat(20_000), 0o755),
    "another program": (temp) => temp.write("s/log/run", "#!/bin/sh\nexec cat\n", 0o755),
    "wrong usage": (temp) => temp.write("s/log/run", "#!/bin/sh\nexec svlogd\n", 0o755),
    "a version asked for": (temp) => {
      temp.write("s/log/run", "#!/bin/sh\nexec svlogd -V main\n", 0o755);
    },
    "not text": (temp) => {
      temp.write("s/log/run", "", 0o755);
      const bytes = new TextEncoder().encode(SCRIPT.replace("main", "m'?'n"));
      bytes[bytes.indexOf(0x3f)] = 0xff;
      Deno.writeFileSync(`${temp.path}/s/log/run`, bytes);
    },
  };
  for (const [what, make] of Object.entries(cases)) assertEquals(found(make), undefined, what);
});

osTest("without privileges, only what everybody may execute is certain", () => {
  const script = (mode: number) => (temp: TempDir): void => temp.write("s/log/run", SCRIPT, mode);
  assertEquals(found(script(0o755), { superuser: false }), MAIN);
  assertEquals(found(script(0o744), { superuser: false }), undefined);
  assertEquals(found(script(0o744), { superuser: true }), MAIN);
});
