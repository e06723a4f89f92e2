import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { StackProblem } from '../stack-problem.ts';
import { lastLines } from './process-log.ts';

/** A free port of the loopback interface: the wanted one, where it is free, so that addresses outlive a restart. */
async function findPort(wanted: number | undefined): Promise<number> {
  for (const port of [...(wanted === undefined ? [] : [wanted]), 0]) {
    const probe = createServer();
    probe.listen(port, '127.0.0.1');
    try {
      await once(probe, 'listening');
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code === 'EADDRINUSE' && port !== 0) continue;
      throw fault;
    }
    const address = probe.address();
    probe.close();
    await once(probe, 'close');
    if (address !== null && typeof address === 'object') return address.port;
  }
  throw new StackProblem('there is no free port on the loopback interface');
}

const attemptsMax = 5;
const takenWords = /address (already )?in use|EADDRINUSE/i;

/**
 * Starts a server on a free port. Between finding a port and listening on it somebody else may take it: then the server
 * ends saying so, and gets another.
 */
export async function startOnPort(
  logFile: string,
  wanted: number | undefined,
  start: (port: number) => Promise<void>,
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findPort(attempt === 1 ? wanted : undefined);
    try {
      await start(port);
      return port;
    } catch (problem) {
      // A server that lost the race says so, or somebody else is seen to listen there.
      const isTaken =
        problem instanceof StackProblem &&
        (takenWords.test(lastLines(logFile).join('\n')) || (await isListening(port)));
      if (!isTaken || attempt === attemptsMax) throw problem;
    }
  }
}

/** Whether something listens there. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export const portOf = (url: string | undefined): number | undefined =>
  url === undefined ? undefined : Number(new URL(url).port) || undefined;
