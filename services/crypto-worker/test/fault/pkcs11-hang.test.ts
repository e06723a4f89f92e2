import { deepEqual, equal, ok } from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { createFaultyToken, type FaultyToken } from '../../testing/fault-module/faulty-softhsm.ts';
import { adapterOptions } from '../../testing/softhsm-adapter.ts';

const entry = new URL('../../testing/fault-module/hung-process-main.ts', import.meta.url);

describe('a device whose library does not return from a call', () => {
  let token: FaultyToken;
  before(async () => {
    token = await createFaultyToken();
  });
  after(() => token.stop());

  const start = async (): Promise<{ child: ChildProcess; ended: Promise<unknown[]> }> => {
    const options = { ...adapterOptions(token), changeMsMax: 400, settleMsMax: 300 };
    const child = fork(entry, [JSON.stringify(options)], { env: { ...process.env, ...token.env } });
    const ended = once(child, 'exit');
    await once(child, 'message');
    return { child, ended };
  };

  it('on the thread that serves: the watchdog ends that process alone, within a second', async () => {
    const { child, ended } = await start();
    const other = await start();
    const begin = performance.now();
    token.steering.arm({ call: 'C_GenerateRandom', action: 'hang' });
    // Whichever of the two asks next meets it.
    const first = await Promise.race([ended.then(() => child), other.ended.then(() => other.child)]);
    const tookMs = performance.now() - begin;
    equal(first.signalCode, 'SIGALRM');
    ok(tookMs < 1_500, `${tookMs} ms`);
    const survivor = first === child ? other : { child, ended };
    equal(survivor.child.exitCode ?? survivor.child.signalCode, null);
    token.steering.clear();
    // The token was let go of: a new process connects to it at once.
    const again = await start();
    again.child.kill('SIGTERM');
    survivor.child.kill('SIGTERM');
    await Promise.all([again.ended, survivor.ended]);
  });

  it('on another thread: the change is given up as unknown, then the process ends, since the module is held', async () => {
    const { child, ended } = await start();
    token.steering.arm({ call: 'C_GenerateKey', action: 'hang' });
    child.send('strongroom/hung');
    deepEqual(await once(child, 'message'), ['given up', undefined]);
    deepEqual(await ended, [null, 'SIGALRM']);
    token.steering.clear();
  });
});
