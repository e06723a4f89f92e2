/**
 * Processes of one machine change their token in turn. SoftHSM keeps a token in files and empties one of them at every
 * login, so a process that generates a key while another one logs in can be told that the token is gone, and then nobody
 * knows whether the key was made. A device that many machines share has no such moment and needs no turns between them.
 *
 * The turn is a name in the abstract socket namespace of Linux: one process can bind it, and the kernel frees it when that
 * process ends, however it ends. Whoever holds it too long delays the others and stops nobody.
 */
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type TakeTurn = <T>(work: () => Promise<T>) => Promise<T>;

export interface TokenTurnOptions {
  readonly serial: string;
  /** Then the work goes on without; 5 s, which few keys take to be generated. */
  readonly waitMsMax?: number;
}

const waitMsMaxDefault = 5_000;
const lookMs = 4;

export function makeTakeTurn({ serial, waitMsMax = waitMsMaxDefault }: TokenTurnOptions): TakeTurn {
  const name = `\0strongroom-token-${serial}`;
  return async (work) => {
    const turn = await take(name, performance.now() + waitMsMax);
    try {
      return await work();
    } finally {
      turn?.close();
    }
  };
}

async function take(name: string, until: number): Promise<Server | undefined> {
  for (;;) {
    const { turn, isTaken } = await bind(name);
    if (!isTaken || performance.now() > until) return turn;
    // Not in step with the others that wait.
    await delay(lookMs * (0.5 + Math.random()));
  }
}

/** Neither taken nor given where the system has no such names. */
function bind(name: string): Promise<{ readonly turn?: Server; readonly isTaken: boolean }> {
  return new Promise((resolve) => {
    const turn = createServer().unref();
    turn.once('error', (error: NodeJS.ErrnoException) => resolve({ isTaken: error.code === 'EADDRINUSE' }));
    turn.listen(name, () => resolve({ turn, isTaken: false }));
  });
}
