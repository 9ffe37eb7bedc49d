import { assert, assertEquals } from "@std/assert";
import { createSocket } from "node:dgram";
import { built } from "../support/build.ts";
import { pause, until } from "../support/until.ts";
import { allText, anonymous, latin1, runSvlogd, Svlogd } from "./run_svlogd.ts";

Deno.test("svlogd keeps an unterminated last line", async () => {
  const { files, code } = await runSvlogd(await built("svlogd"), { input: "a\nb" });
  assertEquals(code, 0);
  assertEquals(files["current"], { mode: "744", text: "a\nb\n" });
  assertEquals(files["lock"], { mode: "600", text: "" });
});

Deno.test("svlogd has a line in current while its writer goes on", async () => {
  await using svlogd = new Svlogd();
  svlogd.start(await built("svlogd"));
  for (let i = 0; i < 20; i++) await svlogd.log(`line ${i}\n`);
  assertEquals(svlogd.current.split("\n").length, 21);
});

Deno.test("TERM ends svlogd at the end of the line that is being read, and leaves the rest", async () => {
  await using svlogd = new Svlogd();
  // The pipe stays open when svlogd ends, as it does under runsv.
  svlogd.start("sh", [
    "-c",
    `"$1" -v log; echo "$?" >ended; cat >rest`,
    "sh",
    await built("svlogd"),
  ]);
  await svlogd.write("one\ntw");
  await until("the first line is there", () => svlogd.current === "one\n");
  const pid = await until("it can be found", () => childOf(svlogd.pid));
  Deno.kill(pid, "SIGTERM");
  await until("it knows", () => svlogd.stderr.includes("sigterm received"));
  await svlogd.write("o\nthree\n");
  await until("it has ended", () => svlogd.temp.read("ended") === "0\n");
  await svlogd.close();
  await svlogd.ended();
  assertEquals(svlogd.current, "one\ntwo\n");
  assertEquals(svlogd.temp.read("rest"), "three\n");
});

/** The first child of a process. */
function childOf(pid: number): number | undefined {
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
  return children === "" ? undefined : Number(children.split(" ")[0]);
}

Deno.test("TERM with nothing half read ends svlogd at once", async () => {
  await using svlogd = new Svlogd();
  svlogd.start(await built("svlogd"));
  await svlogd.log("one\n");
  svlogd.signal("SIGTERM");
  const { code, files } = await svlogd.ended();
  assertEquals(code, 0);
  assertEquals(files["current"]?.mode, "744");
});

Deno.test("a line of 100 MB passes in constant memory, and whole", async () => {
  await using svlogd = new Svlogd("s0\n");
  svlogd.start(await built("svlogd"), ["-tt"]);
  const chunk = new Uint8Array(1_000_000).fill(0x78);
  for (let i = 0; i < 100; i++) await svlogd.write(chunk);
  await svlogd.write("\nnext\n");
  await until("all is there", () => {
    const { size } = Deno.statSync(`${svlogd.path}/current`);
    return size === 100_000_000 + 26 + 1 + 26 + 5;
  });
  const peak = /VmHWM:\s*(\d+)/.exec(Deno.readTextFileSync(`/proc/${svlogd.pid}/status`))?.[1];
  assert(Number(peak) < 120_000, `peak memory ${peak} kB`);
});

Deno.test("the directory may be renamed while it is written", async () => {
  await using svlogd = new Svlogd("s100\nn0\n");
  svlogd.start(await built("svlogd"), ["-l", "20"]);
  await svlogd.log("before\n");
  Deno.renameSync(svlogd.path, `${svlogd.temp.path}/moved`);
  await svlogd.write(
    "a line that makes it long enough, surely, to be rotated by its size of eighty or so\nb\n",
  );
  await until("it is rotated", () => {
    const names = [...Deno.readDirSync(`${svlogd.temp.path}/moved`)].map(({ name }) => name);
    return names.some((name) => name.startsWith("@")) &&
      svlogd.temp.read("moved/current").endsWith("b\n");
  });
  Deno.renameSync(`${svlogd.temp.path}/moved`, svlogd.path);
});

Deno.test("HUP after which no directory can be opened ends svlogd with 111", async () => {
  await using svlogd = new Svlogd();
  svlogd.start(await built("svlogd"));
  await svlogd.log("a\n");
  Deno.renameSync(svlogd.path, `${svlogd.temp.path}/moved`);
  svlogd.signal("SIGHUP");
  assertEquals(await svlogd.exitCode(), 111);
  Deno.renameSync(`${svlogd.temp.path}/moved`, svlogd.path);
  assertEquals(
    svlogd.stderr,
    "svlogd: warning: unable to open log directory: log: file does not exist\n" +
      "svlogd: fatal: no functional log directories.\n",
  );
});

Deno.test("a processor killed by a signal is started again", async () => {
  await using svlogd = new Svlogd(
    "s40\n!test -e ../again && exec cat; touch ../again; kill -KILL $$\n",
  );
  svlogd.start(await built("svlogd"), ["-l", "20"]);
  await svlogd.write("abcdefghijklmnopqrstuvwxyz\n");
  await until(
    "it is processed",
    () => Object.keys(svlogd.files).some((name) => name.endsWith(".s")),
  );
  const warning = "svlogd: warning: processor failed, restart: log\n";
  await until("it has warned", () => svlogd.stderr === warning);
  assertEquals(allText(svlogd.files), "abcdefghijklmnopqrstuvwxyz\n");
});

Deno.test("HUP replaces a processor that can never succeed, though svlogd waits for it", async () => {
  await using svlogd = new Svlogd("s40\n!exit 1\n");
  svlogd.start(await built("svlogd"), ["-l", "20"]);
  await svlogd.write("abcdefghijklmnopqrstuvwxyz\nabcdefghijklmnopqrstuvwxyz\nend\n");
  await until("it has failed", () => svlogd.stderr.includes("processor failed"));
  svlogd.configure("s40\n!cat\n");
  svlogd.signal("SIGHUP");
  await until("all is processed", () => {
    const old = Object.keys(svlogd.files).filter((name) => name.startsWith("@"));
    return old.length === 2 && old.every((name) => name.endsWith(".s"));
  });
  await svlogd.log("after\n");
  assertEquals(
    allText(svlogd.files),
    "abcdefghijklmnopqrstuvwxyz\nabcdefghijklmnopqrstuvwxyz\nend\nafter\n",
  );
});

Deno.test("datagrams have stamp, prefix and the first len bytes", async () => {
  const received: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (message) => received.push(latin1(message)));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
  try {
    await using svlogd = new Svlogd(`U127.0.0.1:${socket.address().port}\np>\n-no*\n`);
    svlogd.start(await built("svlogd"), ["-tt", "-l", "20"]);
    await svlogd.write("one\nnot this\nabcdefghijklmnopqrstuvwxyz\n");
    await until("both came", () => received.length === 2);
    assertEquals(
      anonymous({ code: 0, files: {}, stderr: received.join("") }).stderr,
      "DATE_ >one\nDATE_ >abcdefghijklmnopqrst...\n",
    );
    assertEquals(svlogd.current, "");
  } finally {
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
});

for (const [config, reader] of [["zgzip", "zcat"], ["zzstd", "zstdcat"]] as const) {
  Deno.test({
    name: `with ${config} an old file can be read by ${reader}`,
    ignore: !has(reader),
    async fn(): Promise<void> {
      await using svlogd = new Svlogd(`s1000\n${config}\n`);
      svlogd.start(await built("svlogd"), ["-l", "100"]);
      const text = "a line that comes again and again\n".repeat(28);
      await svlogd.write(text);
      const name = await until(
        "it is compressed",
        () => Object.keys(svlogd.files).find((name) => name.endsWith(".s")),
      );
      const { stdout } = await new Deno.Command(reader, {
        args: [`${svlogd.path}/${name}`],
        stdin: "null",
      }).output();
      assertEquals(latin1(stdout) + svlogd.current, text);
      assert((svlogd.files[name]?.text.length ?? Infinity) < 200);
    },
  });
}

function has(command: string): boolean {
  try {
    return new Deno.Command(command, { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

Deno.test("local stamps follow TZ", async () => {
  const { files } = await runSvlogd("env", {
    args: ["TZ=Asia/Kolkata", await built("svlogd"), "-t"],
    config: "l\n",
    input: "a\n",
  });
  assert(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{5}\+05:30 a\n$/.test(files["current"]?.text ?? ""),
    files["current"]?.text,
  );
});

Deno.test("an idle svlogd does not wake up", async () => {
  await using svlogd = new Svlogd("t60\n");
  svlogd.start(await built("svlogd"));
  await svlogd.log("a\n");
  const switches = (): number => {
    let sum = 0;
    for (const { name } of Deno.readDirSync(`/proc/${svlogd.pid}/task`)) {
      const status = Deno.readTextFileSync(`/proc/${svlogd.pid}/task/${name}/status`);
      sum += Number(/\nvoluntary_ctxt_switches:\s*(\d+)/.exec(status)?.[1]);
    }
    return sum;
  };
  // What the runtime has to finish after its start may take a moment.
  await until("it sleeps", async () => {
    const before = switches();
    await pause(1000);
    return switches() === before;
  });
});
