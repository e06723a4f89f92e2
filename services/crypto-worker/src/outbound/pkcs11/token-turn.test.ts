import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeTakeTurn } from './token-turn.ts';

const module = fileURLToPath(new URL('./token-turn.ts', import.meta.url));

/** Another process that has taken the turn and keeps it. */
async function holder(serial: string) {
  const script = `
    import { makeTakeTurn } from ${JSON.stringify(module)};
    await makeTakeTurn({ serial: ${JSON.stringify(serial)} })(async () => {
      process.stdout.write('held');
      await new Promise((resolve) => process.stdin.once('data', resolve));
    });
    process.stdout.write('given');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

describe('a turn at a token', () => {
  it('comes when the other process gives it, or ends, however it ends', async () => {
    for (const end of ['gives', 'is killed'] as const) {
      const serial = randomUUID();
      const other = await holder(serial);
      let isMine = false;
      const mine = makeTakeTurn({ serial, waitMsMax: 60_000 })(async () => {
        isMine = true;
        return 'done';
      });
      await new Promise((resolve) => setTimeout(resolve, 30));
      equal(isMine, false, end);
      if (end === 'gives') other.stdin.write('now');
      else other.kill('SIGKILL');
      equal(await mine, 'done', end);
      other.stdin.destroy();
      if (other.exitCode === null && other.signalCode === null) await once(other, 'exit');
    }
  });

  it('is awaited for so long and no longer', async () => {
    const serial = randomUUID();
    const other = await holder(serial);
    const began = performance.now();
    equal(await makeTakeTurn({ serial, waitMsMax: 50 })(async () => 'done'), 'done');
    ok(performance.now() - began >= 50);
    other.kill('SIGKILL');
    await once(other, 'exit');
  });

  it('is given back after work that failed, and holds for its own token alone', async () => {
    const [serial, another] = [randomUUID(), randomUUID()];
    const takeTurn = makeTakeTurn({ serial, waitMsMax: 60_000 });
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = takeTurn(async () => {
      await makeTakeTurn({ serial: another })(async () => order.push('another token'));
      await gate.promise;
      order.push('first');
      throw new Error('failed');
    });
    const second = makeTakeTurn({ serial, waitMsMax: 60_000 })(async () => order.push('second'));
    gate.resolve();
    await Promise.allSettled([first, second]);
    deepEqual(order, ['another token', 'first', 'second']);
  });
});
