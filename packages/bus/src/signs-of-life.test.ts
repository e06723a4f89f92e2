import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjects } from '@strongroom/contracts';
import { MemoryBusHub } from '@strongroom/testing';
import { decodeFrame, type Frame } from './frame.ts';
import { signEveryMsDefault, silentMsDefault } from './limits.ts';

const subject = subjects.operation('crypto', 'default');
const bytes = (content: string) => Buffer.from(content);

async function pair() {
  const hub = new MemoryBusHub();
  return { gateway: await hub.join('gateway'), worker: await hub.join('crypto-worker') };
}

test('who works long says so and is waited for', async () => {
  const { gateway, worker } = await pair();
  const gate = Promise.withResolvers<Uint8Array>();
  await worker.respond(subject, { handler: () => gate.promise });
  const longEnough = silentMsDefault / signEveryMsDefault + 2;
  let signs = 0;
  worker.transport.onPublished = (_to, sent) => {
    const { records } = decodeFrame(sent, 'answers') as Frame;
    signs += records.filter(({ kind }) => kind === 'sign').length;
    if (signs === longEnough) gate.resolve(bytes('done'));
  };
  const reply = await gateway.request(subject, bytes('x'), {
    deadlineMs: 60_000,
    silentCode: 'worker-silent',
  });
  assert.equal(Buffer.from(reply).toString(), 'done');
  assert.ok(signs >= longEnough);
});

test('who is silent from the start, or falls silent, is given up long before the deadline', async () => {
  const { gateway, worker } = await pair();
  const manage = subjects.operation('manage', 'default');
  await worker.transport.subscribe(subject, 'q', () => undefined);
  await worker.respond(manage, { handler: () => new Promise(() => undefined) });
  const ask = (on: string, options: object) =>
    gateway.request(on, bytes('x'), { deadlineMs: 60_000, ...options }).catch((fault) => fault.code);
  const patient = ask(subject, {});
  const silent = await ask(subject, { silentCode: 'worker-silent' });
  worker.transport.onPublished = () => {
    worker.transport.isConnected = false;
  };
  const fallen = await ask(manage, { silentCode: 'worker-silent' });
  assert.deepEqual([silent, fallen], ['worker-silent', 'worker-silent']);
  // Who did not ask for it still waits.
  assert.equal(gateway.pending, 1);
  await gateway.close();
  assert.equal(await patient, 'deadline-exceeded');
});

test('a sign of life for what nobody waits for any more is no fault of the bus', async () => {
  const { gateway, worker } = await pair();
  await worker.respond(subject, { handler: () => new Promise(() => undefined) });
  const signed = Promise.withResolvers<void>();
  worker.transport.onPublished = () => signed.resolve();
  await assert.rejects(gateway.request(subject, bytes('x'), { deadlineMs: 50 }), {
    code: 'deadline-exceeded',
  });
  await signed.promise;
  await gateway.transport.flush();
  assert.equal(gateway.drops.size, 0);
});

test('a responder whose work stands still gives no sign, and what its requester calls silent is its own', async () => {
  const { gateway, worker } = await pair();
  const gate = Promise.withResolvers<Uint8Array>();
  let isMoving = true;
  let signs = 0;
  await worker.respond(subject, {
    handler: () => gate.promise,
    signs: { everyMs: 40, isMoving: () => isMoving },
  });
  worker.transport.onPublished = () => {
    signs += 1;
    // As many as are needed to have outlived the silence that the requester allows.
    if (signs === 8) isMoving = false;
  };
  const code = await gateway
    .request(subject, bytes('x'), { deadlineMs: 60_000, silentCode: 'audit-unavailable', silentMs: 160 })
    .catch((fault) => fault.code);
  assert.equal(code, 'audit-unavailable');
  assert.equal(signs, 8);
  gate.resolve(bytes('late'));
});
