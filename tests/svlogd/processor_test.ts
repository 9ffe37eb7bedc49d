import { assert, assertEquals } from "@std/assert";
import { inputBlock, LogWriter } from "../../src/svlogd/log_writer.ts";
import { FakeHost, settled } from "./fake_host.ts";

const LINE = "line number 0, which fills it\n";

function make(
  config: string,
  prepare?: (host: FakeHost) => void,
): { host: FakeHost; writer: LogWriter } {
  const host = new FakeHost();
  host.put("config", config);
  prepare?.(host);
  return { host, writer: new LogWriter(["log"], { lineLength: 20 }, host, () => {}) };
}

function feed(writer: LogWriter, host: FakeHost, text: string): void {
  const bytes = new TextEncoder().encode(text);
  const input = inputBlock(bytes.length, 20);
  input.bytes.set(bytes, input.start);
  writer.feed(input, bytes.length, host.time);
}

Deno.test("a processor gets the old file, its output, the state and the new state", async () => {
  const { host, writer } = make("s40\n!proc it\n", (host) => host.put("state", "old state"));
  feed(writer, host, LINE);
  await settled();
  const [child] = host.children;
  assert(child !== undefined);
  assertEquals(child.options.path, "/bin/sh");
  assertEquals(child.options.argv.slice(0, 2), ["sh", "-c"]);
  assertEquals(new TextDecoder().decode(child.options.argv[2] as Uint8Array), "proc it");
  assertEquals(child.options.closed, [3]);
  assertEquals(child.options.descriptors?.[2], 2);
  assertEquals(child.input, LINE);
  assertEquals(host.old.map((name) => name.at(-1)), ["t", "u"]);
  child.write("processed\n");
  child.write("new state", 5);
  child.end(0);
  await settled();
  const [old] = host.old;
  assertEquals(host.old.length, 1);
  assertEquals(old?.at(-1), "s");
  assertEquals(host.text(old ?? ""), "processed\n");
  assertEquals(host.files.get(old ?? "")?.mode, 0o744);
  assertEquals(host.text("state"), "new state");
  assert(!host.files.has("newstate"));
});

Deno.test("a processor that fails is started again, at once and then each second", async () => {
  const { host, writer } = make("s40\n!false\n");
  feed(writer, host, LINE);
  await settled();
  host.children[0]?.write("half");
  host.children[0]?.end(1);
  await settled();
  host.reactor.advance(0);
  await settled();
  assertEquals(host.children.length, 2);
  // A signal is no success either.
  host.children[1]?.end(-1);
  await settled();
  host.reactor.advance(999);
  await settled();
  assertEquals(host.children.length, 2);
  host.reactor.advance(1);
  await settled();
  assertEquals(host.children.length, 3);
  assertEquals(host.said, Array(2).fill("warning: processor failed, restart: log"));
  host.children[2]?.write("whole");
  host.children[2]?.end(0);
  await settled();
  assertEquals(host.text(host.old[0] ?? ""), "whole");
});

Deno.test("a rotation waits while the processor of the one before still runs", async () => {
  const { host, writer } = make("s40\n!proc\n");
  feed(writer, host, LINE);
  await settled();
  assert(!writer.isBusy);
  feed(writer, host, LINE);
  await settled();
  assert(writer.isBusy);
  assertEquals(host.children.length, 1);
  host.children[0]?.end(0);
  await settled();
  assert(!writer.isBusy);
  assertEquals(host.children.length, 2);
});

Deno.test("HUP gives up a processor that keeps failing, for what the config says then", async () => {
  const { host, writer } = make("s40\n!false\n");
  feed(writer, host, LINE);
  await settled();
  host.children[0]?.end(1);
  await settled();
  host.put("config", "s40\n!true\n");
  writer.reopen();
  await settled();
  assertEquals(host.children.length, 2);
  host.children[1]?.end(0);
  await settled();
  assertEquals(host.old.map((name) => name.at(-1)), ["s"]);
});

Deno.test("HUP while a rotation waits for a processor takes effect with that rotation", async () => {
  const { host, writer } = make("s40\n!proc\n");
  feed(writer, host, LINE);
  await settled();
  feed(writer, host, `${LINE}next\n`);
  await settled();
  host.put("config", "s0\n");
  writer.reopen();
  await settled();
  assert(writer.isBusy);
  host.children[0]?.write(LINE);
  host.children[0]?.end(0);
  await settled();
  assert(!writer.isBusy);
  assertEquals(host.children.length, 1);
  assertEquals(host.text(host.old[0] ?? "") + host.text("current"), `${LINE}${LINE}next\n`);
});

Deno.test("close() waits for the processor", async () => {
  const { host, writer } = make("s40\n!proc\n");
  feed(writer, host, LINE);
  await settled();
  let closed = false;
  const closing = writer.close().then(() => closed = true);
  await settled();
  // Too late for these.
  writer.reopen();
  writer.rotate();
  await settled();
  assert(!closed);
  host.children[0]?.end(0);
  await closing;
  assertEquals(host.old.map((name) => name.at(-1)), ["s"]);
  assertEquals(host.openCount, 0);
});

const STAMP = "@400000006553f10a00000000";

Deno.test("what a crash left to process is processed at the next start", async () => {
  const { host } = make("!proc\n", (host) => {
    host.put(`${STAMP}.u`, "data");
    host.put(`${STAMP}.t`, "half");
    host.put("newstate", "half");
  });
  await settled();
  assertEquals(host.children[0]?.input, "data");
  host.children[0]?.write("whole");
  host.children[0]?.end(0);
  await settled();
  assertEquals(host.old, [`${STAMP}.s`]);
  assertEquals(host.text(`${STAMP}.s`), "whole");
  assertEquals(host.text("state"), "");
});

Deno.test("a current that a crash left is processed at the next start", async () => {
  const { host } = make("!proc\n", (host) => host.put("current", "torn", 0o644));
  await settled();
  assertEquals(host.children[0]?.input, "torn");
  host.children[0]?.write("torn");
  host.children[0]?.end(0);
  await settled();
  assertEquals(host.old.map((name) => name.at(-1)), ["s"]);
  assertEquals(host.text("current"), "");
});

Deno.test("a result that a crash left beside its source is not made again", async () => {
  const { host } = make("!proc\n", (host) => {
    host.put(`${STAMP}.u`, "data");
    host.put(`${STAMP}.s`, "result");
    host.put("newstate", "new");
    host.put("state", "old");
  });
  await settled();
  assertEquals(host.children.length, 0);
  assertEquals(host.old, [`${STAMP}.s`]);
  assertEquals(host.text("state"), "new");
});

Deno.test("without a processor, unprocessed files are left alone", async () => {
  const { host } = make("", (host) => host.put(`${STAMP}.u`, "data"));
  await settled();
  assertEquals(host.old, [`${STAMP}.u`]);
});

for (const [config, format] of [["z", "gzip"], ["zgzip", "gzip"], ["zzstd", "zstd"]] as const) {
  Deno.test(`with ${config} old files are compressed by ${format}`, async () => {
    const { host, writer } = make(`s40\n${config}\n`);
    feed(writer, host, LINE);
    await writer.close();
    assertEquals(host.old.map((name) => name.at(-1)), ["s"]);
    const bytes = Uint8Array.from(host.files.get(host.old[0] ?? "")?.bytes ?? []);
    assertEquals(await decompress(bytes, format), LINE);
    assertEquals(host.children.length, 0);
  });
}

async function decompress(bytes: Uint8Array, format: "gzip" | "zstd"): Promise<string> {
  const zlib = await import("node:zlib");
  const result = format === "gzip" ? zlib.gunzipSync(bytes) : zlib.zstdDecompressSync(bytes);
  return new TextDecoder().decode(result);
}
