import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryLog } from '../../testing/memory-log.ts';
import { bodyOf, TestDeployment } from '../../testing/test-deployment.ts';
import { makeTestLog } from '../../testing/test-log.ts';

test('smoke', async () => {
  const deployment = new TestDeployment();
  const store = new MemoryLog();
  const log = makeTestLog({
    deployment,
    witness: deployment.witness(),
    store,
    checkpoints: store,
    reader: store,
  });
  await log.keeper.bringUp();
  const worker = deployment.worker();
  const bodies = [bodyOf(), bodyOf()];
  assert.deepEqual(
    [...(await log.append(worker, bodies))],
    [
      [0, 0],
      [1, 1],
    ],
  );
  assert.deepEqual(
    [...(await log.append(worker, bodies))],
    [
      [0, 0],
      [1, 1],
    ],
  );
  await log.keeper.bringUpToDate();
  const page = await log.exportPage({ filter: {}, limit: 10 });
  assert.equal(page.entries.length, 2);
  assert.equal((await log.query({ filter: {}, limit: 1, order: 'newest-first' })).complete, true);
});
