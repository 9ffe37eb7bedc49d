import { assert, assertEquals } from "@std/assert";
import { inputBlock, LogWriter, type LogWriterOptions } from "../../src/svlogd/log_writer.ts";
import { replacement } from "../../src/svlogd/replacement.ts";
import { random } from "../support/random.ts";
import { FakeHost, settled } from "./fake_host.ts";

const encoder = new TextEncoder();

/** A log writer over a fake host, fed with text. */
class Bench {
  readonly host = new FakeHost();
  readonly writer: LogWriter;
  readonly #lineLength: number;
  ready = 0;

  constructor(
    config?: string,
    options?: Partial<LogWriterOptions>,
    prepare?: (host: FakeHost) => void,
  ) {
    this.#lineLength = options?.lineLength ?? 20;
    if (config !== undefined) this.host.put("config", config);
    prepare?.(this.host);
    this.writer = new LogWriter(
      ["log"],
      { ...options, lineLength: this.#lineLength },
      this.host,
      () => {
        this.ready++;
      },
    );
  }

  feed(data: string | Uint8Array): void {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    const input = inputBlock(Math.max(1, bytes.length), this.#lineLength);
    input.bytes.set(bytes, input.start);
    this.writer.feed(input, bytes.length, this.host.time);
  }

  get current(): string {
    return this.host.text("current");
  }

  /** All that is in the directory, in the order in which it was written. */
  get all(): string {
    return [...this.host.old, "current"].map((name) => this.host.text(name)).join("");
  }
}

Deno.test("a log writer has a whole line in current when feed() returns", () => {
  const bench = new Bench();
  bench.feed("one\ntwo\n");
  assertEquals(bench.current, "one\ntwo\n");
  assertEquals(bench.host.calls.get("write"), 1);
});

Deno.test("a log writer keeps the start of a line until its end comes", () => {
  const bench = new Bench();
  bench.feed("on");
  assert(bench.writer.isInLine);
  bench.feed("e");
  assertEquals(bench.current, "");
  bench.feed("\ntw");
  assertEquals(bench.current, "one\n");
  bench.feed("o\n");
  assertEquals(bench.current, "one\ntwo\n");
  assert(!bench.writer.isInLine);
});

Deno.test("a log writer does not wait for the end of a line as long as len", () => {
  const bench = new Bench();
  bench.feed("abcdefghijklmnopqrs");
  assertEquals(bench.current, "");
  bench.feed("t");
  assertEquals(bench.current, "abcdefghijklmnopqrst");
  bench.feed("uvw");
  bench.feed("xyz\nnext\n");
  assertEquals(bench.current, "abcdefghijklmnopqrstuvwxyz\nnext\n");
});

Deno.test("endLine() keeps a last line that lacks its line feed", () => {
  const bench = new Bench();
  bench.feed("one\ntwo");
  bench.writer.endLine();
  bench.writer.endLine();
  assertEquals(bench.current, "one\ntwo\n");
});

Deno.test("a line is stamped with the time when its first byte came", () => {
  const bench = new Bench("", { stamp: "underscore" });
  bench.feed("a\nb");
  bench.host.time = { seconds: 1_700_000_001, nanoseconds: 123_456_789 };
  bench.feed("b\nc\n");
  assertEquals(
    bench.current,
    "2023-11-14_22:13:20.00000 a\n2023-11-14_22:13:20.00000 bb\n2023-11-14_22:13:21.12345 c\n",
  );
});

Deno.test("a line longer than len is stamped with the time when its first byte came", () => {
  const bench = new Bench("", { stamp: "tai64n" });
  bench.feed("abc");
  bench.host.time = { seconds: 1_700_000_001, nanoseconds: 0 };
  bench.feed("defghijklmnopqrstuvw");
  bench.feed("x\ny\n");
  assertEquals(
    bench.current,
    "@400000006553f10a00000000 abcdefghijklmnopqrstuvwx\n@400000006553f10b00000000 y\n",
  );
});

Deno.test("only the first len bytes of a line are replaced and matched", () => {
  const bench = new Bench("-*z*\n", { replacement: replacement(0x2e, encoder.encode("x")) });
  bench.feed("ax\u0001b\nabcdefghijklmnopqrst\u0001xz\nzz\n");
  assertEquals(bench.current, "a..b\nabcdefghijklmnopqrst\u0001xz\n");
});

Deno.test("a deselected long line is left out to its end", () => {
  const bench = new Bench("-a*\n");
  bench.feed("abcdefghijklmnopqrst");
  bench.feed("uvw");
  bench.feed("xyz\nnext\n");
  assertEquals(bench.current, "next\n");
});

Deno.test("alerts have stamp, prefix and the first len bytes", () => {
  const bench = new Bench("pP:\ne*\n-*\n", { stamp: "iso" });
  bench.feed("hello\nabcdefghijklmnopqrst\n");
  assertEquals(bench.host.alerts, [
    "2023-11-14T22:13:20.00000 P:hello\n",
    "2023-11-14T22:13:20.00000 P:abcdefghijklmnopqrst...\n",
  ]);
  assertEquals(bench.current, "");
});

Deno.test("with j in its config a log is made of JSON objects", () => {
  const bench = new Bench("j\np[\n", { stamp: "tai64n" });
  bench.feed(Uint8Array.of(...encoder.encode('"a\\b\t€'), 0xff, 0x0a));
  bench.feed("abcdefghijklmnopqrst");
  bench.feed('u"');
  bench.feed('"v\n');
  const [first, second, rest] = bench.current.split("\n");
  assertEquals(rest, "");
  assertEquals(JSON.parse(first ?? ""), {
    time: "2023-11-14T22:13:20.000000Z",
    message: '["a\\b\t€\udcff',
  });
  assertEquals(JSON.parse(second ?? "").message, '[abcdefghijklmnopqrstu""v');
});

Deno.test("whatever the blocks are, what comes out is the same", () => {
  const next = random(7);
  const number = (below: number): number => Math.floor(next() * below);
  const configs = ["s0\n", "s0\np>\n", "s0\n-*b*\n+*c*\n", "s0\nj\n", "s0\nl\np\n"];
  for (let round = 0; round < 400; round++) {
    const length = 1 + number(400);
    // Few distinct bytes, so that line feeds, matches and invalid UTF-8 come often.
    const alphabet = [0x0a, 0x61, 0x62, 0x63, 0x20, 0xc3, 0xa9, 0xff, 0x00];
    const rareFeeds = next() < 0.3;
    const data = Uint8Array.from({ length }, () => {
      const byte = alphabet[number(alphabet.length)] ?? 0;
      return byte === 0x0a && rareFeeds && next() < 0.9 ? 0x61 : byte;
    });
    const config = configs[round % configs.length] ?? "";
    const options: Partial<LogWriterOptions> = round % 3 === 0
      ? {}
      : round % 3 === 1
      ? { stamp: "underscore" }
      : { replacement: replacement(0x5f, new Uint8Array(0)) };
    const whole = new Bench(config, options);
    whole.feed(data);
    whole.writer.endLine();
    const pieces = new Bench(config, options);
    for (let at = 0; at < length;) {
      const end = Math.min(length, at + 1 + number(60));
      pieces.feed(data.slice(at, end));
      at = end;
    }
    pieces.writer.endLine();
    const bytes = (bench: Bench): number[] => bench.host.files.get("current")?.bytes ?? [];
    // JSON pieces of a long line may cut a character: it is then escaped byte by byte.
    if (config.includes("j")) {
      const lines = (bench: Bench): number => bytes(bench).filter((byte) => byte === 0x0a).length;
      assertEquals(lines(pieces), lines(whole));
      for (const line of pieces.current.split("\n").slice(0, -1)) JSON.parse(line);
    } else {
      assertEquals(bytes(pieces), bytes(whole));
    }
  }
});

Deno.test("very short lines with stamps do not overflow what is collected", () => {
  const bench = new Bench("s0\n", { stamp: "underscore" });
  bench.feed("\n".repeat(5000));
  assertEquals(bench.current, "2023-11-14_22:13:20.00000 \n".repeat(5000));
});

Deno.test("current is rotated at the end of the line that comes within len of its size", async () => {
  const bench = new Bench("s100\nn0\n");
  // 16 bytes a line: after five there are 80 bytes, and no more than 20 are left.
  bench.feed("fifteen letters\n".repeat(12));
  await settled();
  assertEquals(bench.host.old.map((name) => bench.host.text(name).length), [80, 80]);
  assertEquals(bench.current.length, 32);
  assertEquals(bench.all, "fifteen letters\n".repeat(12));
  assertEquals(bench.host.old.every((name) => bench.host.files.get(name)?.mode === 0o744), true);
  assertEquals(bench.host.files.get("current")?.mode, 0o644);
});

Deno.test("a line longer than what is left is split at the size", async () => {
  const bench = new Bench("s50\nn0\n");
  bench.feed("x".repeat(120) + "\n");
  await settled();
  assertEquals(bench.host.old.map((name) => bench.host.text(name).length), [50, 50]);
  assertEquals(bench.all, "x".repeat(120) + "\n");
});

Deno.test("one old file is removed for each that comes in beyond the number", async () => {
  const bench = new Bench("s40\nn2\n");
  for (let i = 0; i < 5; i++) {
    bench.feed(`line number ${i}, which fills it\n`);
    await settled();
  }
  assertEquals(bench.host.old.length, 2);
  assertEquals(bench.all, "line number 3, which fills it\nline number 4, which fills it\n");
});

Deno.test("names of old files never collide, even when the clock stands still or goes back", async () => {
  const bench = new Bench("s40\nn0\n");
  const lines: string[] = [];
  for (let i = 0; i < 6; i++) {
    const line = `line number ${i}, which fills it\n`;
    lines.push(line);
    bench.feed(line);
    await settled();
    if (i === 3) bench.host.time = { seconds: 1_600_000_000, nanoseconds: 0 };
  }
  assertEquals(bench.host.old.length, 6);
  assertEquals(bench.all, lines.join(""));
});

Deno.test("ALRM rotates a current with something in it, and no other", async () => {
  const bench = new Bench();
  bench.writer.rotate();
  await settled();
  assertEquals(bench.host.old, []);
  bench.feed("a\n");
  bench.writer.rotate();
  await settled();
  assertEquals(bench.host.old.length, 1);
  assertEquals(bench.current, "");
});

Deno.test("current is rotated at its age, unless it is empty", async () => {
  const bench = new Bench("t1m\n");
  bench.host.reactor.advance(60_000);
  await settled();
  assertEquals(bench.host.old, []);
  bench.feed("a\n");
  bench.host.reactor.advance(59_999);
  await settled();
  assertEquals(bench.host.old, []);
  bench.host.reactor.advance(1);
  await settled();
  assertEquals(bench.host.old.length, 1);
});

Deno.test("an age longer than a timer can be is waited for all the same", async () => {
  const bench = new Bench("t1000h\n");
  bench.feed("a\n");
  bench.host.reactor.advance(1000 * 3_600_000 - 1);
  await settled();
  assertEquals(bench.host.old, []);
  bench.host.reactor.advance(1);
  await settled();
  assertEquals(bench.host.old.length, 1);
});

Deno.test("a current that was not closed in good order is kept aside", () => {
  const bench = new Bench("", {}, (host) => host.put("current", "torn", 0o644));
  bench.feed("new\n");
  assertEquals(bench.host.old.map((name) => name.at(-1)), ["u"]);
  assertEquals(bench.all, "tornnew\n");
  assertEquals(bench.host.files.get(bench.host.old[0] ?? "")?.mode, 0o644);
});

Deno.test("a current that was closed in good order is appended to", async () => {
  const bench = new Bench(
    "s100\n",
    {},
    (host) => host.put("current", "x".repeat(70) + "\n", 0o744),
  );
  bench.feed("0123456789\n");
  await settled();
  assertEquals(bench.host.old.length, 1);
  assertEquals(bench.current, "");
});

Deno.test("a full disk is waited out, and nothing is lost", async () => {
  const bench = new Bench("s0\n");
  bench.host.capacity = 10;
  bench.feed("0123\n0123\n0123\n");
  assert(bench.writer.isBusy);
  await settled();
  assertEquals(bench.host.said, ["pausing: unable to write to current: log: ENOSPC"]);
  bench.feed("abcd\n");
  bench.host.reactor.advance(3000);
  await settled();
  assertEquals(bench.host.said.length, 2);
  bench.host.capacity = Infinity;
  bench.host.reactor.advance(3000);
  await settled();
  assert(!bench.writer.isBusy);
  assertEquals(bench.ready, 1);
  assertEquals(bench.current, "0123\n0123\n0123\nabcd\n");
});

Deno.test("with N, old files make room on a full disk", async () => {
  const bench = new Bench("s30\nn5\nN1\n", { lineLength: 5 });
  bench.host.capacity = 9 + 75;
  for (let i = 0; i < 8; i++) {
    bench.feed(`${i}`.repeat(24) + "\n");
    await settled();
    assert(!bench.writer.isBusy);
  }
  const warnings = bench.host.said.filter((line) => line.startsWith("warning: out of disk space"));
  assert(warnings.length > 0);
  assert(bench.all.endsWith("7".repeat(24) + "\n"));
});

Deno.test("HUP during a pause takes the new config, and what waits is written", async () => {
  const bench = new Bench("s0\n");
  bench.host.capacity = 10;
  bench.feed("0123\n0123\n0123\n");
  await settled();
  bench.host.capacity = Infinity;
  bench.host.put("config", "s0\np>\n");
  bench.writer.reopen();
  await settled();
  assertEquals(bench.current, "0123\n0123\n0123\n");
  bench.feed("a\n");
  assertEquals(bench.current, "0123\n0123\n0123\n>a\n");
});

Deno.test("HUP in the middle of a long line goes on with it", async () => {
  const bench = new Bench("s0\np>\n");
  bench.feed("abcdefghijklmnopqrstuv");
  bench.writer.reopen();
  await settled();
  bench.feed("w\nx\n");
  assertEquals(bench.current, ">abcdefghijklmnopqrstuvw\n>x\n");
});

Deno.test("what is fed while the directories are reopened is written then", async () => {
  const bench = new Bench("s0\n");
  bench.feed("on");
  bench.host.put("config", "s0\np>\n");
  bench.writer.reopen();
  bench.feed("e\ntw");
  bench.feed("o\n");
  await settled();
  assertEquals(bench.current, ">one\n>two\n");
});

Deno.test("a config that cannot be read on HUP leaves the former one in force", async () => {
  const bench = new Bench("s0\np>\n");
  bench.host.failing.set("read", "EIO");
  bench.writer.reopen();
  await settled();
  assertEquals(bench.host.said, ["warning: unable to read config: log: EIO"]);
  bench.feed("a\n");
  assertEquals(bench.current, ">a\n");
});

Deno.test("a current that cannot be opened is tried again", async () => {
  const bench = new Bench("", {}, (host) => host.failing.set("stat", "EIO"));
  assert(bench.writer.isFunctional);
  bench.feed("a\n");
  await settled();
  assertEquals(bench.host.said, ["pausing: unable to open current: log: EIO"]);
  bench.host.failing.clear();
  bench.host.reactor.advance(3000);
  await settled();
  assertEquals(bench.current, "a\n");
});

for (const call of ["sync", "changeMode", "rename", "listNames"] as const) {
  Deno.test(`a rotation in which ${call} fails is finished when it no longer does`, async () => {
    const bench = new Bench("s40\n");
    bench.host.failing.set(call, "EIO");
    bench.feed("line number 0, which fills it\nnext\n");
    await settled();
    assert(bench.writer.isBusy);
    assert(bench.host.said.every((line) => line.startsWith("pausing: ")));
    bench.host.failing.clear();
    bench.host.reactor.advance(3000);
    await settled();
    assertEquals(bench.all, "line number 0, which fills it\nnext\n");
    assertEquals(bench.host.old.length, 1);
  });
}

Deno.test("a clean end closes every descriptor and leaves current executable", async () => {
  const bench = new Bench("s40\n");
  bench.feed("a\n");
  await bench.writer.close();
  assertEquals(bench.host.files.get("current")?.mode, 0o744);
  assertEquals(bench.host.openCount, 0);
  assertEquals(bench.host.reactor.pending, 0);
});

Deno.test("a directory that cannot be opened is left out with a warning", () => {
  const host = new FakeHost();
  const writer = new LogWriter(["nowhere", "log"], { lineLength: 20 }, host, () => {});
  assertEquals(host.said, ["warning: unable to open log directory: nowhere: ENOENT"]);
  assert(writer.isFunctional);
  const none = new LogWriter(["log"], { lineLength: 20 }, host, () => {});
  assertEquals(host.said.at(-1), "warning: unable to lock directory: log: EAGAIN");
  assert(!none.isFunctional);
});
