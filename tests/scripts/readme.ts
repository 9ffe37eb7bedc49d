import { ROOT } from "../../scripts/setup/files.ts";

/** The README's text. */
export function readme(): string {
  return Deno.readTextFileSync(`${ROOT}/README.md`);
}

/** The text under a heading of the second level, up to the next. */
export function section(heading: string): string {
  const text = readme();
  const start = text.indexOf(`\n## ${heading}\n`);
  if (start < 0) throw new Error(`README.md has no heading ${heading}`);
  const end = text.indexOf("\n## ", start + 1);
  return text.slice(start, end < 0 ? undefined : end);
}

/** The blocks of code in a text that are marked as `language`; with `""`, those without a mark. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .flatMap(([, mark, code = ""]) => mark === language ? [code] : []);
}

/** The rows of the first table in a text, without its head; each as its cells. */
export function tableRows(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** A text with all that changes from run to run made the same: numbers, and hexadecimal digits of names. */
export function normalized(text: string): string {
  return text.replaceAll(/\/\S*\/runit-deno-demo-[0-9a-f]+/g, "TEMP")
    .replaceAll(/@[0-9a-f]{24}/g, "@STAMP").replaceAll(/\d+/g, "N");
}
