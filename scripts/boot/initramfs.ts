/**
 * The file system that the machine boots from: our executables in one file, the libraries that it needs, a shell, and
 * the files of runit(8).
 *
 * @module
 */

import { join } from "@std/path/join";
import { run } from "../setup/run.ts";

const STEP = "boot";

/** The names that our executable and busybox go by in there. */
const TOOLS = ["runit", "runit-init", "runsv", "runsvdir", "sv", "chpst", "svlogd"] as const;
const APPLETS = ["cat", "chmod", "env", "grep", "mount", "pidof", "sh"] as const;

/**
 * The kernel's first program. A compiled Deno finds itself through `/proc`, so that has to be there before; the
 * initramfs of a distribution does as much.
 */
const INIT = `#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
echo "init at $(cat /proc/uptime)"
exec /sbin/runit-init
`;

const STAGE_1 = `#!/bin/sh
echo "stage 1 at $(cat /proc/uptime)"
`;

const STAGE_2 = `#!/bin/sh
exec env - PATH=/sbin:/bin SVDIR=/service runsvdir -P /service 'log: ......................'
`;

const STAGE_3 = `#!/bin/sh
PATH=/sbin:/bin
echo "stage 3 at $(cat /proc/uptime)"
SVDIR=/service sv force-stop /service/*
SVDIR=/service sv exit /service/*
`;

const CTRLALTDEL = `#!/bin/sh
echo "the keys were pressed"
> /run/runit.stopit
chmod 100 /run/runit.stopit
`;

/** Answers on the console. */
const SERVICE = `#!/bin/sh
exec 0</dev/console 1>/dev/console 2>&1
echo "service at $(cat /proc/uptime)"
while read -r word; do
  case $word in
    status) sv status console;;
    memory)
      grep -E '^Mem(Total|Available)' /proc/meminfo
      for pid in 1 $(pidof runsvdir) $(pidof runsv); do
        echo "$(cat /proc/$pid/comm) $(grep -E '^(Pss|Private_Dirty|Private_Clean):' /proc/$pid/smaps_rollup)"
      done;;
    die) exit 1;;
    0|6) runit-init $word;;
  esac
  echo "answer to $word"
done
`;

const FILES: Readonly<Record<string, string>> = {
  "init": INIT,
  "etc/runit/1": STAGE_1,
  "etc/runit/2": STAGE_2,
  "etc/runit/3": STAGE_3,
  "etc/runit/ctrlaltdel": CTRLALTDEL,
  "service/console/run": SERVICE,
};

/** What {@linkcode makeInitramfs} puts together. */
export interface InitramfsOptions {
  /** Our tools in one executable. */
  readonly executable: string;
  /** A busybox that needs no library. */
  readonly busybox: string;
  /** An empty folder to work in. */
  readonly dir: string;
}

/**
 * Makes the archive.
 *
 * @returns Its path.
 * @throws {SetupError} If a command fails.
 */
export async function makeInitramfs(options: InitramfsOptions): Promise<string> {
  const { executable, busybox, dir } = options;
  const root = join(dir, "root");
  for (const name of ["bin", "sbin", "proc", "sys", "dev", "run", "tmp"]) {
    Deno.mkdirSync(join(root, name), { recursive: true });
  }
  Deno.copyFileSync(executable, join(root, "sbin/multicall"));
  for (const tool of TOOLS) Deno.symlinkSync("multicall", join(root, "sbin", tool));
  Deno.copyFileSync(busybox, join(root, "bin/busybox"));
  for (const applet of APPLETS) Deno.symlinkSync("busybox", join(root, "bin", applet));
  for (const library of await libraries(executable)) {
    const target = join(root, library);
    Deno.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    Deno.copyFileSync(library, target);
  }
  for (const [name, content] of Object.entries(FILES)) {
    const path = join(root, name);
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, content, { mode: 0o755 });
  }
  const archive = join(dir, "initramfs");
  const pack = `find . | "$0" cpio -o -H newc > "$1"`;
  await run(STEP, ["sh", "-c", pack, busybox, archive], "look whether the disk is full", {
    cwd: root,
  });
  return archive;
}

/** The absolute paths of the shared libraries that an executable needs, the dynamic linker among them. */
async function libraries(executable: string): Promise<string[]> {
  const list = await run(STEP, ["ldd", executable], "use glibc");
  return [...list.matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path);
}
