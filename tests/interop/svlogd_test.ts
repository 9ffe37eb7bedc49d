/**
 * Runs each case under the reference svlogd and under ours: what is said, the exit code, and all that is left in the log
 * directory must be the same.
 */

import { assert, assertEquals } from "@std/assert";
import { built } from "../support/build.ts";
import { reference } from "../support/reference.ts";
import { until } from "../support/until.ts";
import {
  allText,
  anonymous,
  type Outcome,
  runPlain,
  runSvlogd,
  Svlogd,
} from "../svlogd/run_svlogd.ts";

const theirs = reference("svlogd");
const ignore = theirs === undefined;

interface Case {
  readonly name: string;
  readonly config?: string;
  readonly args?: readonly string[];
  readonly input: string;
}

const LONG = "abcdefghijklmnopqrstuvwxyz";
const ALL_BYTES = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("");

const CASES: readonly Case[] = [
  { name: "no config", input: "a\nb\n" },
  { name: "a config whose last line is not ended", config: "s100\np<1>", input: "a\nb\n" },
  { name: "a prefix given twice", config: "p<1>\np<2>\n", input: "a\nb\n" },
  { name: "a prefix after a stamp", config: "pXX \n", args: ["-tt"], input: "a\nb\n" },
  { name: "TAI64N stamps", args: ["-t"], input: "a\n" },
  { name: "stamps with a T", args: ["-ttt"], input: "a\n" },
  { name: "more t than there are stamps", args: ["-tttt"], input: "a\n" },
  { name: "config lines that make no sense", config: "x\n s5\nsfoo\nn\n\n#c\ns-5\n", input: "a\n" },
  { name: "an address that is none", config: "u1.2.3\n", input: "a\n" },
  { name: "a port that is none", config: "u1.2.3.4:x\n", input: "a\n" },
  { name: "an empty address", config: "u\n", input: "a\n" },
  { name: "an unterminated line longer than len", args: ["-l", "20"], input: LONG },
  { name: "an unterminated line of len", args: ["-l", "20"], input: LONG.slice(0, 20) },
  { name: "a line of len", args: ["-l", "20"], input: `${LONG.slice(0, 20)}\nxy\n` },
  {
    name: "alerts, with an ellipsis from len on",
    config: "e*\n",
    args: ["-l", "20", "-tt"],
    input: `hello\n${LONG}\n${LONG.slice(0, 20)}\n${LONG.slice(0, 19)}\n`,
  },
  {
    name: "alerts with a prefix, of lines that are not written",
    config: "pP:\ne*b\n-*\n",
    args: ["-l", "20", "-t"],
    input: "ab\ncd\n",
  },
  { name: "replacement", args: ["-r", "."], input: ALL_BYTES.replace("\n", "") + "\n" },
  { name: "replacement of a set", args: ["-R", "xyz"], input: "axb\t\n" },
  { name: "replacement of a set by a character", args: ["-R", "xyz", "-r", "#"], input: "axb\t\n" },
  { name: "an empty set", args: ["-R", ""], input: "axb\t\n" },
  {
    name: "replacement before matching, in the first len bytes alone",
    config: "-*x*\n",
    args: ["-R", "xyz", "-l", "20"],
    input: `axb\n${LONG}abcxyz\u0001\nxyz\n`,
  },
  { name: "bytes as they are", input: `${ALL_BYTES}\n` },
  { name: "NUL and empty lines", args: ["-tt"], input: "a\0b\n\0\n\n\n" },
  { name: "no limit of size", config: "s0\n", input: "a\nb\n" },
  {
    name: "rotation, all old files kept",
    config: "n0\ns30\n",
    args: ["-l", "20"],
    input: `${"a".repeat(26)}\nb\n${"a".repeat(29)}\nc\n`,
  },
  {
    name: "rotation, one old file kept",
    config: "n1\ns30\n",
    args: ["-l", "20"],
    input: `${"a".repeat(26)}\nb\n${"a".repeat(29)}\nc\n`,
  },
];

async function both(one: Case): Promise<{ expected: Outcome; actual: Outcome }> {
  // The same umask for both; verbose, so that the steps show.
  const args = ["-v", ...one.args ?? []];
  const expected = await runSvlogd(theirs ?? "", { ...one, args });
  const actual = await runSvlogd(await built("svlogd"), { ...one, args });
  return { expected: anonymous(expected), actual: anonymous(actual) };
}

Deno.test({
  name: "svlogd leaves what the reference leaves, and says what it says",
  ignore,
  async fn(t): Promise<void> {
    for (const one of CASES) {
      await t.step(one.name, async () => {
        const { expected, actual } = await both(one);
        assertEquals(actual, expected);
        assert(expected.stderr.includes("close: log"), "a comparison of nothing with nothing");
      });
    }
  },
});

const COMMAND_LINES = [
  [],
  ["-V"],
  ["-V", "dir"],
  ["-q"],
  ["-l"],
  ["-l", "2000", "dir"],
  ["-l", "1000", "-b", "1000", "dir"],
  ["-l", "1000", "-b", "1001", "dir"],
  ["-b", "0", "dir"],
  ["-l", "0", "-b", "10", "dir"],
  ["-l", "abc", "dir"],
  ["-r", "xy", "dir"],
  ["-r", "", "dir"],
  ["dir"],
  ["dir", "other"],
  ["--", "-dir"],
  ["/dev/null"],
];

Deno.test({
  name: "the reference passes over the config lines that it does not know",
  ignore,
  async fn(): Promise<void> {
    const { code, stderr, files } = await runSvlogd(theirs ?? "", {
      config: "z\nzzstd\nl\nj\np>\n",
      input: "a\n",
    });
    assertEquals({ code, stderr, text: files["current"]?.text }, {
      code: 0,
      stderr: "",
      text: ">a\n",
    });
  },
});

Deno.test({
  name: "svlogd refuses what the reference refuses, in the same words",
  ignore,
  async fn(t): Promise<void> {
    for (const args of COMMAND_LINES) {
      await t.step(args.join(" ") || "nothing", async () => {
        const expected = await runPlain(theirs ?? "", args);
        const actual = await runPlain(await built("svlogd"), args);
        // The first line says whose it is.
        const own = (text: string): string =>
          args[0] === "-V" ? text.slice(text.indexOf("\n")) : text;
        assertEquals(actual.code, expected.code);
        assertEquals(own(actual.stderr), own(expected.stderr));
        assertEquals(expected.code, 111);
      });
    }
  },
});

Deno.test({
  name: "svlogd warns of a config that is a directory, and of a directory that is locked",
  ignore,
  async fn(): Promise<void> {
    for (const command of [theirs ?? "", await built("svlogd")]) {
      await using svlogd = new Svlogd();
      Deno.mkdirSync(`${svlogd.path}/config`);
      svlogd.start(command);
      await svlogd.log("a\n");
      const warning = "svlogd: warning: unable to read config: log: is a directory\n";
      await until("it has warned", () => svlogd.stderr === warning);
      const { code, stderr } = await new Deno.Command(await built("svlogd"), {
        args: ["log"],
        cwd: svlogd.temp.path,
        stdin: "null",
      }).output();
      assertEquals(code, 111);
      assertEquals(
        new TextDecoder().decode(stderr),
        "svlogd: warning: unable to lock directory: log: temporary failure\n" +
          "svlogd: fatal: no functional log directories.\n",
      );
      await svlogd.close();
      await svlogd.ended();
    }
  },
});

Deno.test({
  name: "lines that come one at a time are rotated into the same files",
  ignore,
  async fn(): Promise<void> {
    const sizes: number[][] = [];
    for (const command of [theirs ?? "", await built("svlogd")]) {
      const found: number[] = [];
      for (const [config, len] of [["s100\nn0\n", 20], ["s100\nn0\n", 99], ["s100\nn0\n", 101]]) {
        await using svlogd = new Svlogd(String(config));
        svlogd.start(command, ["-l", String(len)]);
        for (let i = 0; i < 9; i++) await svlogd.log(`line ${i} of 30 bytes or thereab\n`);
        await svlogd.close();
        const { files } = await svlogd.ended();
        const names = Object.keys(files).toSorted();
        found.push(...names.map((name) => files[name]?.text.length ?? 0));
      }
      sizes.push(found);
    }
    assertEquals(sizes[1], sizes[0]);
  },
});

Deno.test({
  name: "signals are answered as by the reference",
  ignore,
  async fn(): Promise<void> {
    const outcomes: Outcome[] = [];
    for (const command of [theirs ?? "", await built("svlogd")]) {
      await using svlogd = new Svlogd();
      svlogd.start(command, ["-v"]);
      await until("it has begun", () => svlogd.stderr.includes("new: log/current"));
      svlogd.signal("SIGALRM");
      await until("ALRM came", () => svlogd.stderr.includes("sigalarm"));
      await svlogd.log("x\n");
      svlogd.signal("SIGALRM");
      await until("current is rotated", () => svlogd.stderr.includes("rename: "));
      await svlogd.log("y\n");
      svlogd.configure("p>\n");
      svlogd.signal("SIGHUP");
      await until("it is reopened", () => svlogd.stderr.includes("append: "));
      await svlogd.log("z\n");
      svlogd.signal("SIGTERM");
      outcomes.push(anonymous(await svlogd.ended()));
    }
    assertEquals(outcomes[1], outcomes[0]);
    assertEquals(allText(outcomes[0]?.files ?? {}), "x\ny\n>z\n");
  },
});

Deno.test({
  name: "a processor sees the same files, state and descriptors, and leaves the same",
  ignore,
  async fn(): Promise<void> {
    const config = "s40\n!ls -l /proc/self/fd | sed -n 's/.* \\([0-9] -> .*\\)/\\1/p' " +
      "| sed 's/\\/proc.*//;s/\\/.*log/log/' >&2; cat <&4; echo n >&5; tr a-z A-Z; pwd >&2\n";
    const outcomes: Outcome[] = [];
    for (const command of [theirs ?? "", await built("svlogd")]) {
      await using svlogd = new Svlogd(config);
      svlogd.start(command, ["-l", "20"]);
      for (const letter of "ab") {
        await svlogd.write(`${letter.repeat(30)}\n`);
        await until("it is processed", () => {
          const old = Object.keys(svlogd.files).filter((name) => name.startsWith("@"));
          return old.length === letter.charCodeAt(0) - 96 && old.every((n) => n.endsWith(".s")) &&
            svlogd.files["state"]?.text === "n\n" && !("newstate" in svlogd.files);
        });
      }
      await svlogd.close();
      const outcome = anonymous(await svlogd.ended());
      outcomes.push({
        ...outcome,
        stderr: outcome.stderr.replaceAll(svlogd.temp.path, "TEMP").replaceAll(
          /pipe:\[\d+\]/g,
          "pipe",
        ),
      });
    }
    assertEquals(outcomes[1], outcomes[0]);
    assert(outcomes[0]?.stderr.includes("5 -> "));
  },
});

Deno.test({
  name: "datagrams that cannot be sent are told of in the log",
  ignore: ignore || Deno.build.os !== "linux",
  async fn(): Promise<void> {
    // Nobody may send there, and what could not be sent is told in the log.
    const config = "u255.255.255.255:9\np<x>\n";
    const input = `a\n${LONG}\n`;
    for (const letter of ["u", "U"]) {
      const one = {
        name: "",
        config: config.replace("u", letter),
        input,
        args: ["-l", "20", "-t"],
      };
      const { expected, actual } = await both(one);
      assertEquals(actual, expected);
      assert(expected.files["current"]?.text.includes("failure sending through udp"));
    }
  },
});

for (const order of ["ours after theirs", "theirs after ours"] as const) {
  Deno.test({
    name: `a log directory goes on under the other implementation: ${order}`,
    ignore,
    async fn(): Promise<void> {
      const commands = [theirs ?? "", await built("svlogd")];
      if (order === "theirs after ours") commands.reverse();
      await using svlogd = new Svlogd("s200\nn3\n!cat <&4 >/dev/null; wc -c >&5; cat\n");
      svlogd.configure("s200\nn0\n!cat\n");
      let number = 0;
      const expected: string[] = [];
      for (const command of [...commands, ...commands]) {
        svlogd.start(command, ["-l", "30"]);
        for (let i = 0; i < 25; i++) {
          const line = `line ${number++}\n`;
          expected.push(line);
          await svlogd.write(line);
        }
        await until("all is logged", () => allText(svlogd.files).split("\n").length > number);
        await svlogd.close();
        const { code, stderr } = await svlogd.ended();
        assertEquals(code, 0);
        assertEquals(stderr, "");
      }
      assertEquals(allText(svlogd.files), expected.join(""));
      assert(Object.keys(svlogd.files).filter((name) => name.endsWith(".s")).length > 2);
    },
  });

  Deno.test({
    name: `a log directory that was left by a crash goes on under the other: ${order}`,
    ignore,
    async fn(): Promise<void> {
      const [first, second] = order === "ours after theirs"
        ? [theirs ?? "", await built("svlogd")]
        : [await built("svlogd"), theirs ?? ""];
      await using svlogd = new Svlogd();
      svlogd.start(first ?? "");
      await svlogd.log("before\n");
      svlogd.signal("SIGKILL");
      await svlogd.ended();
      svlogd.start(second ?? "");
      await svlogd.log("after\n");
      await svlogd.close();
      const { files } = await svlogd.ended();
      const old = Object.keys(files).filter((name) => name.startsWith("@"));
      assertEquals(old.map((name) => name.slice(-2)), [".u"]);
      assertEquals(allText(files), "before\nafter\n");
      assertEquals(files["current"]?.mode, "744");
    },
  });
}
