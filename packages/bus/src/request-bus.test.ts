/** Multiplexer and responders against each other, over the transport of component tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ServiceName, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { type MemoryBus, MemoryBusHub, type MemoryBusOptions } from '@strongroom/testing';
import fc from 'fast-check';
import { decodeFrame, encodeFrame, type Frame } from './frame.ts';
import { batchRecordsMax, pendingMaxDefault, recordBytesMax } from './limits.ts';

const subject = subjects.operation('crypto', 'default');
const bytes = (content: string) => Buffer.from(content);
const deadlineMs = 2_000;
const echo = async (request: Uint8Array) => request;

async function pair(options: MemoryBusOptions = {}) {
  const hub = new MemoryBusHub();
  const gateway = await hub.join('gateway', options);
  const worker = await hub.join('crypto-worker', options);
  return { hub, gateway, worker };
}

/** Frames that a bus sent, per subject. */
function tap(bus: MemoryBus, holds: 'requests' | 'answers') {
  const frames: { to: string; reply: string | undefined; frame: Frame }[] = [];
  bus.transport.onPublished = (to, sent, reply) => {
    frames.push({ to, reply, frame: decodeFrame(sent, holds) as Frame });
  };
  return frames;
}

test('requests of one turn travel as one message, and so do their answers', async () => {
  const { gateway, worker } = await pair();
  const asked = tap(gateway, 'requests');
  const answered = tap(worker, 'answers');
  await worker.respond(subject, { handler: echo });
  const contents = Array.from({ length: batchRecordsMax + 6 }, (_, index) => `r${index}`);
  const replies = await Promise.all(
    contents.map((one) => gateway.request(subject, bytes(one), { deadlineMs })),
  );
  assert.deepEqual(
    replies.map((reply) => Buffer.from(reply).toString()),
    contents,
  );
  assert.deepEqual(
    asked.map(({ frame }) => frame.records.length),
    [batchRecordsMax, 6],
  );
  assert.equal(
    answered.reduce((sum, { frame }) => sum + frame.records.length, 0),
    contents.length,
  );
  assert.ok(answered.length <= 2);
});

test('requests to different subjects do not share a message', async () => {
  const { gateway, worker } = await pair();
  const asked = tap(gateway, 'requests');
  const manage = subjects.operation('manage', 'default');
  for (const one of [subject, manage]) await worker.respond(one, { handler: echo });
  await Promise.all([subject, manage].map((one) => gateway.request(one, bytes('x'), { deadlineMs })));
  assert.deepEqual(asked.map(({ to }) => to).sort(), [subject, manage].sort());
});

test('a batch is closed before it grows past its bytes; a large record travels alone', async () => {
  const { gateway, worker } = await pair();
  await worker.respond(subject, { handler: echo });
  const asked = tap(gateway, 'requests');
  const sizes = [recordBytesMax, 300_000, 200_000, 100_000, 10];
  const replies = await Promise.all(
    sizes.map((size) => gateway.request(subject, new Uint8Array(size), { deadlineMs })),
  );
  assert.deepEqual(
    replies.map((reply) => reply.length),
    sizes,
  );
  assert.deepEqual(
    asked.map(({ frame }) => frame.records.length),
    [1, 2, 2],
  );
  await assert.rejects(gateway.request(subject, new Uint8Array(recordBytesMax + 1), { deadlineMs }), {
    code: 'message-too-large',
  });
});

test('an answer counts only where its request was asked', async () => {
  const { gateway, worker } = await pair();
  const asked = tap(gateway, 'requests');
  const gate = Promise.withResolvers<Uint8Array>();
  await worker.respond(subject, { handler: () => gate.promise });
  const manage = subjects.operation('manage', 'default');
  await worker.respond(manage, { handler: echo });
  const waiting = gateway.request(subject, bytes('x'), { deadlineMs });
  await gateway.request(manage, bytes('y'), { deadlineMs });
  const [first, second] = asked as [(typeof asked)[0], (typeof asked)[0]];
  const id = first.frame.records[0]?.id as number;
  const forged = encodeFrame([{ id, kind: 'reply', remainingMs: 0, bytes: bytes('forged') }], Date.now());
  worker.transport.publish(second.reply as string, forged);
  await gateway.transport.flush();
  assert.equal(gateway.drops.get('wrong-endpoint'), 1);
  gate.resolve(bytes('true'));
  assert.equal(Buffer.from(await waiting).toString(), 'true');
});

test('nobody listening fails the requests of that message and no other', async () => {
  const { gateway, worker } = await pair();
  await worker.respond(subject, { handler: echo });
  const absent = subjects.operation('crypto', 'elsewhere');
  const outcomes = await Promise.allSettled([
    gateway.request(absent, bytes('a'), { deadlineMs }),
    gateway.request(subject, bytes('b'), { deadlineMs }),
    gateway.request(absent, bytes('c'), { deadlineMs, absentCode: 'hsm-unavailable' }),
  ]);
  assert.deepEqual(
    outcomes.map((one) => (one.status === 'fulfilled' ? 'done' : one.reason.code)),
    ['worker-unavailable', 'done', 'hsm-unavailable'],
  );
});

test('no answer in time is an unknown outcome; the late answer is dropped', async () => {
  const { gateway, worker } = await pair();
  const gate = Promise.withResolvers<Uint8Array>();
  await worker.respond(subject, { handler: () => gate.promise });
  const started = performance.now();
  const error = await gateway.request(subject, bytes('x'), { deadlineMs: 50 }).catch((fault) => fault);
  assert.equal(error.code, 'deadline-exceeded');
  assert.equal(error.descriptor.outcome, 'unknown');
  assert.ok(performance.now() - started < 500);
  gate.resolve(bytes('late'));
  await gateway.transport.flush();
  await gateway.transport.flush();
  assert.equal(gateway.drops.get('unknown-id'), 1);
});

test('a deadline that has passed sends nothing', async () => {
  const { gateway } = await pair();
  const asked = tap(gateway, 'requests');
  for (const late of [0, -5, Number.NaN]) {
    await assert.rejects(gateway.request(subject, bytes('x'), { deadlineMs: late }), {
      code: 'deadline-exceeded',
    });
  }
  assert.equal(asked.length, 0);
});

test('pending requests are bounded', async () => {
  const { gateway, worker } = await pair({ pendingMax: 10 });
  await worker.respond(subject, { handler: echo });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 15 }, () => gateway.request(subject, bytes('x'), { deadlineMs })),
  );
  assert.equal(outcomes.filter((one) => one.status === 'fulfilled').length, 10);
  const refused = outcomes.filter((one) => one.status === 'rejected').map((one) => one.reason);
  assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(['overloaded']));
  assert.ok(refused[0].retryAfterMs > 0);
  assert.ok(pendingMaxDefault > 256);
});

test('a responder takes no more than its bound in flight, and says so at once', async () => {
  const { gateway, worker } = await pair();
  const gate = Promise.withResolvers<Uint8Array>();
  const handle = await worker.respond(subject, { handler: () => gate.promise, inFlightMax: 3 });
  const asked = Array.from({ length: 5 }, () => gateway.request(subject, bytes('x'), { deadlineMs }));
  const refused = await Promise.all(asked.slice(3).map((one) => one.catch((error) => error.code)));
  assert.deepEqual(refused, ['overloaded', 'overloaded']);
  assert.equal(handle.inFlight, 3);
  gate.resolve(bytes('done'));
  await Promise.all(asked.slice(0, 3));
  assert.equal(handle.inFlight, 0);
});

test('a lost connection: what was sent is unknown, what was not sent did not happen', async () => {
  const { gateway, worker } = await pair();
  await worker.respond(subject, { handler: () => new Promise(() => undefined) });
  const sent = gateway.request(subject, bytes('x'), { deadlineMs });
  await new Promise((resolve) => setImmediate(resolve));
  const unsent = gateway.request(subject, bytes('y'), { deadlineMs });
  gateway.disconnect();
  await assert.rejects(sent, (error: StrongroomError) => error.descriptor.outcome === 'unknown');
  await assert.rejects(unsent, { code: 'bus-unavailable' });
  await assert.rejects(gateway.request(subject, bytes('z'), { deadlineMs }), { code: 'bus-unavailable' });
  assert.equal(gateway.pending, 0);
});

test('an answer that was made while the connection was away is not sent later', async () => {
  const { gateway, worker } = await pair();
  const gate = Promise.withResolvers<Uint8Array>();
  await worker.respond(subject, { handler: () => gate.promise });
  const asked = gateway.request(subject, bytes('x'), { deadlineMs: 100 });
  await gateway.transport.flush();
  worker.disconnect();
  gate.resolve(bytes('late'));
  await assert.rejects(asked, { code: 'deadline-exceeded' });
  worker.reconnect();
  assert.equal(worker.drops.get('answer-lost'), 1);
  assert.equal(gateway.drops.size, 0);
});

test('expired work is dropped unprocessed', async () => {
  const hub = new MemoryBusHub();
  const worker = await hub.join('crypto-worker', { clockSkewMsMax: 100 });
  const gateway = await hub.join('gateway');
  let handled = 0;
  await worker.respond(subject, {
    handler: async (request) => {
      handled += 1;
      return request;
    },
  });
  const send = (ageMs: number) =>
    gateway.transport.publish(
      subject,
      encodeFrame([{ id: 1, kind: 'request', remainingMs: 1_000, bytes: bytes('x') }], Date.now() - ageMs),
      '_INBOX_gateway.x.1.1',
    );
  send(5_000);
  send(-5_000);
  send(500);
  await gateway.transport.flush();
  assert.equal(handled, 2);
  assert.equal(worker.drops.get('expired'), 1);
});

test('an answer goes to an inbox, never where the requester may not publish itself', async () => {
  const { gateway, worker } = await pair();
  const answered = tap(worker, 'answers');
  await worker.respond(subject, { handler: echo });
  const frame = encodeFrame([{ id: 1, kind: 'request', remainingMs: 1_000, bytes: bytes('x') }], Date.now());
  const traps = [
    'sr.v1.audit.append',
    '$JS.API.STREAM.PURGE.SR_EVENTS',
    '_INBOX_gateway.>',
    '_INBOX_gateway.x.1.1 y',
    '',
  ];
  for (const trap of [...traps, undefined]) gateway.transport.publish(subject, frame, trap);
  await gateway.transport.flush();
  await gateway.transport.flush();
  assert.equal(answered.length, 0);
  assert.equal(worker.drops.get('reply-subject'), traps.length + 1);
});

test('any bytes to a responder or an inbox are dropped and counted, and good requests go on', async () => {
  const { gateway, worker } = await pair();
  const asked = tap(gateway, 'requests');
  await worker.respond(subject, { handler: echo });
  await gateway.request(subject, bytes('learn the inbox'), { deadlineMs });
  const inbox = asked[0]?.reply as string;
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (hostile) => {
      gateway.transport.publish(subject, hostile, '_INBOX_gateway.x.1.1');
      worker.transport.publish(inbox, hostile);
      const reply = await gateway.request(subject, hostile, { deadlineMs });
      assert.deepEqual([...reply], [...hostile]);
    }),
    { numRuns: 50 },
  );
  const count = (bus: MemoryBus) => [...bus.drops.values()].reduce((sum, one) => sum + one, 0);
  assert.equal(count(worker), 50);
  assert.equal(count(gateway), 50);
});

test('drain: intake ends, handlers finish and may still ask others, their answers arrive', async () => {
  const { hub, gateway, worker } = await pair();
  const audit = await hub.join('audit');
  await audit.respond(subjects.auditAppend, { handler: echo });
  const taken = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  await worker.respond(subject, {
    handler: async (request) => {
      taken.resolve();
      await gate.promise;
      return worker.request(subjects.auditAppend, request, { deadlineMs });
    },
  });
  const asked = gateway.request(subject, bytes('x'), { deadlineMs });
  await taken.promise;
  const drained = worker.drain();
  assert.equal(worker.state, 'draining');
  await assert.rejects(gateway.request(subject, bytes('y'), { deadlineMs }), { code: 'worker-unavailable' });
  await assert.rejects(worker.respond(subject, { handler: echo }), { code: 'stopping' });
  gate.resolve();
  await drained;
  assert.equal(Buffer.from(await asked).toString(), 'x');
  await assert.rejects(worker.request(subjects.auditAppend, bytes('z'), { deadlineMs }), {
    code: 'stopping',
  });
});

test('a handler that throws at once is answered like one that rejects', async () => {
  const { gateway, worker } = await pair();
  await worker.respond(subject, {
    handler: () => {
      throw new StrongroomError('absent');
    },
  });
  await assert.rejects(gateway.request(subject, bytes('x'), { deadlineMs }), { code: 'absent' });
});

test('a subject that a service may not use is refused at once', async () => {
  const { gateway, worker } = await pair();
  const foreign: [MemoryBus, ServiceName][] = [
    [gateway, 'gateway'],
    [worker, 'crypto-worker'],
  ];
  for (const [bus, name] of foreign) {
    const target = name === 'gateway' ? subjects.auditAppend : subjects.execute('default');
    await assert.rejects(bus.request(target, bytes('x'), { deadlineMs }), {
      code: 'bus-unavailable',
      detail: /may not publish/,
    });
    await assert.rejects(bus.respond(subjects.auditQuery, { handler: echo }), {
      detail: /may not subscribe/,
    });
  }
});

test('what is no subject is not asked on', async () => {
  const { gateway } = await pair();
  const asked = tap(gateway, 'requests');
  for (const strange of [
    '',
    'a b',
    'a..b',
    'sr.v1.crypto.*',
    'sr.>',
    'a\r\nPUB b 0',
    '$JS.API.INFO',
    '.a',
    'a.',
  ]) {
    await assert.rejects(gateway.request(strange, bytes('x'), { deadlineMs }), TypeError, strange);
  }
  assert.equal(asked.length, 0);
  assert.equal(gateway.pending, 0);
});

test('a signal is not watched any longer than its request', async () => {
  const { gateway, worker } = await pair();
  await worker.respond(subject, { handler: echo });
  const { signal } = new AbortController();
  let watchers = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = ((...args: Parameters<typeof add>) => {
    watchers += 1;
    add(...args);
  }) as typeof add;
  signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
    watchers -= 1;
    remove(...args);
  }) as typeof remove;
  for (let round = 0; round < 20; round += 1)
    await gateway.request(subject, bytes('x'), { deadlineMs, signal });
  assert.equal(watchers, 0);
});
