import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrongroomError } from '@strongroom/errors';
import { AppendQueue } from './append-queue.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function queue() {
  const batches: {
    readonly items: readonly string[];
    readonly answer: PromiseWithResolvers<readonly (number | StrongroomError)[]>;
  }[] = [];
  const made = new AppendQueue<string>({
    itemsMax: 4,
    bytesMax: 10,
    underWayMax: 2,
    bytesOf: (item) => item.length,
    send: (items) => {
      const answer = Promise.withResolvers<readonly (number | StrongroomError)[]>();
      batches.push({ items, answer });
      return answer.promise;
    },
  });
  return { queue: made, batches };
}

test('what one turn brings goes together, within bounds of number and size', async () => {
  const { queue: appends, batches } = queue();
  for (const item of ['a', 'b', 'c', 'd', 'e', 'ffffffff', 'gggg']) void appends.add(item).catch(() => {});
  await turn();
  assert.deepEqual(
    batches.map(({ items }) => items),
    [
      ['a', 'b', 'c', 'd'],
      ['e', 'ffffffff'],
    ],
  );
});

test('while messages are under way the rest gathers, and goes when one is back', async () => {
  const { queue: appends, batches } = queue();
  const results = Promise.all(['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((item) => appends.add(item)));
  await turn();
  assert.equal(batches.length, 2);
  void appends.add('late').catch(() => {});
  await turn();
  assert.equal(batches.length, 2);
  batches[0]?.answer.resolve([1, 2, 3, 4]);
  await turn();
  await turn();
  assert.deepEqual(batches[2]?.items, ['9', 'late']);
  batches[1]?.answer.resolve([5, 6, 7, 8]);
  batches[2]?.answer.resolve([9, 10]);
  assert.deepEqual(await results, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('each gets its own answer, and a failed message also answers those that waited behind it', async () => {
  const { queue: appends, batches } = queue();
  const [one, two] = [appends.add('1'), appends.add('2')];
  await turn();
  batches[0]?.answer.resolve([1, new StrongroomError('request-replayed')]);
  assert.equal(await one, 1);
  await assert.rejects(two, { code: 'request-replayed' });
  const many = Promise.allSettled(Array.from({ length: 10 }, () => appends.add('x')));
  await turn();
  batches[1]?.answer.reject(new StrongroomError('audit-unavailable'));
  batches[2]?.answer.resolve([1, 2, 3, 4]);
  const settled = await many;
  assert.deepEqual(
    settled.map(({ status }) => status === 'fulfilled'),
    [false, false, false, false, true, true, true, true, false, false],
  );
  assert.equal(batches.length, 3, 'nothing is sent after what a silent log was asked already');
});
