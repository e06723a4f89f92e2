/**
 * NDJSON in one folder: `<sink>.ndjson`, and `<sink>.<first entry of the next>.ndjson` for what is closed. The file is opened
 * for each page, so one that was moved or deleted under the service is noticed and made anew; a page is acknowledged when
 * it is on the disk. A torn last line, left by a crash, is cut off: its page comes again.
 */
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileTarget, SinkDefinition } from '@strongroom/contracts';
import type { Sink, SinkPage } from '../../ports/sink.ts';

const indexDigits = 16;
const tailBytes = 131_072;
const lineEnd = 0x0a;

export function openFileSink(
  { name }: Pick<SinkDefinition, 'name'>,
  { rotateBytes, filesMax }: FileTarget,
  directory: string | undefined,
): Sink {
  return {
    async deliver(page, signal) {
      if (directory === undefined) throw new Error('no folder for sinks is configured');
      const path = join(directory, `${name}.ndjson`);
      signal.throwIfAborted();
      const bytes = await append(path, page);
      await syncFolder(directory);
      if (bytes < rotateBytes) return;
      const next = String((page.lines.at(-1)?.index ?? 0) + 1).padStart(indexDigits, '0');
      await rename(path, join(directory, `${name}.${next}.ndjson`));
      await removeOldest(directory, name, filesMax);
      await syncFolder(directory);
    },
  };
}

/** Size of the file afterwards. */
async function append(path: string, { lines, checkpoint }: SinkPage): Promise<number> {
  const file = await open(path, 'a+', 0o640);
  try {
    const before = await cutTornLine(file);
    const texts = [...lines.map(({ text }) => text), ...(checkpoint === undefined ? [] : [checkpoint])];
    const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''), 'utf8');
    await file.appendFile(bytes);
    await file.datasync();
    return before + bytes.length;
  } finally {
    await file.close();
  }
}

async function cutTornLine(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  if (size === 0) return 0;
  const from = Math.max(0, size - tailBytes);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
  const whole = from + buffer.subarray(0, bytesRead).lastIndexOf(lineEnd) + 1;
  if (whole < size) await file.truncate(whole);
  return whole;
}

async function removeOldest(directory: string, name: string, filesMax: number): Promise<void> {
  const closed = (await readdir(directory))
    .filter((file) => file.startsWith(`${name}.`) && /^\d{16}\.ndjson$/.test(file.slice(name.length + 1)))
    .sort();
  for (const file of closed.slice(0, Math.max(0, closed.length - filesMax))) await rm(join(directory, file));
}

async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
