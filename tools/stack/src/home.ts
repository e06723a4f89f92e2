/** Where a stack keeps its state: one folder that holds all of it, and that `npm run reset` removes. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Home {
  readonly root: string;
  /** The interface for scripts. */
  readonly infoFile: string;
  readonly keys: string;
  readonly hsm: string;
  readonly tls: string;
  readonly postgres: string;
  readonly nats: string;
  readonly redis: string;
  /** Passwords, URLs with passwords and seeds, one file each. */
  readonly secrets: string;
  readonly logs: string;
  /** What sinks of kind `file` get of the log. */
  readonly sinks: string;
  /** What only matters while the stack runs: status files, process list. */
  readonly run: string;
  readonly kmsSocket: string;
}

/** sun_path holds 108 octets with the terminating zero (unix(7)). */
const socketPathBytesMax = 107;

export function homeAt(path: string): Home {
  const root = resolve(path);
  const below = (name: string) => join(root, name);
  return {
    root,
    infoFile: below('stack.json'),
    keys: below('keys'),
    hsm: below('hsm'),
    tls: below('tls'),
    postgres: below('postgres'),
    nats: below('nats'),
    redis: below('redis'),
    secrets: below('secrets'),
    logs: below('logs'),
    sinks: below('sinks'),
    run: below('run'),
    kmsSocket: socketPath(root),
  };
}

/** A home deep in the tree gets a socket elsewhere, in a folder of its own that is named after it. */
function socketPath(root: string): string {
  const path = join(root, 'run', 'kms.sock');
  if (Buffer.byteLength(path) <= socketPathBytesMax) return path;
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return join(tmpdir(), `strongroom-${name}`, 'kms.sock');
}

/** Makes the folders that are not there, for the owner alone. */
export async function makeHome(home: Home): Promise<void> {
  const { root, hsm, tls, nats, redis, secrets, logs, sinks, run, postgres, kmsSocket } = home;
  const folders = [root, hsm, tls, nats, redis, secrets, logs, sinks, run, postgres, join(kmsSocket, '..')];
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 });
}
