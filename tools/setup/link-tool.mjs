import { mkdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { toolFolder } from './places.mjs';

/**
 * Makes `.setup/bin/<name>` name that program. The link appears in one step, so that a stack that is starting meanwhile
 * finds the old one or the new one.
 * @param {string} name
 * @param {string} program
 */
export function linkTool(name, program) {
  const link = join(toolFolder, name);
  if (pointsAt(link) === program) return link;
  mkdirSync(toolFolder, { recursive: true });
  const next = `${link}.${process.pid}`;
  symlinkSync(program, next);
  renameSync(next, link);
  return link;
}

/** @param {string} link */
function pointsAt(link) {
  try {
    return readlinkSync(link);
  } catch {
    // Absent, or a file of its own: both are replaced.
    return undefined;
  }
}
