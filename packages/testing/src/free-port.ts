import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port of the loopback interface that was free a moment ago. Another process may take it before the server that it
 * is meant for does: `startOnFreePort` begins again then.
 */
export async function findFreePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  if (address === null || typeof address === 'string') throw new TypeError('the probe has no port');
  probe.close();
  await once(probe, 'close');
  return address.port;
}

const attemptsMax = 5;

/** For servers that cannot choose a port by themselves. A start that fails for another reason fails as often. */
export async function startOnFreePort<Server>(start: (port: number) => Promise<Server>): Promise<Server> {
  const problems: unknown[] = [];
  while (problems.length < attemptsMax) {
    try {
      return await start(await findFreePort());
    } catch (problem) {
      problems.push(problem);
      if (!/address already in use/i.test(String(problem))) break;
    }
  }
  throw new AggregateError(problems, `the server did not start: ${String(problems.at(-1))}`);
}
