/**
 * The state in one file, replaced as a whole: written beside it, flushed, renamed, and the folder flushed. A crash leaves
 * the old file or the new one.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StrongroomError } from '@strongroom/errors';
import type { SeenCheckpoint, WitnessState } from '../ports/state.ts';

const type = 'strongroom.witness-state/1';
const rootForm = /^[A-Za-z0-9+/]{43}=$/;

interface Content {
  readonly type: string;
  readonly logs: Readonly<Record<string, SeenCheckpoint>>;
}

/** Throws `configuration-invalid` where the file is absent or is not such a file. */
export async function openStateFile(path: string): Promise<WitnessState> {
  let logs = parsed(path, await content(path)).logs;
  return {
    seen: (origin) => (Object.hasOwn(logs, origin) ? logs[origin] : undefined),
    async keep(origin, checkpoint) {
      const next = { ...logs, [origin]: checkpoint };
      await replaceStateFile(path, next);
      logs = next;
    },
  };
}

/** Also makes the first one. */
export async function replaceStateFile(path: string, logs: Content['logs']): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ type, logs })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function content(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    // Not made anew: a witness that forgot what it cosigned would cosign another history.
    const detail = `${path} cannot be read; \`strongroom-witness init\` makes the first one, for a new key`;
    throw new StrongroomError('configuration-invalid', { detail, cause });
  }
}

function parsed(path: string, text: string): Content {
  try {
    const value = JSON.parse(text) as Content;
    const isSound =
      value.type === type &&
      Object.values(value.logs).every(
        ({ size, root }) => Number.isSafeInteger(size) && size >= 0 && rootForm.test(root),
      );
    if (isSound) return value;
  } catch {
    // Told below: a parser's message may quote the file.
  }
  throw new StrongroomError('configuration-invalid', { detail: `${path} is not the state of a witness` });
}
