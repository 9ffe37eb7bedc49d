import { assertEquals } from "@std/assert";
import {
  BURST,
  COMPLETION_HOLD,
  type Listed,
  nextDue,
  NO_SERVICES,
  RESTART_HOLD,
  type Services,
  type ServicesEvent,
  startedKeys,
  stepServices,
} from "../../src/runsvdir/services.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function entry(name: string, inode: number, more: Partial<Listed> = {}): Listed {
  return {
    name: encoder.encode(name),
    device: 1n,
    inode: BigInt(inode),
    complete: true,
    settled: 0,
    ...more,
  };
}

/** A set of services, and a clock that the test sets. */
class Fixture {
  services: Services = NO_SERVICES;
  now = 1000;

  /** Takes an event; returns what is to be done, such as `start a` or `stop 0`. */
  take(event: ServicesEvent): string[] {
    const { services, actions } = stepServices(this.services, event, this.now);
    this.services = services;
    return actions.map((action) =>
      action.type === "start" ? `start ${decoder.decode(action.name)}` : `stop ${action.id}`
    );
  }

  list(...entries: Listed[]): string[] {
    return this.take({ type: "listed", entries });
  }

  due(): string[] {
    return this.take({ type: "due" });
  }
}

Deno.test("services of the first scan are started at once, in the order of the directory", () => {
  const set = new Fixture();
  assertEquals(set.list(entry("b", 2, { complete: false }), entry("a", 1)), []);
  assertEquals(nextDue(set.services), set.now);
  assertEquals(set.due(), ["start b", "start a"]);
  assertEquals(nextDue(set.services), undefined);
});

Deno.test("a service that is listed again is left alone", () => {
  const set = new Fixture();
  set.list(entry("a", 1));
  set.due();
  assertEquals(set.list(entry("a", 1)), []);
  assertEquals(set.due(), []);
});

Deno.test("a renamed directory is the same service, and is restarted by its new name", () => {
  const set = new Fixture();
  set.list(entry("a", 1));
  set.due();
  assertEquals(set.list(entry("z", 1)), []);
  set.take({ type: "ended", id: 0 });
  set.now += RESTART_HOLD;
  assertEquals(set.due(), ["start z"]);
});

Deno.test("a link beside the directory it points at is no second service", () => {
  const set = new Fixture();
  set.list(entry("link", 1), entry("a", 1));
  assertEquals(set.due(), ["start link"]);
});

Deno.test("another directory under the same name is another service", () => {
  const set = new Fixture();
  set.list(entry("a", 1));
  set.due();
  assertEquals(set.list(entry("a", 2)), ["stop 0"]);
  assertEquals(set.due(), ["start a"]);
});

Deno.test("the same inode number on another device is another service", () => {
  const set = new Fixture();
  set.list(entry("a", 1));
  set.due();
  assertEquals(set.list(entry("a", 1, { device: 2n })), ["stop 0"]);
});

Deno.test("a removed service is told to end once, and forgotten when it has", () => {
  const set = new Fixture();
  set.list(entry("a", 1));
  set.due();
  assertEquals(set.list(), ["stop 0"]);
  assertEquals(set.list(), []);
  set.take({ type: "ended", id: 0 });
  assertEquals(set.services.all.size, 0);
});

Deno.test("a service that was removed before it was started is forgotten at once", () => {
  const set = new Fixture();
  set.list();
  set.list(entry("a", 1, { complete: false }));
  assertEquals(set.list(), []);
  assertEquals(set.services.all.size, 0);
  assertEquals(nextDue(set.services), undefined);
});

Deno.test("a removed service that comes back is started again when its runsv has ended", () => {
  const set = new Fixture();
  set.list(entry("a", 1));
  set.due();
  set.list();
  assertEquals(set.list(entry("a", 1)), []);
  assertEquals(set.due(), []);
  set.now += RESTART_HOLD;
  set.take({ type: "ended", id: 0 });
  assertEquals(set.due(), ["start a"]);
});

Deno.test("a service that came back and went again stays away", () => {
  const set = new Fixture();
  set.list(entry("a", 1));
  set.due();
  set.list();
  set.list(entry("a", 1));
  assertEquals(set.list(), ["stop 0"]);
  set.take({ type: "ended", id: 0 });
  assertEquals(set.services.all.size, 0);
});

Deno.test("a runsv that ran long is restarted at once, one that did not a second after its start", () => {
  const set = new Fixture();
  set.list(entry("a", 1));
  set.due();
  const started = set.now;
  set.now += 300;
  set.take({ type: "ended", id: 0 });
  assertEquals(nextDue(set.services), started + RESTART_HOLD);
  assertEquals(set.due(), []);
  set.now = started + RESTART_HOLD;
  assertEquals(set.due(), ["start a"]);
  set.now += 5000;
  set.take({ type: "ended", id: 0 });
  assertEquals(set.due(), ["start a"]);
});

Deno.test("one that cannot be started is tried again every second, and holds up no other", () => {
  const set = new Fixture();
  const entries = Array.from({ length: BURST + 1 }, (_, i) => entry(`s${i}`, i + 1));
  set.list(...entries);
  assertEquals(set.due().length, BURST);
  for (let id = 0; id < BURST; id++) set.take({ type: "notStarted", id });
  assertEquals(set.due(), [`start s${BURST}`]);
  set.now += RESTART_HOLD - 1;
  assertEquals(set.due(), []);
  set.now += 1;
  assertEquals(set.due().length, BURST);
});

Deno.test("a thousand services are started in bursts, each once", () => {
  const set = new Fixture();
  set.list(...Array.from({ length: 1000 }, (_, i) => entry(`s${i}`, i + 1)));
  const started: string[] = [];
  while (nextDue(set.services) !== undefined) {
    const burst = set.due();
    assertEquals(burst.length <= BURST, true);
    started.push(...burst);
  }
  assertEquals(started, Array.from({ length: 1000 }, (_, i) => `start s${i}`));
});

Deno.test("a new directory is waited for until it has settled", () => {
  const set = new Fixture();
  set.list();
  set.list(entry("a", 1, { settled: set.now + 20 }));
  assertEquals(set.due(), []);
  assertEquals(nextDue(set.services), set.now + 20);
  set.now += 20;
  assertEquals(set.due(), ["start a"]);
});

Deno.test("a new directory that is not complete is waited for, and then started as it is", () => {
  const set = new Fixture();
  set.list();
  set.list(entry("a", 1, { complete: false }));
  const seen = set.now;
  set.now += 4000;
  set.list(entry("a", 1, { complete: false }));
  assertEquals(nextDue(set.services), seen + COMPLETION_HOLD);
  assertEquals(set.due(), []);
  set.now = seen + COMPLETION_HOLD;
  assertEquals(set.due(), ["start a"]);
});

Deno.test("a new directory is started when it has become complete", () => {
  const set = new Fixture();
  set.list();
  set.list(entry("a", 1, { complete: false }));
  set.now += 100;
  set.list(entry("a", 1));
  assertEquals(set.due(), ["start a"]);
  assertEquals(startedKeys(set.services), new Set(["1:1"]));
});

Deno.test("when all are to end, each is told once, and none is started any more", () => {
  const set = new Fixture();
  set.list(entry("a", 1), entry("b", 2), entry("c", 3));
  set.due();
  set.list(entry("a", 1), entry("b", 2));
  set.take({ type: "ended", id: 1 });
  assertEquals(set.take({ type: "stop" }), ["stop 0"]);
  assertEquals(set.list(entry("d", 4)), []);
  set.take({ type: "ended", id: 0 });
  set.take({ type: "ended", id: 2 });
  assertEquals(set.services.all.size, 0);
  assertEquals(nextDue(set.services), undefined);
});

Deno.test("no services outlive a thousand additions and removals", () => {
  const set = new Fixture();
  set.list();
  for (let i = 0; i < 1000; i++) {
    set.now += 10;
    set.list(entry("a", i));
    set.due();
    set.list();
    set.take({ type: "ended", id: i });
  }
  assertEquals(set.services.all.size, 0);
  assertEquals(set.services.nextId, 1000);
});
