import { assertEquals, assertThrows } from "@std/assert";
import { Diagnostics } from "../../src/cli/diagnostics.ts";
import type { ServiceStatus } from "../../src/service/status.ts";
import { SuperviseDirectory, SuperviseError } from "../../src/service/supervise.ts";
import { FakeOs } from "../support/fake_os.ts";

const STATUS: ServiceStatus = {
  since: { seconds: 0, nanoseconds: 0 },
  pid: 7,
  paused: false,
  want: "up",
  gotTerm: false,
  state: "run",
};

const silent = new Diagnostics("test", () => {});

/** A service directory in memory, and its `supervise` locked. */
function locked(): { os: FakeOs; supervise: SuperviseDirectory; writes: string[] } {
  const os = new FakeOs();
  os.tree.directory("/service");
  const dir = os.open("/service", { directory: true });
  const writes: string[] = [];
  const rename = os.rename;
  Object.assign(os, {
    rename: (from: string, to: string, dir?: number) => {
      writes.push(to);
      rename(from, to, dir);
    },
  });
  return { os, supervise: SuperviseDirectory.lock(os, dir, "", { wait: false }), writes };
}

Deno.test("SuperviseDirectory writes each file under another name first, and leaves none of those", () => {
  const { os, supervise, writes } = locked();
  supervise.save(STATUS, { exiting: false, hidePid: false });
  assertEquals(writes, ["supervise/pid", "supervise/stat", "supervise/status"]);
  assertEquals(os.tree.list("/service/supervise"), ["lock", "pid", "stat", "status"]);
});

Deno.test("SuperviseDirectory writes what has changed, and nothing twice", () => {
  const { supervise, writes } = locked();
  supervise.save(STATUS, { exiting: false, hidePid: false });
  writes.length = 0;
  supervise.save({ ...STATUS }, { exiting: false, hidePid: false });
  assertEquals(writes, []);
  supervise.save({ ...STATUS, since: { seconds: 1, nanoseconds: 0 } }, {
    exiting: false,
    hidePid: false,
  });
  assertEquals(writes, ["supervise/status"]);
  writes.length = 0;
  supervise.save({ ...STATUS, since: { seconds: 1, nanoseconds: 0 }, want: "down" }, {
    exiting: true,
    hidePid: false,
  });
  assertEquals(writes, ["supervise/stat", "supervise/status"]);
});

Deno.test("SuperviseDirectory writes the other files where one cannot be, and that one the next time", () => {
  const { os, supervise, writes } = locked();
  const mend = os.fail({ call: "open", code: "ENOSPC", path: /stat\.new$/ });
  const error = assertThrows(
    () => supervise.save(STATUS, { exiting: false, hidePid: false }),
    SuperviseError,
  ) as SuperviseError;
  assertEquals(error.message, "unable to open supervise/stat.new");
  assertEquals(writes, ["supervise/pid", "supervise/status"]);
  mend();
  supervise.save(STATUS, { exiting: false, hidePid: false });
  assertEquals(writes.at(-1), "supervise/stat");
  assertEquals(os.openCount, 2, "the directory and the lock");
});

Deno.test("SuperviseDirectory keeps a logger's pid file from coming before its first process", () => {
  const { supervise, writes } = locked();
  supervise.skipInitialPid();
  supervise.save({ ...STATUS, pid: 0, state: "down" }, { exiting: false, hidePid: false });
  assertEquals(writes, ["supervise/stat", "supervise/status"]);
});

Deno.test("SuperviseDirectory empties a logger's pid file that an earlier supervisor has left", () => {
  const { os, supervise, writes } = locked();
  os.tree.file("/service/supervise/pid", "123\n");
  supervise.skipInitialPid();
  supervise.save({ ...STATUS, pid: 0, state: "down" }, { exiting: false, hidePid: false });
  assertEquals(writes[0], "supervise/pid");
  assertEquals(os.tree.text("/service/supervise/pid"), "");
});

Deno.test("SuperviseDirectory holds the lock until it is closed", () => {
  const { os, supervise } = locked();
  const dir = os.open("/service", { directory: true });
  const lock = (): SuperviseDirectory => SuperviseDirectory.lock(os, dir, "", { wait: false });
  const error = assertThrows(lock, SuperviseError) as SuperviseError;
  assertEquals(error.message, "unable to lock supervise/lock");
  supervise.close();
  lock().close();
});

Deno.test("SuperviseDirectory reads commands where nobody has the FIFO open for writing", () => {
  const { os, supervise } = locked();
  const control = supervise.openControl(silent);
  supervise.openOk(silent);
  const buffer = new Uint8Array(8);
  assertEquals(os.read(control, buffer), undefined, "no end of file");
  os.writeFifo("/service/supervise/control", "u");
  assertEquals(os.read(control, buffer), 1);
  assertEquals(os.hasReader("/service/supervise/ok"), true);
  supervise.close();
  assertEquals(os.hasReader("/service/supervise/ok"), false);
});
