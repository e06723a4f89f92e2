import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { GroupCommit } from './group-commit.ts';

/** A commit that ends when the test says so. */
function makeQueue({ batchWeightMax = 4, queueWeightMax = 8 } = {}) {
  const batches: { items: readonly number[]; end: PromiseWithResolvers<readonly string[]> }[] = [];
  const expired = new Set<number>();
  const queue = new GroupCommit<number, string>({
    batchWeightMax,
    queueWeightMax,
    weightOf: (item) => Math.floor(item),
    isExpired: (item) => expired.has(item),
    commit: (items) => {
      const end = Promise.withResolvers<readonly string[]>();
      batches.push({ items, end });
      return end.promise;
    },
  });
  const finish = async (at: number) => {
    batches[at]?.end.resolve(batches[at].items.map((item) => `done ${item}`));
    await turn();
  };
  return { queue, batches, expired, finish };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const hasCode = (code: string) => (fault: unknown) => isStrongroomError(fault) && fault.code === code;

test('what comes in one turn goes together, what comes during a commit is the next batch', async () => {
  const { queue, batches, finish } = makeQueue();
  const answers = [queue.add(1.1), queue.add(1.2)];
  await turn();
  answers.push(queue.add(1.3), queue.add(1.4));
  await turn();
  assert.deepEqual(
    batches.map(({ items }) => items),
    [[1.1, 1.2]],
  );
  await finish(0);
  assert.deepEqual(batches[1]?.items, [1.3, 1.4]);
  await finish(1);
  assert.deepEqual(await Promise.all(answers), ['done 1.1', 'done 1.2', 'done 1.3', 'done 1.4']);
  await queue.settled();
});

test('an item is never divided and none overtakes', async () => {
  const { queue, batches, finish } = makeQueue();
  for (const item of [3.1, 2.1, 1.1]) void queue.add(item);
  await turn();
  await finish(0);
  assert.deepEqual(
    batches.map(({ items }) => items),
    [[3.1], [2.1, 1.1]],
  );
});

test('beyond its bound the queue refuses at once', async () => {
  const { queue, finish } = makeQueue();
  const first = queue.add(4.1);
  await turn();
  const waiting = [queue.add(4.2), queue.add(4.3)];
  await assert.rejects(queue.add(1.1), hasCode('overloaded'));
  assert.equal(queue.queuedWeight, 8);
  for (const at of [0, 1, 2]) await finish(at);
  assert.equal((await Promise.all([first, ...waiting])).length, 3);
  assert.equal(queue.queuedWeight, 0);
});

test('a fault is the answer to its batch and to no other', async () => {
  const { queue, batches, finish } = makeQueue();
  const first = queue.add(4.1);
  await turn();
  const second = queue.add(4.2);
  batches[0]?.end.reject(new Error('lost'));
  await assert.rejects(first, /lost/);
  await turn();
  await finish(1);
  assert.equal(await second, 'done 4.2');
});

test('what nobody waits for any more is not committed', async () => {
  const { queue, batches, expired, finish } = makeQueue();
  void queue.add(4.1);
  await turn();
  const [late, good] = [queue.add(1.1), queue.add(1.2)];
  expired.add(1.1);
  await Promise.all([finish(0), assert.rejects(late, hasCode('deadline-exceeded'))]);
  assert.deepEqual(batches[1]?.items, [1.2]);
  await finish(1);
  await good;
});

test('a batch in which everything expired is no batch', async () => {
  const { queue, batches, expired } = makeQueue();
  expired.add(1.1);
  await assert.rejects(queue.add(1.1), hasCode('deadline-exceeded'));
  await queue.settled();
  assert.deepEqual(batches, []);
});
