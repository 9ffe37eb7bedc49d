import { writeStderr } from "../cli/diagnostics.ts";
import { parseCommandLine, type Request } from "./command_line.ts";
import type { Command } from "./commands.ts";
import { Output } from "./output.ts";
import { Service } from "./service.ts";
import { reportStatus } from "./status_report.ts";
import type { Commanded } from "./waiting.ts";
import { now, waitForAll } from "./waiting.ts";

/** Where services are looked up if `SVDIR` is not set: where Debian's build of the reference does. */
const SERVICES = "/etc/service";
/** The highest exit code that counts failures. */
const MAX_FAILURES = 99;

/**
 * sv(8): reports on services, and controls them.
 *
 * @param argv The arguments: options, a command, services.
 * @param name The base name that it was called by. If that is not `sv` it is the service's: LSB mode.
 * @returns The exit code: the number of services that failed, 99 at most, or 100 for wrong usage. In LSB mode 0, 1, 2 for
 * wrong usage, 3 for a service that is down, 4 where that is unknown.
 */
export async function main(argv: readonly string[], name: string): Promise<number> {
  const request = parseCommandLine(argv, name, Deno.env.get("SVWAIT"));
  if ("message" in request) {
    writeStderr(new TextEncoder().encode(request.message));
    return request.code;
  }
  const { command } = request;
  const output = new Output();
  const servicesDir = Deno.env.get("SVDIR") ?? SERVICES;
  const services = request.names.map((name) => new Service(name, servicesDir, output));
  try {
    if (command.kind === "status") return reportAll(services, request.lsb, output);
    await controlAll(services, command, request, output);
    return Math.min(output.failures, MAX_FAILURES);
  } finally {
    output.flush();
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
  command: Extract<Command, { kind: "control" }>,
  request: Request,
  output: Output,
): Promise<void> {
  const commanded: Commanded[] = [];
  const absence = command.effects === "x" ? "ok" : "fail";
  for (const service of services) {
    if (command.send === "") {
      if (service.enter()) commanded.push({ service, before: undefined });
      continue;
    }
    const before = service.send(command.send, absence);
    if (typeof before !== "string") commanded.push({ service, before });
  }
  output.flush();
  if (command.wait || request.verbose) await waitForAll(commanded, command, request.wait, output);
}
