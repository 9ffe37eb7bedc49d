import { writeStderr } from "../cli/diagnostics.ts";
import { parseCommandLine, type Request, type WrongUsage } from "./command_line.ts";
import type { ControlCommand } from "./commands.ts";
import { Output } from "./output.ts";
import { Service } from "./service.ts";
import { reportStatus } from "./status_report.ts";
import { absenceFor, type Commanded, now, waitForAll } from "./waiting.ts";

/** Where services are looked up if `SVDIR` is not set: where Debian's build of the reference does. */
const SERVICES = "/etc/service";
/** The highest exit code that counts failures. */
const MAX_FAILURES = 99;
/** Exit codes for what keeps sv from doing anything, by its own name and by a service's. */
const FATAL = 100;
const FATAL_LSB = 151;

/**
 * sv(8): reports on services, and controls them.
 *
 * @param argv The arguments: options, a command, services.
 * @param name The base name that it was called by. If that is not `sv` it is the service's: LSB mode.
 * @returns The exit code: the number of services that failed, 99 at most, or 100 for wrong usage and what keeps it from
 * doing anything. In LSB mode 0, 1, 2 for wrong usage, 3 for a service that is down, 4 where that is unknown, 151.
 */
export async function main(argv: readonly string[], name: string): Promise<number> {
  let servicesDir: string;
  let request: Request | WrongUsage;
  try {
    servicesDir = environment("SVDIR") ?? SERVICES;
    request = parseCommandLine(argv, name, environment("SVWAIT"));
  } catch (error) {
    if (!(error instanceof Deno.errors.InvalidData)) throw error;
    say(`fatal: ${error.message}\n`);
    return name === "sv" ? FATAL : FATAL_LSB;
  }
  if ("message" in request) {
    say(request.message);
    return request.code;
  }
  const { command } = request;
  const output = new Output();
  const services = request.names.map((name) => new Service(name, servicesDir, output));
  try {
    if (command.kind === "status") return reportAll(services, request.lsb, output);
    await controlAll(services, command, request, output);
    return Math.min(output.failures, MAX_FAILURES);
  } finally {
    output.flush();
  }
}

function say(text: string): void {
  writeStderr(new TextEncoder().encode(text));
}

/** @throws {Deno.errors.InvalidData} If the value is not UTF-8, and so no name that Deno could open. */
function environment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.InvalidData)) throw error;
    throw new Deno.errors.InvalidData(`unable to use ${name}: not UTF-8`);
  }
}

function reportAll(services: readonly Service[], lsb: boolean, output: Output): number {
  const time = now();
  let code = 0;
  for (const service of services) code = reportStatus(service, time, output);
  return lsb ? code : Math.min(output.failures, MAX_FAILURES);
}

async function controlAll(
  services: readonly Service[],
  command: ControlCommand,
  request: Request,
  output: Output,
): Promise<void> {
  const commanded: Commanded[] = [];
  for (const service of services) {
    if (command.send === "") {
      if (service.enter()) commanded.push({ service, before: undefined });
      continue;
    }
    const before = service.send(command.send, absenceFor(command));
    if (typeof before !== "string") commanded.push({ service, before });
  }
  output.flush();
  if (command.wait || request.verbose) await waitForAll(commanded, command, request.wait, output);
}
