import { assertEquals, assertThrows } from "@std/assert";
import { groupByName, userByName } from "../../src/os/accounts.ts";
import { OsError } from "../../src/os/error.ts";
import { identity, setUserId } from "../../src/os/ids.ts";
import { osTest } from "../support/os.ts";

osTest("identity() is what the system says", () => {
  const status = Deno.readTextFileSync("/proc/self/status");
  const numbers = (name: string) =>
    status.match(new RegExp(`^${name}:(.*)$`, "m"))?.[1]?.split(/\s+/).filter(Boolean).map(
      Number,
    );
  const { uids, gids, groups } = identity();
  assertEquals(uids, numbers("Uid")?.slice(0, 3));
  assertEquals(gids, numbers("Gid")?.slice(0, 3));
  assertEquals(groups, numbers("Groups"));
}, { ignore: Deno.build.os !== "linux" });

osTest("setUserId() throws for what is no user id", () => {
  const error = assertThrows(() => setUserId(0xffffffff), OsError);
  assertEquals([error.code, error.syscall], ["EINVAL", "setuid"]);
});

osTest("userByName() and groupByName() find root's", () => {
  assertEquals(userByName("root"), { uid: 0, gid: 0 });
  assertEquals(groupByName(Deno.build.os === "darwin" ? "wheel" : "root"), 0);
});

osTest("userByName() and groupByName() find nobody of a name that there is not", () => {
  assertEquals(userByName("no such user"), undefined);
  assertEquals(userByName(""), undefined);
  assertEquals(groupByName("no such group"), undefined);
});
