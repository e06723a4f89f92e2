/**
 * One stack in one home. The lock is a listening socket, which the kernel gives back whatever way its holder ends, so
 * that none is ever stale; the holder answers with its process id.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type HomeLock =
  | { readonly isHeld: true; readonly release: () => void }
  | { readonly isHeld: false; readonly holder: number };

/** Linux has names without files, which end with the process. Elsewhere the name is a file that may outlive it. */
function addressOf(root: string): string {
  const name = `strongroom-stack-${createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 32)}`;
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), name);
}

/** `root` has to exist. */
export async function lockHome(root: string): Promise<HomeLock> {
  const address = addressOf(root);
  const release = await listen(address);
  if (release !== undefined) return { isHeld: true, release };
  const holder = await askHolder(address);
  if (holder !== undefined) return { isHeld: false, holder };
  // Its holder ended between the two questions, or left a file behind.
  if (!address.startsWith('\0')) rmSync(address, { force: true });
  return lockHome(root);
}

async function listen(address: string): Promise<(() => void) | undefined> {
  const asking = new Set<Socket>();
  const server = createServer((socket) => {
    asking.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => asking.delete(socket));
    socket.end(`${process.pid}\n`);
  });
  server.listen(address);
  try {
    await once(server, 'listening');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw fault;
  }
  server.unref();
  return () => {
    server.close();
    for (const socket of asking) socket.destroy();
  };
}

function askHolder(address: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(address);
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', () => resolve(undefined));
    socket.on('close', () => resolve(Number.parseInt(answer, 10) || undefined));
  });
}
