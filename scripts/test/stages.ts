/**
 * The stages of the tests, and which file belongs to which.
 *
 * @module
 */

import { ROOT } from "../setup/files.ts";

/** The stages in their order. */
export const STAGES = ["check", "build", "unit", "e2e", "interop", "fault"] as const;

/** One of {@linkcode STAGES}. */
export type Stage = typeof STAGES[number];

/** A stage that consists of test files. */
export type FileStage = Exclude<Stage, "check" | "build">;

/** How a stage of test files is run. */
export interface FileStageSettings {
  /** What it is, for people. */
  readonly title: string;
  /** Seconds after which the whole stage is given up, for a test that hangs. */
  readonly limit: number;
}

/** The stages of test files. In each, files run side by side, as many as there are cores. */
export const FILE_STAGES: Readonly<Record<FileStage, FileStageSettings>> = {
  unit: { title: "unit tests", limit: 180 },
  e2e: { title: "end-to-end tests on the executables", limit: 400 },
  interop: { title: "interoperation with the reference runit", limit: 400 },
  fault: { title: "faults under load", limit: 400 },
};

/** Whether `text` names a stage. */
export function isStage(text: string): text is Stage {
  return (STAGES as readonly string[]).includes(text);
}

/** The stage of a test file, by its path relative to the project. */
export function stageOf(path: string): FileStage {
  if (path.startsWith("tests/interop/")) return "interop";
  if (path.startsWith("tests/fault/")) return "fault";
  return /[_/]e2e_test\.ts$/.test(path) ? "e2e" : "unit";
}

/** What was asked for on the command line. */
export interface Selection {
  /** The stages to run. */
  readonly stages: readonly Stage[];
  /** Parts of paths, one of which a test file must contain; all files if empty. */
  readonly filters: readonly string[];
}

/**
 * Sorts the arguments into stages and parts of paths. With nothing named, all is run; with a path alone, only stages of
 * files are.
 */
export function select(args: readonly string[]): Selection {
  const filters = args.filter((arg) => !isStage(arg)).map((arg) => arg.replace(/^\.\//, ""));
  const named = STAGES.filter((stage) => args.includes(stage));
  if (named.length > 0) return { stages: named, filters };
  if (filters.length === 0) return { stages: STAGES, filters };
  return { stages: STAGES.filter((stage) => stage !== "check" && stage !== "build"), filters };
}

/** All test files, relative to the project, sorted. */
export function testFiles(folder = "tests"): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(`${ROOT}/${folder}`)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...testFiles(path));
    else if (entry.name.endsWith("_test.ts")) found.push(path);
  }
  return found.toSorted();
}

/** The files of a stage that the selection leaves. */
export function filesOf(
  stage: FileStage,
  files: readonly string[],
  filters: readonly string[],
): string[] {
  return files.filter((path) =>
    stageOf(path) === stage &&
    (filters.length === 0 || filters.some((filter) => path.includes(filter)))
  );
}
