import { assert, assertEquals, assertThrows } from "@std/assert";
import { close, open, pipe, read } from "../../src/os/descriptor.ts";
import { OsError } from "../../src/os/error.ts";
import {
  type Ended,
  environment,
  environmentVariable,
  spawn,
  type SpawnOptions,
  waitChild,
} from "../../src/os/process.ts";
import { kill, signalNumber } from "../../src/os/signal.ts";
import { osTest } from "../support/os.ts";
import { parseState, type ProcessState, tellingScript } from "../support/process_state.ts";
import { TempDir } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";

function ended(pid: number): Promise<Ended> {
  return until("the child ends", () => waitChild(pid));
}

/** Starts a script that tells its state, in a directory of its own. */
async function told(
  options: Partial<SpawnOptions> & { argv?: readonly (string | Uint8Array)[] },
): Promise<ProcessState> {
  using temp = new TempDir();
  temp.write("tell", tellingScript(`${temp.path}/told`), 0o755);
  Deno.mkdirSync(`${temp.path}/sub`);
  const path = `${temp.path}/tell`;
  const { code } = await ended(spawn({ path, argv: [path], ...options }));
  assertEquals(code, 0);
  return parseState(temp.read("told"));
}

osTest(
  "spawn() gives a program the descriptors 0, 1 and 2 and those that are asked for",
  async () => {
    const null_ = open("/dev/null", { access: "both" });
    const { read: end, write } = pipe();
    const three = await told({ descriptors: [null_, null_, null_] });
    assertEquals(three.descriptors, { 0: "/dev/null", 1: "/dev/null", 2: "/dev/null" });
    const more = await told({ descriptors: [end, write, null_, null_, end] });
    assertEquals(more.descriptors, {
      0: "pipe:[]",
      1: "pipe:[]",
      2: "/dev/null",
      3: "/dev/null",
      4: "pipe:[]",
    });
    const inherited = await told({ descriptors: [undefined, null_] });
    assertEquals(Object.keys(inherited.descriptors), ["0", "1", "2"]);
    for (const fd of [null_, end, write]) close(fd);
  },
);

osTest("spawn() closes descriptors that are to be closed", async () => {
  const null_ = open("/dev/null", { access: "both" });
  const script =
    "code=0; for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] && code=$code$fd; done; exit $code";
  const argv = ["sh", "-c", script];
  const descriptors = [null_, null_, null_];
  const open_ = async (closed: number[]): Promise<number> =>
    (await ended(spawn({ path: "/bin/sh", argv, descriptors, closed }))).code;
  assertEquals([await open_([]), await open_([0, 2]), await open_([0, 1, 2])], [12, 1, 0]);
  close(null_);
});

osTest("spawn() starts a program with an empty mask, and PIPE at its default", async () => {
  // Deno has SIGPIPE ignored.
  const { blocked, caught, ignored } = await told({});
  assertEquals([blocked, caught], [0, 0]);
  assertEquals(ignored & 1 << signalNumber("PIPE") - 1, 0);
});

osTest("spawn() passes an ignored signal on unless it is to be at its default", async () => {
  const bit = 1 << signalNumber("PIPE") - 1;
  assertEquals((await told({ defaultSignals: [] })).ignored & bit, bit);
  assertEquals((await told({ defaultSignals: ["TERM", "PIPE"] })).ignored & bit, 0);
});

osTest("spawn() starts a program in a directory that is open, or one below it", async () => {
  using temp = new TempDir();
  Deno.mkdirSync(`${temp.path}/sub`);
  const dir = open(temp.path, { directory: true });
  assertEquals((await told({ dir })).directory, temp.path);
  assertEquals((await told({ dir, subdir: "sub" })).directory, `${temp.path}/sub`);
  assertEquals((await told({})).directory, Deno.cwd());
  close(dir);
});

osTest("spawn() takes a relative path from the directory it starts in", async () => {
  using temp = new TempDir();
  temp.write("sub/run", "#!/bin/sh\nexit 7\n", 0o755);
  const dir = open(temp.path, { directory: true });
  const { code } = await ended(spawn({ path: "./run", argv: ["./run"], dir, subdir: "sub" }));
  assertEquals(code, 7);
  close(dir);
});

osTest("spawn() passes arguments and environment as bytes", async () => {
  const odd = new Uint8Array([0x4f, 0x3d, 0xff, 0xfe]);
  using temp = new TempDir();
  const path = `${temp.path}/environ`;
  // The shell copies what it was born with, as it has it from the kernel.
  temp.write("run", `#!/bin/sh\ncat /proc/$$/environ /proc/$$/cmdline >${path}\n`, 0o755);
  const options = { path: `${temp.path}/run`, argv: ["ignored", "é", new Uint8Array([0xff])] };
  await ended(spawn({ ...options, environment: ["A=1", odd, "B=é"] }));
  const bytes = Deno.readFileSync(path);
  const expected = [..."A=1\0O="].map((c) => c.charCodeAt(0));
  expected.push(0xff, 0xfe, 0, ...new TextEncoder().encode("B=é"), 0);
  assertEquals([...bytes.subarray(0, expected.length)], expected);
  assertEquals([...bytes.subarray(-5)], [0xc3, 0xa9, 0, 0xff, 0]);
});

osTest("spawn() passes on the environment of this process unless told otherwise", async () => {
  const own = Deno.readFileSync("/proc/self/environ");
  const hex = [...own].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  assertEquals((await told({})).environment, hex);
});

osTest(
  "spawn() gives a session where one is asked for, and the parent's group otherwise",
  async () => {
    const plain = await told({});
    assertEquals([plain.leadsSession, plain.parentGroup], [false, true]);
    const own = await told({ session: true });
    assertEquals([own.leadsSession, own.parentGroup], [true, false]);
  },
);

osTest("spawn() throws what execve(2) and chdir(2) say, and leaves no process behind", () => {
  using temp = new TempDir();
  temp.write("plain", "#!/bin/sh\n", 0o644);
  temp.write("nothing", "x", 0o755);
  temp.write("nointerpreter", "#!/nosuch\n", 0o755);
  const code = (options: Partial<SpawnOptions> & { path: string }): string =>
    (assertThrows(() => spawn({ argv: [options.path], ...options }), OsError) as OsError).code;
  assertEquals(code({ path: `${temp.path}/missing` }), "ENOENT");
  assertEquals(code({ path: `${temp.path}/plain` }), "EACCES");
  assertEquals(code({ path: temp.path }), "EACCES");
  assertEquals(code({ path: `${temp.path}/nothing` }), "ENOEXEC");
  assertEquals(code({ path: `${temp.path}/nointerpreter` }), "ENOENT");
  assertEquals(code({ path: `${temp.path}/plain/x` }), "ENOTDIR");
  assertEquals(code({ path: "/bin/true", subdir: `${temp.path}/missing` }), "ENOENT");
  assertEquals(code({ path: "/bin/true", descriptors: [999_999] }), "EBADF");
  assertEquals(code({ path: "a\0b" }), "EINVAL");
});

osTest("waitChild() tells of exit codes and signals, once, and does not wait", async () => {
  using temp = new TempDir();
  temp.write("run", "#!/bin/sh\nread -r line\nexit 200\n", 0o755);
  const { read: input, write } = pipe();
  const start = (): number =>
    spawn({ path: `${temp.path}/run`, argv: ["run"], descriptors: [input] });
  const pid = start();
  assertEquals(waitChild(pid), undefined, "it waits for a line");
  const killed = start();
  kill(killed, "KILL");
  assertEquals(await ended(killed), { pid: killed, code: -1, signal: 9 });
  close(input);
  close(write);
  assertEquals(await ended(pid), { pid, code: 200, signal: 0 });
  assertEquals((assertThrows(() => waitChild(pid), OsError) as OsError).code, "ECHILD");
  assertEquals((assertThrows(() => kill(pid, "TERM"), OsError) as OsError).code, "ESRCH");
});

osTest("environment() is what this process was started with", () => {
  const own = new TextDecoder("latin1").decode(Deno.readFileSync("/proc/self/environ"));
  const entries = environment().map((entry) => new TextDecoder("latin1").decode(entry));
  assertEquals(entries, own.split("\0").slice(0, -1));
  assertEquals(
    new TextDecoder().decode(environmentVariable("PATH")),
    Deno.env.get("PATH"),
  );
  assertEquals(environmentVariable("NO_SUCH_VARIABLE"), undefined);
});

osTest("what spawn() starts can be read from through a pipe until it ends", async () => {
  const { read: output, write } = pipe();
  const pid = spawn({
    path: "/bin/sh",
    argv: ["sh", "-c", "echo one; echo two"],
    descriptors: [undefined, write],
  });
  close(write);
  let text = "";
  const buffer = new Uint8Array(64);
  for (let count = read(output, buffer); count !== 0; count = read(output, buffer)) {
    assert(count !== undefined);
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  assertEquals(text, "one\ntwo\n");
  assertEquals((await ended(pid)).code, 0);
  close(output);
});
