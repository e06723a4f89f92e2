/** One log file a process. The process writes to it by itself, so that nothing is lost when the stack ends first. */
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync } from 'node:fs';

const tailBytes = 16_384;
const tailLines = 20;

/** Begins a new log and keeps the one before as `.previous`. The file descriptor is the caller's to close. */
export function beginLog(path: string): number {
  if (existsSync(path)) renameSync(path, `${path}.previous`);
  return openSync(path, 'a', 0o600);
}

export function continueLog(path: string): number {
  return openSync(path, 'a', 0o600);
}

/** The last lines of a log; empty where there is none. */
export function lastLines(path: string): string[] {
  if (!existsSync(path)) return [];
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, tailBytes));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    const text = bytes.toString('utf8').trimEnd();
    return text === '' ? [] : text.split('\n').slice(-tailLines);
  } finally {
    closeSync(file);
  }
}
