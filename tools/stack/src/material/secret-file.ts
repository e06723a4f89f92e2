import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The content of a file of mode 0600, made the first time. A half-written file is never left: it appears by a rename. */
export async function secretFile(path: string, make: () => string): Promise<string> {
  const found = await readFile(path, 'utf8').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return undefined;
    throw fault;
  });
  if (found !== undefined) return found.trim();
  const made = make();
  await replaceFile(path, made);
  return made;
}

/** A password that needs no quoting anywhere. */
const makePassword = (): string => randomBytes(24).toString('base64url');

export const passwordIn = (folder: string, name: string): Promise<string> =>
  secretFile(join(folder, `${name}.password`), makePassword);

/** Writes a file that only its owner may read, whole or not at all. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, `${text}\n`, { mode: 0o600 });
  await rename(draft, path);
}
