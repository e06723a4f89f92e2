import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const toolFolder = join(import.meta.dirname, '..', '..', '..', '.setup', 'bin');

/**
 * Path of a server program: the environment names it, else the folder that set-up fills has it, else the search path.
 * Throws with what to do when there is none.
 */
export function findTool(program: string, variable: string): string {
  const named = process.env[variable];
  if (named !== undefined) return named;
  const folders = [toolFolder, ...(process.env['PATH'] ?? '').split(delimiter)];
  const found = folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`${program} is not installed: run \`npm run setup\` or set ${variable}`);
  return found;
}
