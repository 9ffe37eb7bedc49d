import type { Diagnostics } from "../cli/diagnostics.ts";
import { BuiltinLoggers } from "../hosting/builtin_loggers.ts";
import { giveMemoryBack } from "../os/allocator.ts";
import { Gate } from "../hosting/turns.ts";
import { hostOs, type Os } from "../os/os.ts";
import { spawnInBackground } from "../os/process.ts";
import { releaseProgramPages } from "../os/program_pages.ts";
import type { Cancel, Reactor } from "../os/reactor.ts";
import { Children } from "../runsv/children.ts";
import type { Arguments } from "./arguments.ts";
import { DescriptorLimit } from "./descriptor_limit.ts";
import { HostedServices } from "./hosted_services.ts";
import type { SupervisionEvents } from "./supervision.ts";
import type { TitleLog } from "./title.ts";

/** Milliseconds after which a start is over for nearly everybody. */
const STARTED = 5000;

/** What {@linkcode superviseHere} is made from. */
export interface SingleProcessOptions {
  readonly reactor: Reactor;
  readonly events: SupervisionEvents;
  readonly diagnostics: Diagnostics;
  readonly args: Pick<Arguments, "session" | "builtinLog">;
  /** The readproctitle log, if there is one. */
  readonly title: Pick<TitleLog, "sink" | "descriptor"> | undefined;
}

/** How many programs are being started at a time, each on a thread that waits for it; more where those do not get on. */
const STARTING = { usual: 4, most: 64 };

/**
 * The system, with programs started on other threads: until one has been found and loaded, whoever starts it waits.
 * Not so where the limit on descriptors has to be put back around it, which is then in force for all threads.
 */
function startingAs(limit: DescriptorLimit, reactor: Reactor): Os {
  if (limit.isRaised) {
    return { ...hostOs, spawn: (options) => limit.asBefore(() => hostOs.spawn(options)) };
  }
  const after = (milliseconds: number, callback: () => void): Cancel =>
    reactor.after(milliseconds, callback);
  const gate = new Gate({ ...STARTING, after });
  return { ...hostOs, spawnInBackground: (options) => gate.pass(() => spawnInBackground(options)) };
}

/** Supervision of all services in this process, put together. */
export function superviseHere(options: SingleProcessOptions): HostedServices {
  const { reactor, events, diagnostics, args, title } = options;
  // What is waited for has nobody who would catch its slips, and none of them is worth all services.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    diagnostics.warning("internal error", event.reason);
  });
  giveMemoryBack();
  const limit = DescriptorLimit.raise();
  const os = startingAs(limit, reactor);
  // Two thirds of what this process has in memory are parts of its file that it may never need again.
  reactor.after(STARTED, releaseProgramPages);
  const children = new Children(os, reactor);
  const stderr = title?.descriptor;
  const loggers = args.builtinLog
    ? new BuiltinLoggers({ os, reactor, children, scripts: true, sink: title?.sink, stderr })
    : undefined;
  return new HostedServices({
    os,
    reactor,
    children,
    events,
    session: args.session,
    sink: title?.sink,
    stderr,
    loggers,
    descriptors: limit.count,
  });
}
