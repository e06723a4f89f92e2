/**
 * One set-up at a time in one repository: the second waits, and then finds that nothing is missing. The lock is a
 * listening socket, which the kernel gives back whatever way its holder ends, so that none is ever stale; the holder
 * answers every connection with its process id and keeps it open, so that those who wait see its end.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @template Value
 * @param {string} folder that one process at a time works in
 * @param {(holder: number) => void} tellWaiting called once for each holder that is waited for
 * @param {() => Promise<Value>} work
 * @returns {Promise<Value>}
 */
export async function alone(folder, tellWaiting, work) {
  const address = addressOf(folder);
  let server = await take(address);
  while (server === undefined) {
    await waitForEnd(address, tellWaiting);
    server = await take(address);
  }
  try {
    return await work();
  } finally {
    server.release();
  }
}

/**
 * Linux has names without files, which end with the process. Elsewhere the name is a file that may outlive it.
 * @param {string} folder
 */
function addressOf(folder) {
  const name = `strongroom-setup-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), name);
}

/**
 * @param {string} address
 * @returns {Promise<{ release: () => void } | undefined>} `undefined` when another process holds it
 */
async function take(address) {
  /** @type {Set<import('node:net').Socket>} */
  const waiting = new Set();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => {}).on('close', () => waiting.delete(socket));
    socket.write(`${process.pid}\n`);
  });
  try {
    server.listen(address);
    await once(server, 'listening');
  } catch (fault) {
    if (/** @type {NodeJS.ErrnoException} */ (fault).code === 'EADDRINUSE') return undefined;
    throw fault;
  }
  server.unref();
  const release = () => {
    server.close();
    for (const socket of waiting) socket.destroy();
  };
  return { release };
}

/**
 * @param {string} address
 * @param {(holder: number) => void} tellWaiting
 * @returns {Promise<void>}
 */
function waitForEnd(address, tellWaiting) {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('data', (data) => tellWaiting(Number(data.toString('utf8'))));
    socket.on('error', (/** @type {NodeJS.ErrnoException} */ fault) => {
      // A file whose holder is gone. Abstract names have none.
      if (fault.code === 'ECONNREFUSED' && !address.startsWith('\0')) unlinkSync(address);
    });
    socket.on('close', () => resolve());
  });
}
