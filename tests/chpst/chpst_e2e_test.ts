/** The compiled tool, by itself. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { built } from "../support/build.ts";
import { TempDir } from "../support/temp_dir.ts";
import { until } from "../support/until.ts";

const root = Deno.uid() === 0;
const decoder = new TextDecoder();

/** What came of it. */
interface Outcome {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a shell script, for which `$chpst` is the tool. */
async function sh(script: string, cwd?: string): Promise<Outcome> {
  const command = new Deno.Command("/bin/sh", {
    args: ["-c", script],
    env: { chpst: await built("chpst") },
    stdin: "null",
    ...(cwd === undefined ? {} : { cwd }),
  });
  const { code, signal, stdout, stderr } = await command.output();
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("the program has the process id of chpst", async () => {
  const { stdout } = await sh(`echo $$; exec "$chpst" sh -c 'echo $$'`);
  const [before, after] = stdout.split("\n");
  assertEquals(after, before);
});

Deno.test("the program's exit code and its signal are chpst's", async () => {
  assertEquals((await sh(`exec "$chpst" sh -c 'exit 7'`)).code, 7);
  assertEquals((await sh(`exec "$chpst" sh -c 'kill -TERM $$'`)).signal, "SIGTERM");
});

Deno.test("the program dies of SIGPIPE, which Deno ignores", async () => {
  assertEquals((await sh(`exec "$chpst" sh -c 'kill -PIPE $$'`)).signal, "SIGPIPE");
});

Deno.test("the program has no descriptor of the runtime's", async () => {
  const bare = await sh(`exec sh -c 'ls /proc/$$/fd'`);
  const { stdout } = await sh(`exec "$chpst" sh -c 'ls /proc/$$/fd'`);
  assertEquals(stdout, bare.stdout);
});

Deno.test("a stream that chpst was started without is /dev/null to the program", async () => {
  // Deno opens it before our first line runs.
  const { stdout } = await sh(`exec <&-; exec "$chpst" sh -c 'readlink /proc/$$/fd/0'`);
  assertEquals(stdout, "/dev/null\n");
});

Deno.test("bytes that are not UTF-8 get through the environment", async () => {
  const set = String.raw`$ENV{"A\xff"} = "\xfe\x80"; exec @ARGV`;
  const script = `exec perl -e '${set}' "$chpst" -U :1:2 env`;
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", script],
    env: { chpst: await built("chpst") },
  }).output();
  const text = [...stdout].map((byte) => String.fromCharCode(byte)).join("");
  assertStringIncludes(text, "A\xff=\xfe\x80\n");
  assertStringIncludes(text, "UID=1\n");
});

Deno.test("a lock is the program's, for flock(1) as for chpst, and -l waits for it", async () => {
  using dir = new TempDir();
  const chpst = await built("chpst");
  const holder = new Deno.Command(chpst, {
    args: ["-L", "lock", "sh", "-c", "echo held >told; read line"],
    cwd: dir.path,
    stdin: "piped",
  }).spawn();
  await until("the lock is held", () => dir.read("told") === "held\n");
  assertEquals((await sh(`flock -n lock true`, dir.path)).code, 1);
  const refused = await sh(`exec "$chpst" -L lock true`, dir.path);
  assertEquals([refused.code, refused.stderr], [
    111,
    "chpst: fatal: unable to lock: lock: temporary failure\n",
  ]);
  const waiter = new Deno.Command(chpst, {
    args: ["-l", "lock", "sh", "-c", "echo got >>told"],
    cwd: dir.path,
  }).spawn();
  await until(
    "the other waits for the lock",
    () => Deno.readTextFileSync("/proc/locks").match(`-> FLOCK .* ${waiter.pid} `),
  );
  assertEquals(dir.read("told"), "held\n");
  await holder.stdin.close();
  assertEquals((await holder.status).code, 1);
  assertEquals((await waiter.status).code, 0);
  assertEquals(dir.read("told"), "held\ngot\n");
  assertEquals((await sh(`flock -n lock true`, dir.path)).code, 0);
});

Deno.test("-C changes the directory", async () => {
  assertEquals((await sh(`exec "$chpst" -C /usr/bin pwd`)).stdout, "/usr/bin\n");
  const { code, stderr } = await sh(`exec "$chpst" -C nosuch pwd`);
  assertEquals([code, stderr], [
    111,
    "chpst: fatal: unable to change directory: nosuch: file does not exist\n",
  ]);
});

Deno.test({
  name: "-C is inside the new root",
  ignore: !root,
  async fn(): Promise<void> {
    using dir = new TempDir();
    Deno.mkdirSync(`${dir.path}/in`);
    const { code, stderr } = await sh(`exec "$chpst" -/ . -C /in nosuch`, dir.path);
    assertEquals([code, stderr], [
      111,
      "chpst: fatal: unable to run: nosuch: file does not exist\n",
    ]);
    const outside = await sh(`exec "$chpst" -/ . -C "$PWD" nosuch`, dir.path);
    assertStringIncludes(outside.stderr, "unable to change directory: ");
  },
});

Deno.test("limits hold that the runtime would not survive, and failing under them has its last words", async () => {
  const words = "chpst: fatal: unable to run: nosuch: file does not exist\n";
  for (
    const options of [
      "-m 0",
      "-m 1000000",
      "-d 0",
      "-d 100000",
      "-o 0",
      "-p 0",
      "-m 0 -o 0 -f 1000",
    ]
  ) {
    // Environments of many sizes, so that the engine's memory is not filled alike each time.
    for (let size = 0; size < 8; size++) {
      const script = `X=$(printf '%0${
        size * 1999 + 1
      }d' 0) exec "$chpst" ${options} -U :1:2 nosuch`;
      const { code, stderr } = await sh(script);
      assertEquals([code, stderr], [111, words], options);
    }
  }
});

Deno.test("limits are the program's, and soft", async () => {
  const { stdout } = await sh(`exec "$chpst" -o 31 -c 0 -d 100000000 cat /proc/self/limits`);
  const hard = Deno.readTextFileSync("/proc/self/limits").match(/Max open files +\d+ +(\d+)/)?.[1];
  assertStringIncludes(stdout.replaceAll(/ +/g, " "), `Max open files 31 ${hard} files`);
  assertStringIncludes(stdout.replaceAll(/ +/g, " "), "Max data size 100000000 ");
});

Deno.test({
  name: "all ids are given up, and there is no way back",
  ignore: !root,
  async fn(): Promise<void> {
    using dir = new TempDir();
    Deno.chmodSync(dir.path, 0o755);
    Deno.copyFileSync(await built("chpst"), `${dir.path}/chpst`);
    const back =
      `$< = $> = 0; $( = $) = 0; print "$< $> $( $)\\n"; print grep /^(Uid|Gid|Groups|CapEff)/, <>`;
    const { stdout } = await sh(
      `./chpst -u :4711:4712:4713 perl -e '${back}' /proc/self/status`,
      dir.path,
    );
    assertEquals(stdout.split("\n"), [
      "4711 4711 4712 4712 4713 4712 4712 4713",
      "Uid:\t4711\t4711\t4711\t4711",
      "Gid:\t4712\t4712\t4712\t4712",
      "Groups:\t4712 4713 ",
      "CapEff:\t0000000000000000",
      "",
    ]);
  },
});

Deno.test({
  name: "a program that was to run as another user does not run when that is not allowed",
  ignore: !root,
  async fn(): Promise<void> {
    using dir = new TempDir();
    Deno.chmodSync(dir.path, 0o755);
    Deno.copyFileSync(await built("chpst"), `${dir.path}/chpst`);
    const { code, stdout, stderr } = await sh(
      `./chpst -u :4711:4711 ./chpst -u root echo ran`,
      dir.path,
    );
    assertEquals([code, stdout, stderr], [
      111,
      "",
      "chpst: fatal: unable to setgroups: permission denied\n",
    ]);
  },
});

Deno.test("every name of daemontools does its own, with and without a d", async () => {
  using dir = new TempDir();
  const chpst = await built("chpst");
  for (const name of ["envdir", "envuidgid", "pgrphack", "setlock", "setuidgid", "softlimit"]) {
    for (const called of [name, `d${name}`]) {
      Deno.symlinkSync(chpst, `${dir.path}/${called}`);
      const { code, stderr } = await sh(`exec ./${called}`, dir.path);
      assertEquals(code, 100);
      assert(stderr.startsWith(`usage: ${name} `), stderr);
    }
  }
  dir.write("env/A", "x");
  const { stdout } = await sh(
    `./envdir env ./dsoftlimit -o 31 ./pgrphack sh -c 'echo $A; ulimit -n'`,
    dir.path,
  );
  assertEquals(stdout, "x\n31\n");
});

Deno.test("the version is told before the usage", async () => {
  const { code, stderr } = await sh(`exec "$chpst" -V`);
  assertEquals(code, 100);
  assertEquals(stderr.split("\n")[1]?.startsWith("usage: chpst "), true);
});
