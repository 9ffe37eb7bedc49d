import { type Diagnostics, sayRejections } from "../cli/diagnostics.ts";
import { BuiltinLoggers } from "../hosting/builtin_loggers.ts";
import { giveMemoryBack } from "../os/allocator.ts";
import { hostOs, type Os } from "../os/os.ts";
import { releaseProgramPages } from "../os/program_pages.ts";
import { PollReactor, type Reactor } from "../os/reactor.ts";
import { EpollSet } from "../os/epoll.ts";
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

/**
 * A reactor for many descriptors.
 *
 * @param onError Is told of slips in what it calls back.
 */
export function reactorForMany(onError: (error: unknown) => void): PollReactor {
  if (Deno.build.os !== "linux") return new PollReactor({ onError });
  return new PollReactor({ onError, descriptors: new EpollSet() });
}

/** Supervision of all services in this process, put together. */
export function superviseHere(options: SingleProcessOptions): HostedServices {
  const { reactor, events, diagnostics, args, title } = options;
  // What is waited for has nobody who would catch its slips, and none of them is worth all services.
  sayRejections(diagnostics);
  giveMemoryBack();
  const limit = DescriptorLimit.raise();
  const os: Os = { ...hostOs, spawn: (spawned) => limit.asBefore(() => hostOs.spawn(spawned)) };
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
