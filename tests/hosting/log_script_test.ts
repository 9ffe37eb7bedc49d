import { assertEquals } from "@std/assert";
import { parseLogScript } from "../../src/hosting/log_script.ts";

const SH = "#!/bin/sh\n";

/** What is certainly nothing but svlogd, and with which words. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  [`${SH}exec svlogd -tt ./main\n`]: ["-tt", "./main"],
  [`${SH}exec svlogd -tt ./main`]: ["-tt", "./main"],
  [`${SH}exec  svlogd\t-tt   main  \n`]: ["-tt", "main"],
  [`${SH}\n  # why\n\nexec svlogd /var/log/x\n# the end\n\n`]: ["/var/log/x"],
  [`${SH}set -e\nexec svlogd main\n`]: ["main"],
  [`${SH}set -eu\nexec svlogd main\n`]: ["main"],
  [`${SH}exec svlogd main # into main\n`]: ["main"],
  [`${SH}exec svlogd 'a b' "c d"\n`]: ["a b", "c d"],
  [`${SH}exec svlogd 'a$b\\c*' "it's"\n`]: ["a$b\\c*", "it's"],
  [`${SH}exec svlogd ma'in'"2"\n`]: ["main2"],
  [`${SH}exec svlogd -r_ -R '<>' -l 200 a b\n`]: ["-r_", "-R", "<>", "-l", "200", "a", "b"],
  [`${SH}exec 'svlogd' "-tt" main\n`]: ["-tt", "main"],
  [`${SH}exec /usr/bin/svlogd main\n`]: ["main"],
  [`${SH}exec /usr/local/bin/svlogd main\n`]: ["main"],
  [`${SH}exec svlogd\n`]: [],
  [`#! /bin/sh\nexec svlogd main\n`]: ["main"],
  [`#!/bin/sh -e\nexec svlogd main\n`]: ["main"],
  [`#!/usr/bin/env sh\nexec svlogd main\n`]: ["main"],
  [`#!/bin/bash\nexec svlogd main\n`]: ["main"],
  [`#!/bin/dash\nexec svlogd main\n`]: ["main"],
  [`${SH}exec svlogd größe\n`.replace("größe", "'größe'")]: ["größe"],
};

for (const [text, argv] of Object.entries(TAKEN)) {
  Deno.test(`parseLogScript() takes ${JSON.stringify(text)}`, () => {
    assertEquals(parseLogScript(text), { argv, toStdout: false });
  });
}

for (const line of ["exec 2>&1", "exec  2>&1", "  exec 2>&1  "]) {
  Deno.test(`parseLogScript() sends messages to standard output for "${line}"`, () => {
    const text = `${SH}set -e\n${line}\nexec svlogd main\n`;
    assertEquals(parseLogScript(text), { argv: ["main"], toStdout: true });
  });
}

/** Lines that might mean more than they say. */
const DOUBTFUL: readonly string[] = [
  "exec svlogd $DIR",
  "exec svlogd ${DIR}",
  'exec svlogd "$DIR"',
  "exec svlogd `cat dir`",
  "exec svlogd $(cat dir)",
  'exec svlogd "`cat dir`"',
  "exec svlogd $'main'",
  "exec svlogd *",
  "exec svlogd ma?n",
  "exec svlogd [m]ain",
  "exec svlogd {a,b}",
  "exec svlogd ~/log",
  "exec svlogd ma\\in",
  'exec svlogd "ma\\in"',
  'exec svlogd "main!"',
  "exec svlogd main \\",
  "exec svlogd main &",
  "exec svlogd main;",
  "exec svlogd main; true",
  "exec svlogd main | cat",
  "exec svlogd main || true",
  "exec svlogd main && true",
  "exec svlogd main 2>&1",
  "exec svlogd main 2>/dev/null",
  "exec svlogd main <in",
  "exec svlogd main >out",
  "exec svlogd ''",
  'exec svlogd ""',
  "exec svlogd 'main",
  'exec svlogd "main',
  "exec svlogd main'",
  "exec svlogd a#b",
  "exec svlogd (main)",
  "exec svlogd größe",
  "exec svlogd main\r",
  "exec svlogd main\0",
  "exec svlogd 'ma\0in'",
  "exec svlogd main\nexec svlogd other",
  "exec svlogd main\ntrue",
  "exec svlogd main\nexec 2>&1",
  "svlogd main",
  "svlogd -tt main\nexit 0",
  "exec -a name svlogd main",
  "exec env svlogd main",
  "exec chpst -u log svlogd -tt main",
  "exec setuidgid log svlogd main",
  "exec ./svlogd main",
  "exec bin/svlogd main",
  "exec /opt/svlogd main",
  "exec svlogd.old main",
  "exec multilog t main",
  "exec",
  "A=b exec svlogd main",
  "exec A=b svlogd main",
  "! exec svlogd main",
  "{ exec svlogd main",
  "set -x\nexec svlogd main",
  "set -- a\nexec svlogd main",
  "set -o pipefail\nexec svlogd main",
  "set +e\nexec svlogd main",
  "umask 022\nexec svlogd main",
  "cd /tmp\nexec svlogd main",
  "mkdir -p main\nexec svlogd main",
  "[ -d main ] || mkdir main\nexec svlogd main",
  "sleep 1\nexec svlogd main",
  "PATH=/x\nexec svlogd main",
  "export TZ=UTC\nexec svlogd main",
  "ulimit -n 10\nexec svlogd main",
  ". ./conf\nexec svlogd main",
  "trap '' TERM\nexec svlogd main",
  "exec 2>err\nexec svlogd main",
  "exec >out\nexec svlogd main",
  "exec 1>&2\nexec svlogd main",
  "exec <in\nexec svlogd main",
  "exec 2>&1 3>&1\nexec svlogd main",
  "exec 2> &1\nexec svlogd main",
  "exec 2>&1; exec svlogd main",
  "# a comment alone",
  "",
];

for (const line of DOUBTFUL) {
  Deno.test(`parseLogScript() leaves to the shell: ${JSON.stringify(line)}`, () => {
    assertEquals(parseLogScript(`${SH}${line}\n`), undefined);
  });
}

for (
  const first of [
    "",
    "exec svlogd main",
    "#!/bin/zsh",
    "#!/usr/bin/perl",
    "#!/bin/sh -x",
    "#!/bin/sh -c",
    "#!/bin/sh script",
    "#!/bin/sh -e -u",
    "#!/bin/sh\r",
    "#!/usr/bin/env sh -e",
    "#!/usr/bin/env -S sh",
    "#!/usr/bin/env perl",
    "#!sh",
    "#!./sh",
    " #!/bin/sh",
    "#!/opt/bin/sh",
    "#!/bin/shx",
    "#!/usr/bin/svlogd",
    "#!/bin/busybox sh",
  ]
) {
  Deno.test(`parseLogScript() leaves to the system what begins with "${first}"`, () => {
    assertEquals(parseLogScript(`${first}\nexec svlogd main\n`), undefined);
  });
}
