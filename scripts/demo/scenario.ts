/**
 * The steps of the demo. Each says what it does, does it, and looks whether it has happened.
 *
 * @module
 */

import { join } from "@std/path/join";
import { get } from "./http.ts";
import * as report from "./report.ts";
import type { Supervision } from "./supervision.ts";

const SERVICES = ["web", "flaky", "standby"] as const;

/**
 * Lays out services, supervises them, has them fail, and stops them.
 *
 * @param port A free one, for the server.
 * @throws {Error} If something did not happen.
 */
export async function scenario(supervision: Supervision, port: number): Promise<void> {
  await layOut(supervision, port);
  await startSupervision(supervision, port);
  await showStatus(supervision);
  await showCrashes(supervision);
  await killDaemon(supervision, port);
  await rotateLog(supervision, port);
  await restartDaemon(supervision, port);
  await stopDaemon(supervision, port);
  await stopSupervision(supervision);
}

async function layOut(supervision: Supervision, port: number): Promise<void> {
  report.step("Three service directories");
  report.command(`export SVDIR=${supervision.services}`);
  await supervision.shell(`cp -R docs/examples/services "$SVDIR"`);
  await supervision.shell(`cd "$SVDIR" && ls -d */*`);
  await supervision.shell(`echo ${port} >"$SVDIR"/web/env/PORT`);
  await supervision.shell(`cat "$SVDIR"/web/run`);
}

async function startSupervision(supervision: Supervision, port: number): Promise<void> {
  report.step("Supervision");
  const since = performance.now();
  supervision.start();
  const { body } = await supervision.until(`port ${port} answers`, () => get(port));
  report.verified(`after ${took(since)} http://127.0.0.1:${port}/ answers: ${body.trim()}`);
}

async function showStatus(supervision: Supervision): Promise<void> {
  report.step("Status, and a service that is normally down");
  const before = await supervision.shell(`sv status ${SERVICES.join(" ")}`);
  expect(before, /^run: web: \(pid \d+\) \d+s; run: log: \(pid \d+\) \d+s$/m);
  expect(before, /^(run|finish): flaky: /m);
  expect(before, /^down: standby: \d+s$/m);
  expect(await supervision.shell("sv start standby"), /^ok: run: standby: \(pid \d+\) \d+s, /);
}

async function killDaemon(supervision: Supervision, port: number): Promise<void> {
  report.step("The daemon is killed");
  const previous = await pidOf(supervision, "web");
  await supervision.shell(`kill -9 ${previous}`);
  const since = performance.now();
  const pid = await supervision.until("the daemon is restarted", async () => {
    const pid = await pidOf(supervision, "web");
    return pid !== undefined && pid !== previous && pid;
  });
  const restarted = took(since);
  const { body } = await supervision.until("it answers again", () => answerOf(port, pid));
  report.verified(`restarted as ${pid} within ${restarted}, answers again after ${took(since)}:`);
  report.output(body);
  expect(await supervision.shell("sv status web"), new RegExp(`^run: web: \\(pid ${pid}\\)`));
}

async function showCrashes(supervision: Supervision): Promise<void> {
  report.step("A service that crashes, and its ./finish");
  const endings = join(supervision.services, "flaky/endings");
  await supervision.until(
    "the flaky service has crashed twice",
    async () => (await Deno.readTextFile(endings)).split("\n").length > 2,
  );
  expect(await supervision.shell(`cat "$SVDIR"/flaky/endings`), /^(exit code 3, signal 0\n){2,}$/);
  const status = await supervision.until("the flaky service runs", async () => {
    const status = await supervision.quietly("sv status flaky");
    return status.startsWith("run: ") && status;
  });
  report.command("sv status flaky");
  report.output(status);
  report.verified("restarted each time");
}

async function rotateLog(supervision: Supervision, port: number): Promise<void> {
  report.step("Its log, with time stamps, rotated at 2000 bytes");
  const log = join(supervision.services, "web/log/main");
  let text = "";
  while ((await oldFiles(log)).length < 2) {
    const { body } = await get(port);
    // The logger is given its time, lest it is so far behind that the oldest file goes before it was looked at.
    text = await supervision.until("a request is in the log", async () => {
      const text = await wholeLog(log);
      return text.includes(`${body.trim()}:`) && text;
    });
  }
  await supervision.shell(`ls "$SVDIR"/web/log/main`);
  await supervision.shell(`cat "$SVDIR"/web/log/main/@*.s | head -n 3`);
  const lines = checkedLines(text);
  report.verified(`all ${lines} lines are there, in order, from before the kill and after it`);
}

async function restartDaemon(supervision: Supervision, port: number): Promise<void> {
  report.step("A restart as an administrator does it");
  // Younger than that, it would be held back for a second, which is the rule but not the point.
  await supervision.until("the daemon has run for over a second", async () => {
    const seconds = (await supervision.quietly("sv status web")).match(/^run: web: .*? (\d+)s/)
      ?.[1];
    return Number(seconds) >= 2;
  });
  const previous = await pidOf(supervision, "web");
  const since = performance.now();
  const status = await supervision.shell("sv restart web");
  const restarted = took(since);
  expect(status, /^ok: run: web: \(pid \d+\) \d+s/);
  const pid = Number(status.match(/pid (\d+)/)?.[1]);
  if (pid === previous) throw new Error(`sv restart left process ${pid} running`);
  await supervision.until("it answers again", () => answerOf(port, pid));
  report.verified(`sv returned after ${restarted}; the new process answers`);
}

async function stopDaemon(supervision: Supervision, port: number): Promise<void> {
  report.step("Stop");
  expect(await supervision.shell("sv stop web"), /^ok: down: web: \d+s, normally up/);
  try {
    await get(port);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    report.verified(`port ${port} refuses connections`);
    return;
  }
  throw new Error(`port ${port} still answers`);
}

async function stopSupervision(supervision: Supervision): Promise<void> {
  report.step("The end of supervision");
  const since = performance.now();
  await supervision.shell(`kill -HUP ${supervision.pid}`);
  const code = await supervision.ended();
  if (code !== 111) throw new Error(`runsvdir: exit code ${code}, not 111`);
  report.verified(`after ${took(since)} no supervisor, logger or service is left`);
}

/** The process of a service, as its supervisor has written it down. */
async function pidOf(supervision: Supervision, service: string): Promise<number | undefined> {
  const text = await Deno.readTextFile(join(supervision.services, service, "supervise/pid"));
  return text === "" ? undefined : Number(text);
}

/** The answer of the server, if that process gave it. */
async function answerOf(port: number, pid: number): Promise<{ body: string } | undefined> {
  const answer = await get(port);
  return answer.body.startsWith(`process ${pid},`) ? answer : undefined;
}

/** The names of a log's old files, the oldest first. */
async function oldFiles(log: string): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(log))).map(({ name }) => name);
  return names.filter((name) => /^@[0-9a-f]{24}\.s$/.test(name)).toSorted();
}

/**
 * All that is in a log.
 *
 * @throws {Error} If it was rotated meanwhile: a file may have been left out then.
 */
async function wholeLog(log: string): Promise<string> {
  const old = await oldFiles(log);
  const paths = [...old, "current"].map((name) => join(log, name));
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(path)));
  if ((await oldFiles(log)).join() !== old.join()) throw new Error("the log was rotated meanwhile");
  return texts.join("");
}

/**
 * Looks whether each line has a stamp, and each process's requests are there, from 1 on.
 *
 * @returns The number of lines.
 */
function checkedLines(text: string): number {
  const lines = text.split("\n").slice(0, -1);
  const counts = new Map<string, number>();
  for (const line of lines) {
    const found = line.match(
      /^\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.\d{5} process (\d+)(?: listens|, request (\d+): GET \/)$/,
    );
    if (found === null) throw new Error(`a line of the log is not as expected: ${line}`);
    const [, process = "", request = "0"] = found;
    const expected = (counts.get(process) ?? -1) + 1;
    if (Number(request) !== expected) {
      throw new Error(`the log has ${line} where request ${expected} was expected`);
    }
    counts.set(process, expected);
  }
  if (counts.size < 2) throw new Error("the log lacks the lines of the killed process");
  return lines.length;
}

function expect(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`expected ${pattern}, got: ${text}`);
}

function took(since: number): string {
  return `${Math.round(performance.now() - since)} ms`;
}
