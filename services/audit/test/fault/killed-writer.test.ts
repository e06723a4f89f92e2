/** A handful of kills; `npm run fault` makes hundreds. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { AuditHost } from '../../testing/audit-host.ts';
import { killWriter } from '../../testing/kill-writer.ts';

test('a writer that is killed under load at random points loses nothing that was acknowledged', async (t) => {
  const seed = randomInt(2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const host = await AuditHost.start();
  try {
    const { acknowledged, entries, takeoverMs } = await killWriter(host, { kills: 5, seed });
    t.diagnostic(`${acknowledged} acknowledged of ${entries}, takeovers ${takeoverMs.map(Math.round)} ms`);
    assert.ok(acknowledged > 5 && entries >= new Set(host.acknowledged.map(({ index }) => index)).size);
  } finally {
    await host.stop();
  }
});
