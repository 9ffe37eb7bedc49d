import { decodeStatus, type ServiceStatus } from "../../src/service/status.ts";
import { ServicesDir } from "./services_dir.ts";
import { until } from "./until.ts";

/** Services whose states and logs a test looks at. */
export class LoggedServices extends ServicesDir {
  /** The state of a service, or of its logger (`NAME/log`). */
  status(name: string): ServiceStatus {
    const status = decodeStatus(Deno.readFileSync(`${this.path}/${name}/supervise/status`));
    if (status === undefined) throw new Error("no status");
    return status;
  }

  /** Waits until the state is as wanted, and returns it. */
  untilStatus(name: string, condition: (status: ServiceStatus) => boolean): Promise<ServiceStatus> {
    return until(`${name} is as wanted`, () => {
      const status = this.status(name);
      return condition(status) ? status : undefined;
    });
  }

  /** Waits until it runs, as another process than `previous`. */
  untilRuns(name: string, previous = 0): Promise<ServiceStatus> {
    return this.untilStatus(
      name,
      ({ state, pid }) => state === "run" && pid !== 0 && pid !== previous,
    );
  }

  /** Writes control characters. */
  control(name: string, characters: string): void {
    const path = `${this.path}/${name}/supervise/control`;
    using fifo = Deno.openSync(path, { read: true, write: true });
    fifo.writeSync(new TextEncoder().encode(characters));
  }

  /** All lines of its log, the oldest first. */
  lines(name: string): string[] {
    const dir = this.logOf(name);
    for (;;) {
      const old = [...Deno.readDirSync(dir)].map((entry) => entry.name)
        .filter((file) => file.startsWith("@")).toSorted();
      try {
        return [...old, "current"].flatMap((file) =>
          Deno.readTextFileSync(`${dir}/${file}`).split("\n").slice(0, -1)
        );
      } catch (error) {
        // It has just been rotated.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }

  /** Where its log is. */
  logOf(name: string): string {
    return `${this.path}/${name}/log/main`;
  }
}
