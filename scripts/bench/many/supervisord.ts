/**
 * supervisord as one of the makes.
 *
 * @module
 */

import type { Peer } from "../support/peers.ts";
import { type Command, type Make, type Place, ROTATION } from "./make.ts";

/** supervisord keeps some descriptors for itself, and this many for each service. */
const DESCRIPTORS = { own: 100, each: 4 } as const;

/**
 * supervisord, which writes the logs itself: without time stamps, which it has none of, and rotated as the others do.
 *
 * @param daemon `supervisord`.
 * @param control `supervisorctl`.
 * @param settle Milliseconds that it needs to come to rest.
 */
export function supervisord(daemon: Peer, control: Peer, settle: number): Make {
  const server: Server = { port: freePort(), password: crypto.randomUUID() };
  return {
    name: "supervisord",
    settle,
    lay: (place) => Deno.writeTextFileSync(config(place), configuration(place, server)),
    start: (place) => command(daemon, ["-n", "-c", config(place)]),
    status: (place) => command(control, ["-c", config(place), "status"]),
    down: async (path) => await call(server, "stopProcess", nameOf(path)),
    up: async (path) => await call(server, "startProcess", nameOf(path)),
  };
}

/** Where it listens for commands. */
interface Server {
  readonly port: number;
  readonly password: string;
}

const USER = "bench";

function command({ path, args, env }: Peer, own: readonly string[]): Command {
  return { path, args: [...args, ...own], env };
}

function config({ dir }: Place): string {
  return `${dir}/supervisord.conf`;
}

function configuration({ dir, paths }: Place, { port, password }: Server): string {
  const programs = paths.map((path) => `
[program:${nameOf(path)}]
command=${path}/run
directory=${path}
autorestart=true
redirect_stderr=true
stdout_logfile=${path}/log/main/current
stdout_logfile_maxbytes=${ROTATION.size}
stdout_logfile_backups=${ROTATION.kept}
`);
  return `[supervisord]
logfile=/dev/null
logfile_maxbytes=0
pidfile=${dir}/supervisord.pid
minfds=${DESCRIPTORS.own + DESCRIPTORS.each * paths.length}

[inet_http_server]
port=127.0.0.1:${port}
username=${USER}
password=${password}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=http://127.0.0.1:${port}
username=${USER}
password=${password}
${programs.join("")}`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Calls a method with the name of a service; it returns when the service is in that state. */
async function call({ port, password }: Server, method: string, name: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/RPC2`, {
    method: "POST",
    headers: {
      "Authorization": `Basic ${btoa(`${USER}:${password}`)}`,
      "Content-Type": "text/xml",
    },
    body: `<?xml version="1.0"?><methodCall><methodName>supervisor.${method}</methodName>` +
      `<params><param><value><string>${name}</string></value></param></params></methodCall>`,
  });
  const text = await response.text();
  if (!response.ok || text.includes("<fault>")) throw new Error(`supervisord: ${method}: ${text}`);
}
