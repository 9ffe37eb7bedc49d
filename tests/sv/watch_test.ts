import { assertEquals } from "@std/assert";
import { close, open } from "../../src/os/descriptor.ts";
import { look } from "../../src/service/controller.ts";
import { Output } from "../../src/sv/output.ts";
import { Service } from "../../src/sv/service.ts";
import { watch } from "../../src/sv/watch.ts";
import { osTest } from "../support/os.ts";
import { TempDir } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";
import { FakeService } from "./support/fake_service.ts";

const LONG = 20_000;

function serviceAt(dir: string): Service {
  return new Service(dir, "/nonexistent", new Output());
}

osTest("a watch hears that a status is replaced, before and after it is asked", async () => {
  using temp = new TempDir();
  using fake = new FakeService(`${temp.path}/s`);
  for (const early of [true, false]) {
    using changes = watch([serviceAt(fake.dir)]);
    if (early) fake.setStatus({ state: "finish" });
    const changed = changes.change(LONG);
    if (!early) fake.setStatus({ state: "down" });
    assertEquals(await changed, true);
  }
});

osTest("a watch hears that a supervisor gives its lock back", async () => {
  using temp = new TempDir();
  using fake = new FakeService(`${temp.path}/s`, { lock: true });
  using changes = watch([serviceAt(fake.dir)]);
  const changed = changes.change(LONG);
  fake.release();
  assertEquals(await changed, true);
});

osTest("a watch does not hold the FIFOs open, whatever happens to them", async () => {
  using temp = new TempDir();
  using fake = new FakeService(`${temp.path}/s`, { lock: true });
  using changes = watch([serviceAt(fake.dir)]);
  for (const fifo of ["ok", "control"]) {
    close(open(`${fake.dir}/supervise/${fifo}`, { access: "write", nonblocking: true }));
  }
  fake.setStatus({ state: "finish" });
  await changes.change(LONG);
  fake.release();
  await until("nobody seems to supervise", () => look(fake.dir).kind === "not running");
});

osTest("a watch on links to supervise directories hears of changes there", async () => {
  using temp = new TempDir();
  using fake = new FakeService(`${temp.path}/real`);
  Deno.mkdirSync(`${temp.path}/s`);
  Deno.symlinkSync("../real/supervise", `${temp.path}/s/supervise`);
  using changes = watch([serviceAt(`${temp.path}/s`)]);
  fake.setStatus({ state: "finish" });
  assertEquals(await changes.change(LONG), true);
});

osTest("a watch of many services hears of each", async () => {
  using temp = new TempDir();
  const fakes = Array.from({ length: 20 }, (_, i) => new FakeService(`${temp.path}/s${i}`));
  for (const fake of fakes.slice(0, 5)) {
    using changes = watch(fakes.map(({ dir }) => serviceAt(dir)));
    fake.setStatus({ state: "finish" });
    assertEquals(await changes.change(LONG), true);
  }
  for (const fake of fakes) fake[Symbol.dispose]();
});

osTest("where nothing can be watched, the time passes", async () => {
  using changes = watch([serviceAt("/nonexistent/service")]);
  assertEquals(await changes.change(1), false);
});
