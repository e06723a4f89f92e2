/** Who holds the log or the database knows all of a request but its secret, and can try every secret that is short. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CanonicalValue, digest, encodeBytes } from '@strongroom/canonical';
import { newRequestId } from '@strongroom/contracts';
import { requestHash } from '@strongroom/sealed';
import { pool, tenant } from '../../testing/deployment.ts';
import { WorkerScene } from '../../testing/worker-scene.ts';

test('a PIN is found by trying neither in the log nor in the registry', async () => {
  const { deployment, worker, alice } = await WorkerScene.set();
  const params = {
    group: 'default',
    name: 'door',
    kind: 'pin',
    value: encodeBytes(Buffer.from('4711')),
  } as const;
  const requestId = newRequestId(deployment.clock.nowMs());
  const notAfter = new Date(deployment.clock.nowMs() + 30_000).toISOString();
  const routing = { v: 1, pool, tenant, class: 'crypto', requestId, notAfter } as const;
  const answer = await alice.call(worker, 'secret.write', params, { requestId, routing });
  assert.equal(answer.status, 'done', JSON.stringify(answer));

  const operation = { operation: 'secret.write', params };
  const guesses = new Set([
    encodeBytes(requestHash(routing, 'secret.write', params)),
    ...['operation', 'repetition'].map((purpose) =>
      encodeBytes(digest(`strongroom/${purpose}/1`, operation as unknown as CanonicalValue)),
    ),
  ]);
  const entries = deployment.auditLog.about(requestId);
  assert.ok(entries.length >= 2, 'intent and outcome');
  assert.equal(
    new Set(entries.map((entry) => entry.requestHash)).size,
    1,
    'the entries of one request agree',
  );
  for (const entry of entries) assert.ok(!guesses.has(entry.requestHash));
  const stored = await deployment.registry.findOutcome('user:alice', requestId);
  assert.ok(stored !== undefined && !guesses.has(stored.requestHash));
});
