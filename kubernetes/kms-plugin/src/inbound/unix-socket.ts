/**
 * The socket's place in the file system: a dead socket is removed, a live one and anything that is not a socket are
 * refused. Unlinking whatever is there would let two plugins take turns unseen.
 */
import { lstat, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import { StrongroomError } from '@strongroom/errors';

const probeMs = 1_000;
const worldWritable = 0o002;
const sticky = 0o1000;

/** Throws `configuration-invalid` with the reason. */
export async function preparePlace(path: string): Promise<void> {
  const directory = await stat(dirname(path)).catch(() =>
    refuse('the directory of the socket does not exist'),
  );
  if ((directory.mode & worldWritable) !== 0 && (directory.mode & sticky) === 0) {
    refuse('the directory of the socket is writable for everybody');
  }
  const found = await lstat(path).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return undefined;
    throw fault;
  });
  if (found === undefined) return;
  if (!found.isSocket()) refuse('something that is not a socket is in the place of the socket');
  if (await answers(path)) refuse('another process serves this socket');
  await rm(path);
}

function refuse(detail: string): never {
  throw new StrongroomError('configuration-invalid', { detail });
}

/** Only a refused connection proves that nobody listens. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.setTimeout(probeMs);
    const settle = (isLive: boolean) => {
      socket.destroy();
      resolve(isLive);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(true));
    socket.once('error', (fault: NodeJS.ErrnoException) => {
      if (fault.code === 'ECONNREFUSED' || fault.code === 'ENOENT') settle(false);
      else reject(fault);
    });
  });
}
