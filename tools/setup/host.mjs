/** What kind of machine this is, and what set-up may do on it. */
import { readFileSync } from 'node:fs';
import { findProgram, tryCommand } from './run-command.mjs';

/**
 * @typedef {object} Release
 * @property {string} id `debian`, `ubuntu`, …; the platform name where there is no such file
 * @property {readonly string[]} like
 * @property {string} codename
 * @property {string} name for people
 */

/**
 * @param {string} text of /etc/os-release
 * @returns {Release}
 */
export function readRelease(text) {
  const fields = new Map(
    text.split('\n').flatMap((line) => {
      const match = /^([A-Z_]+)=(?:"(.*)"|(.*))$/.exec(line.trim());
      return match === null ? [] : [[match[1] ?? '', match[2] ?? match[3] ?? '']];
    }),
  );
  return {
    id: fields.get('ID') ?? process.platform,
    like: (fields.get('ID_LIKE') ?? '').split(' ').filter((id) => id !== ''),
    codename: fields.get('VERSION_CODENAME') ?? '',
    name: fields.get('PRETTY_NAME') ?? process.platform,
  };
}

/** @returns {Release} */
export function release() {
  try {
    return readRelease(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    // macOS and others have no such file.
    return readRelease('');
  }
}

/** @param {Release} of */
export const usesApt = (of) =>
  (of.id === 'debian' || of.like.includes('debian')) && findProgram('apt-get') !== undefined;

/**
 * How to run a command as root: the words that go in front of it; `undefined` where that is not possible.
 * @returns {Promise<readonly string[] | undefined>}
 */
export async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  if (sudo === undefined) return undefined;
  if ((await tryCommand(sudo, ['-n', 'true'])).status === 0) return [sudo, '-n'];
  // sudo asks for its password on the terminal itself; without a terminal nobody could answer.
  if (process.stdin.isTTY) return [sudo];
  return undefined;
}
