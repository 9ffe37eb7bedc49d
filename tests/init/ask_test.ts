import { assertEquals } from "@std/assert";
import { askFor, type Ending } from "../../src/init/ask.ts";
import type { Place } from "../../src/init/paths.ts";
import { osTest } from "../support/os.ts";
import { TempDir } from "../support/temp_dir.ts";

/** Two places, the directory of the second of which may be missing. */
class Places extends TempDir {
  readonly places: readonly Place[];

  constructor(...directories: readonly ("etc" | "run")[]) {
    super();
    for (const directory of directories) Deno.mkdirSync(`${this.path}/${directory}`);
    this.places = [
      { stopit: `${this.path}/etc/stopit`, reboot: `${this.path}/etc/reboot` },
      { stopit: `${this.path}/run/runit.stopit`, reboot: `${this.path}/run/runit.reboot` },
    ];
  }

  /** Asks, and tells what came of it, without the path of the directory. */
  ask(ending: Ending): { asked: boolean; failures: string[] } {
    const { asked, failures } = askFor(ending, this.places);
    return { asked, failures: failures.map(({ message }) => message.replace(this.path, "")) };
  }

  /** The modes of stopit and reboot, in both places. */
  modes(): (string | undefined)[] {
    return this.places.flatMap(({ stopit, reboot }) => [stopit, reboot]).map((path) => {
      try {
        return ((Deno.statSync(path).mode ?? 0) & 0o7777).toString(8);
      } catch {
        return undefined;
      }
    });
  }
}

const ASKED = { asked: true, failures: [] };

osTest("a halt arms stopit in both places, and makes no reboot", () => {
  using places = new Places("etc", "run");
  assertEquals(places.ask("halt"), ASKED);
  assertEquals(places.modes(), ["100", undefined, "100", undefined]);
});

osTest("a reboot arms both files in both places", () => {
  using places = new Places("etc", "run");
  assertEquals(places.ask("reboot"), ASKED);
  assertEquals(places.modes(), ["100", "100", "100", "100"]);
});

osTest("a halt after a reboot takes all permissions from reboot", () => {
  using places = new Places("etc", "run");
  places.ask("reboot");
  assertEquals(places.ask("halt"), ASKED);
  assertEquals(places.modes(), ["100", "0", "100", "0"]);
});

osTest("a place that does not exist is passed over", () => {
  using places = new Places("run");
  assertEquals(places.ask("reboot"), ASKED);
  assertEquals(places.modes(), [undefined, undefined, "100", "100"]);
});

osTest("a place that cannot be used is told of, and the other is used", () => {
  using places = new Places("etc", "run");
  Deno.mkdirSync(`${places.path}/etc/stopit`);
  assertEquals(places.ask("halt"), {
    asked: true,
    failures: ["unable to create /etc/stopit"],
  });
  assertEquals(places.modes().slice(2), ["100", undefined]);
});

osTest("links into another directory are followed, wherever they lead", () => {
  using places = new Places("etc", "run");
  Deno.symlinkSync("../run/stopit", `${places.path}/etc/stopit`);
  Deno.symlinkSync("../run/reboot", `${places.path}/etc/reboot`);
  assertEquals(places.ask("reboot"), ASKED);
  assertEquals(places.modes(), ["100", "100", "100", "100"]);
  assertEquals(places.ask("halt"), ASKED);
  assertEquals(places.modes(), ["100", "0", "100", "0"]);
  assertEquals(Deno.lstatSync(`${places.path}/etc/stopit`).isSymlink, true);
});

osTest("where nothing can be asked, the reason is told", () => {
  using nowhere = new Places();
  assertEquals(nowhere.ask("halt"), {
    asked: false,
    failures: ["unable to create /etc/stopit", "unable to create /run/runit.stopit"],
  });
  using places = new Places("run");
  Deno.mkdirSync(`${places.path}/run/runit.reboot`);
  assertEquals(places.ask("reboot"), {
    asked: false,
    failures: ["unable to create /run/runit.reboot"],
  });
});
