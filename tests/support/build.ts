import { build } from "../../scripts/build/build.ts";

const paths = new Map<string, Promise<string>>();

/**
 * The executable of a tool, compiled anew if a source has changed.
 *
 * @param tool Name of a file in `cmd/`, without its extension.
 * @returns The absolute path of the executable.
 * @throws {Error} If it does not exist or does not compile.
 */
export function built(tool: string): Promise<string> {
  const path = paths.get(tool) ?? make(tool);
  paths.set(tool, path);
  return path;
}

async function make(tool: string): Promise<string> {
  const [made] = await build({ tools: [tool] });
  if (made === undefined) throw new Error(`nothing was built for ${tool}`);
  return made.path;
}
