/**
 * A machine of its own for a process no 1: new pid and mount namespaces, with empty `/etc` and `/run`, and a
 * pseudo-terminal as `/dev/console`. In there, reboot(2) ends the namespace and nothing else. Nothing outside is touched.
 *
 * @module
 */

import { canUnshare, hide, unshare } from "../support/namespace.ts";
import { quoted } from "../support/shell.ts";
import { TempDir } from "../support/temp_dir.ts";

/** What is on the machine, and what process no 1 is. */
export interface MachineOptions {
  /** The executable that becomes process no 1. */
  readonly init: string;
  /** Its arguments. */
  readonly arguments?: readonly string[];
  /** What is to be found as `/sbin/runit`. */
  readonly runit?: string;
  /** What the stages call `runit-init`. */
  readonly runitInit?: string;
  /** The stages, and whatever else is in `/etc/runit`: name to content. What begins with `#!` can be executed. */
  readonly files: Readonly<Record<string, string>>;
  /** Shell commands that make more of it, in `/etc/runit`. */
  readonly before?: string;
}

/** What became of it. */
export interface Outcome {
  /** The lines on the console. */
  readonly console: readonly string[];
  /** How the namespace has ended. */
  readonly end: "reboot" | "power off" | string;
  /** What the stages have left in the file `$OUT`. */
  readonly out: readonly string[];
}

/** Whether a test can have such a machine here. */
export const CAN_HAVE_MACHINE: boolean = Deno.build.os === "linux" &&
  canUnshare("mount and pid") && hasConsole();

function hasConsole(): boolean {
  try {
    return Deno.statSync("/dev/console").isCharDevice === true &&
      new Deno.Command("script", { args: ["--echo", "never", "--version"], stdout: "null" })
        .outputSync().success;
  } catch {
    return false;
  }
}

/** What reboot(2) does to process no 1 of a namespace, as the exit code of what has waited for it: pid_namespaces(7). */
const ENDS: Readonly<Record<string, string>> = { "129": "reboot", "130": "power off" };

/** Seconds after which a machine that does not go down is switched off. */
const LIMIT = 120;

/** Boots a machine and waits until it has gone down. */
export async function boot(options: MachineOptions): Promise<Outcome> {
  using temp = new TempDir();
  for (const [name, content] of Object.entries(options.files)) {
    temp.write(`etc/${name}`, content, content.startsWith("#!") ? 0o755 : 0o644);
  }
  temp.write("out", "");
  temp.write("bin/.keep", "");
  if (options.runitInit !== undefined) {
    Deno.symlinkSync(options.runitInit, `${temp.path}/bin/runit-init`);
  }
  temp.write("machine", script(temp.path, options));
  const outer = [...unshare("mount"), "sh", "-e", `${temp.path}/machine`].map(quoted).join(" ");
  const child = new Deno.Command("timeout", {
    args: [
      "-s",
      "KILL",
      `${LIMIT}`,
      "script",
      "--quiet",
      "--echo",
      "never",
      "--command",
      outer,
      "/dev/null",
    ],
    stdin: "null",
    clearEnv: true,
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", TERM: "linux" },
  });
  const { stdout } = await child.output();
  const lines = new TextDecoder().decode(stdout).replaceAll("\r", "").split("\n").slice(0, -1);
  const code = read(temp, "code");
  return {
    console: lines,
    end: ENDS[code] ?? `code ${code}`,
    out: read(temp, "out").split("\n").filter((line) => line !== ""),
  };
}

function read(temp: TempDir, name: string): string {
  try {
    return temp.read(name).trim();
  } catch {
    return "";
  }
}

/** The shell script that sets the machine up, in a mount namespace already. */
function script(path: string, options: MachineOptions): string {
  const namespaces = unshare("mount and pid").join(" ");
  const begin = [`exec ${[options.init, ...options.arguments ?? []].map(quoted).join(" ")}`];
  if (options.runit !== undefined) {
    begin.unshift(hide("/sbin"), `ln -s ${quoted(options.runit)} /sbin/runit`);
  }
  return [
    `console=$(tty)`,
    `stty raw`,
    hide("/etc"),
    hide("/run"),
    `mkdir /etc/runit`,
    `cp -p ${quoted(path)}/etc/* /etc/runit/`,
    `mount --bind "$console" /dev/console`,
    `cd /etc/runit`,
    options.before ?? ":",
    `cd /`,
    `PATH=${quoted(`${path}/bin`)}:$PATH OUT=${quoted(`${path}/out`)}`,
    `export PATH OUT`,
    `code=0`,
    `${namespaces} sh -e -c ${quoted(begin.join("\n"))} || code=$?`,
    `echo $code > ${quoted(`${path}/code`)}`,
    "",
  ].join("\n");
}
