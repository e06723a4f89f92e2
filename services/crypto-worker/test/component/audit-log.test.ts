/** The log over the bus: how entries travel, and how it is when the log does not answer. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type CanonicalValue, canonicalBytes, decodeBytes, digestBytes } from '@strongroom/canonical';
import { type AppendRequest, digestDomain, subjects } from '@strongroom/contracts';
import { ed25519Verify } from '@strongroom/sealed';
import { connectedLog, entryBody } from '../../testing/connected-log.ts';

test('entries of one turn are one message, signed by the worker, and each gets its own index', async () => {
  const { log, writer, key } = await connectedLog();
  const bodies = Array.from({ length: 20 }, () => entryBody());
  const indexes = await Promise.all(bodies.map((each) => log.append(each)));
  assert.deepEqual(
    indexes,
    bodies.map((_, index) => index),
  );
  assert.equal(writer.requests.length, 1);
  const [request] = writer.requests;
  assert.deepEqual(request?.bodies, bodies);
  const hashes = bodies.map((each) =>
    createHash('sha256')
      .update(canonicalBytes(each as CanonicalValue))
      .digest(),
  );
  const digest = digestBytes(digestDomain.append, ...hashes);
  assert.ok(ed25519Verify(decodeBytes(key.publicKey), digest, decodeBytes(request?.signature ?? '')));
});

test('many entries go as several messages, and what comes meanwhile gathers', async () => {
  const { log, writer } = await connectedLog();
  const indexes = await Promise.all(Array.from({ length: 600 }, () => log.append(entryBody())));
  assert.equal(new Set(indexes).size, 600);
  assert.ok(writer.requests.length >= 3 && writer.requests.length <= 5, `${writer.requests.length} messages`);
  assert.ok(writer.requests.every(({ bodies }) => bodies.length <= 256));
});

test('an entry that is in the log under another body is told as replayed, and the others have their place', async () => {
  const { log, writer } = await connectedLog();
  writer.change = () => {
    const request = writer.requests[0] as AppendRequest;
    const { runs, ...reply } = writer.answer({ ...request, bodies: request.bodies.slice(1) });
    const moved = runs.map((run) => ({
      ...run,
      receipts: run.receipts.map((receipt) => ({ ...receipt, position: 1 })),
    }));
    return { ...reply, runs: moved, replayed: [0] };
  };
  const [first, second] = await Promise.allSettled([log.append(entryBody()), log.append(entryBody())]);
  assert.equal(first?.status === 'rejected' && first.reason.code, 'request-replayed');
  assert.deepEqual(second, { status: 'fulfilled', value: 2 });
});

test('an entry that is too large for the log is refused by itself', async () => {
  const { log } = await connectedLog();
  const large = entryBody({
    request: {
      filter: 'x'.repeat(16_000),
      a: 'x'.repeat(16_000),
      b: 'x'.repeat(16_000),
      c: 'x'.repeat(16_000),
    },
  });
  const [refused, taken] = await Promise.allSettled([log.append(large), log.append(entryBody())]);
  assert.equal(refused?.status === 'rejected' && refused.reason.code, 'message-too-large');
  assert.equal(taken?.status, 'fulfilled');
});

test('a log that is silent or absent is said to be so within a quarter of a second', async () => {
  const { log, writer } = await connectedLog();
  writer.change = () => new Promise(() => {});
  const timesMs: number[] = [];
  // The fastest of a few: the bound is on the platform, not on a busy machine.
  for (let tried = 0; tried < 5; tried += 1) {
    const started = performance.now();
    await assert.rejects(Promise.all([log.append(entryBody()), log.append(entryBody())]), {
      code: 'audit-unavailable',
    });
    timesMs.push(performance.now() - started);
  }
  assert.ok(Math.min(...timesMs) < 250, `${timesMs.map(Math.round).join(', ')} ms`);
});

test('a log that is busy and says so is waited for', async () => {
  const { log, auditBus, writer } = await connectedLog({ signs: { everyMs: 40, isMoving: () => true } });
  const gate = Promise.withResolvers<void>();
  writer.change = async (reply) => {
    await gate.promise;
    return reply;
  };
  let signs = 0;
  auditBus.transport.onPublished = () => {
    signs += 1;
    // Far more than the silence of the test above.
    if (signs === 10) gate.resolve();
  };
  assert.equal(await log.append(entryBody()), 0);
  assert.ok(signs >= 10);
});

test('an absent log, and one that refuses, are unavailable alike', async () => {
  const { log, writer, auditBus } = await connectedLog();
  writer.change = () => {
    throw new TypeError('out of order');
  };
  await assert.rejects(log.append(entryBody()), { code: 'audit-unavailable' });
  await auditBus.close();
  await assert.rejects(log.append(entryBody()), { code: 'audit-unavailable' });
});

test('what is read of the log fits its schema or is refused', async () => {
  const { log, auditBus } = await connectedLog();
  const filter = { filter: {}, limit: 1, order: 'newest-first' } as const;
  const good = { entries: [], complete: true, size: 0, checkpointSize: 0, heldFrom: 0 };
  let answer: unknown = good;
  await auditBus.respond(subjects.auditQuery, {
    handler: async () => canonicalBytes(answer as CanonicalValue),
  });
  assert.deepEqual(await log.query(filter), good);
  answer = { ...good, extra: 1 };
  await assert.rejects(log.query(filter), { code: 'audit-unavailable' });
  await assert.rejects(log.export({ filter: {}, limit: 1 }), { code: 'audit-unavailable' });
});
