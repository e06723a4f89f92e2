import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkerScene } from '../../testing/worker-scene.ts';

test('a roll call is an entry that has the writer count, and the answer says how to find it', async () => {
  const scene = await WorkerScene.set();
  const subject = { kind: 'secret', name: 'default/database' } as const;
  const { filter } = await scene.ask('audit.roll-call', { subject });
  const entry = scene.deployment.auditLog.entries.findLast(
    ({ operation }) => operation === 'audit.roll-call',
  );
  assert.deepEqual([entry?.counts, entry?.outcome, entry?.phase], [subject, 'done', 'outcome']);
  assert.deepEqual(filter, { anyOf: [{ secret: 'default/database' }, { requestId: entry?.requestId }] });
});
