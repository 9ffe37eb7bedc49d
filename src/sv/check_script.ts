import { errorCode } from "../os/error.ts";
import { exists } from "../service/controller.ts";
import type { Output } from "./output.ts";
import type { Service } from "./service.ts";

/**
 * Asks a service's `./check` whether the service is available. It runs in the service directory, with standard input
 * and error as they are, and its output thrown away.
 *
 * @returns Whether it is: there is no such script, it ended with 0 or by a signal, or it could not be run, which has
 * been said.
 */
export async function isAvailable(service: Service, output: Output): Promise<boolean> {
  try {
    if (!exists(service.dir, "check")) return true;
  } catch (error) {
    output.warn(`unable to stat ${service.name}/check`, error);
    return false;
  }
  output.flush();
  try {
    const { code, signal } = await new Deno.Command("./check", {
      cwd: service.dir,
      stdin: "inherit",
      stdout: "null",
      stderr: "inherit",
    }).spawn().status;
    return code === 0 || signal !== null;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    output.warn(`unable to run ${service.name}/check`, error);
    return true;
  }
}
