import type { FakeServiceOptions } from "./fake_service.ts";
import { FakeService } from "./fake_service.ts";

/** A call of sv in a made-up situation. */
export interface Experiment {
  /** What is tried, for people. */
  readonly name: string;
  /** The words after `sv`; the services are in the current directory. */
  readonly args: readonly string[];
  /** The service directories by name. */
  readonly services?: Readonly<Record<string, FakeServiceOptions>>;
  /** The name to call it by, through a link. @default {"sv"} */
  readonly as?: string;
  /** Environment besides PATH; `$DIR` in a value stands for the current directory. */
  readonly env?: Readonly<Record<string, string>>;
  /** What else is to be prepared in the current directory. */
  readonly prepare?: (dir: string) => void;
  /** The user to run it as, which only root can say. */
  readonly uid?: number;
  /** What the supervisor does meanwhile. */
  readonly during?: (services: Readonly<Record<string, FakeService>>) => Promise<void>;
  /** Where ours is meant to differ from the reference. */
  readonly differs?: Difference;
}

/** A difference that is meant, and told in the manual page. */
export interface Difference extends Partial<Outcome> {
  readonly why: string;
}

/** What came of it. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The characters that each service and log service was sent, where any were. */
  readonly sent: Readonly<Record<string, string>>;
}

/** Carries an experiment out, in a directory of its own that is gone afterwards. */
export async function carryOut(sv: string, experiment: Experiment): Promise<Outcome> {
  const dir = Deno.makeTempDirSync({ prefix: "sv-test-" });
  const services: Record<string, FakeService> = {};
  try {
    Deno.chmodSync(dir, 0o755);
    for (const [name, options] of Object.entries(experiment.services ?? {})) {
      services[name] = new FakeService(`${dir}/${name}`, options);
    }
    experiment.prepare?.(dir);
    const link = `${dir}/.bin/${experiment.as ?? "sv"}`;
    Deno.mkdirSync(`${dir}/.bin`);
    // Another user may not be able to reach the one that a link leads to.
    if (experiment.uid === undefined) Deno.symlinkSync(sv, link);
    else Deno.copyFileSync(sv, link);
    const child = new Deno.Command(link, {
      args: [...experiment.args],
      cwd: dir,
      clearEnv: true,
      env: environment(experiment, dir),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(experiment.uid === undefined ? {} : { uid: experiment.uid, gid: experiment.uid }),
    }).spawn();
    const [output] = await Promise.all([child.output(), experiment.during?.(services)]);
    const decoder = new TextDecoder();
    return {
      code: output.code,
      stdout: decoder.decode(output.stdout).replaceAll(dir, "$DIR"),
      stderr: decoder.decode(output.stderr).replaceAll(dir, "$DIR"),
      sent: collect(services),
    };
  } finally {
    for (const service of Object.values(services)) service[Symbol.dispose]();
    // A test may have taken the permission to look into a directory away.
    new Deno.Command("chmod", { args: ["-R", "u+rwX", dir] }).outputSync();
    Deno.removeSync(dir, { recursive: true });
  }
}

function environment(experiment: Experiment, dir: string): Record<string, string> {
  const env: Record<string, string> = { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin" };
  for (const [name, value] of Object.entries({ SVDIR: "$DIR", ...experiment.env })) {
    if (value !== UNSET) env[name] = value.replaceAll("$DIR", dir);
  }
  return env;
}

/** Stands for a variable that is not to be in the environment. */
export const UNSET = "\0";

function collect(services: Readonly<Record<string, FakeService>>): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const [name, service] of Object.entries(services)) {
    for (const [path, one] of [[name, service], [`${name}/log`, service.log]] as const) {
      const characters = one?.sent ?? "";
      if (characters !== "") sent[path] = characters;
    }
  }
  return sent;
}
