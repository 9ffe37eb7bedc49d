/**
 * A step of the set-up that failed, as one line for a person: which step, what happened, what to do.
 */
export class SetupError extends Error {
  override readonly name = "SetupError";

  /**
   * @param step The step that failed, such as `denort`.
   * @param problem What happened.
   * @param remedy What the reader can do about it.
   * @param options The error underneath, as `cause`.
   */
  constructor(step: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${step}: ${oneLine(problem)}; ${remedy}`, options);
  }
}

/** The last line of a tool's output that says anything: where npm, apt and tar put the reason. */
export function lastLine(output: string): string {
  return output.split("\n").map((line) => line.trim()).findLast((line) => line !== "") ?? "";
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, " ");
}
