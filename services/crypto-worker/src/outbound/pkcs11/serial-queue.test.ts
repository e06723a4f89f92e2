import { deepEqual, equal, rejects } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { SerialQueue } from './serial-queue.ts';

describe('a serial queue', () => {
  it('runs one at a time in order, whatever became of the one before', async () => {
    const queue = new SerialQueue(8);
    const order: string[] = [];
    let running = 0;
    const work = (name: string, fails = false) =>
      queue.run(async () => {
        running += 1;
        equal(running, 1);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(name);
        running -= 1;
        if (fails) throw new Error(name);
        return name;
      });
    const outcomes = await Promise.allSettled([work('a'), work('b', true), work('c')]);
    deepEqual(order, ['a', 'b', 'c']);
    deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
  });

  it('refuses at once beyond its bound and takes again when there is room', async () => {
    const queue = new SerialQueue(2);
    const gate = Promise.withResolvers<void>();
    const waiting = [queue.run(() => gate.promise), queue.run(() => gate.promise)];
    await rejects(
      queue.run(async () => {}),
      (error) => isStrongroomError(error) && error.code === 'overloaded',
    );
    gate.resolve();
    await Promise.all(waiting);
    equal(await queue.run(async () => 1), 1);
  });
});
