/** Requests and answers over a real nats-server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, test } from 'node:test';
import { type ServiceName, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { startNats, type TestNats } from '@strongroom/testing';
import { type Bus, type BusOptions, type BusState, connectBus } from '../../src/index.ts';
import { silentMsDefault } from '../../src/limits.ts';

let nats: TestNats;
const open: Bus[] = [];
const subject = subjects.operation('crypto', 'default');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const bytes = (content: string) => Buffer.from(content);
const deadlineMs = 3_000;

async function join(service: ServiceName, options: Partial<BusOptions> = {}): Promise<Bus> {
  const bus = await connectBus({ url: nats.url, service, seed: nats.seedOf(service), ...options });
  open.push(bus);
  return bus;
}

/** A bus, and a way to wait for its states. */
async function joinWatched(service: ServiceName) {
  const seen = new EventTarget();
  const bus = await join(service, { observer: { onState: (state) => seen.dispatchEvent(new Event(state)) } });
  return { bus, reach: (state: BusState) => once(seen, state) };
}

before(async () => {
  nats = await startNats();
});
after(() => nats.stop());
afterEach(() => Promise.all(open.splice(0).map((bus) => bus.close())));

test('a request is answered, and an error keeps its code', async () => {
  const gateway = await join('gateway');
  const worker = await join('crypto-worker');
  await worker.respond(subject, {
    handler: async (request, context) => {
      if (text(request) === 'refuse') throw new StrongroomError('denied', { detail: 'role' });
      if (text(request) === 'fault') throw new TypeError('a secret detail');
      return bytes(`${text(request)} on ${context.subject} within ${context.deadlineMs}`);
    },
  });
  const ask = (content: string) => gateway.request(subject, bytes(content), { deadlineMs });
  assert.match(text(await ask('hello')), /^hello on sr\.v1\.crypto\.default within (3000|2\d{3})$/);
  await assert.rejects(ask('refuse'), { code: 'denied', detail: 'role' });
  await assert.rejects(ask('fault'), { code: 'internal', detail: undefined });
  assert.equal(gateway.pending, 0);
});

test('nobody listening is told at once, with the code that the caller wants', async () => {
  const gateway = await join('gateway');
  const started = performance.now();
  await assert.rejects(gateway.request(subject, bytes('x'), { deadlineMs }), { code: 'worker-unavailable' });
  await assert.rejects(gateway.request(subject, bytes('x'), { deadlineMs, absentCode: 'hsm-unavailable' }), {
    code: 'hsm-unavailable',
  });
  assert.ok(performance.now() - started < 1_000);
});

test('the server lets a responder say that it is still at work', async () => {
  const gateway = await join('gateway');
  const worker = await join('crypto-worker');
  const gate = Promise.withResolvers<Uint8Array>();
  await worker.respond(subject, { handler: () => gate.promise });
  const ask = gateway.request(subject, bytes('x'), { deadlineMs: 60_000, silentCode: 'worker-silent' });
  // Longer than a silent one would be believed in.
  setTimeout(() => gate.resolve(bytes('done')), 2 * silentMsDefault);
  assert.equal(text(await ask), 'done');
});

test('what a worker had taken when its connection broke is not waited for', async () => {
  const gateway = await join('gateway');
  const worker = await join('crypto-worker');
  const taken = Promise.withResolvers<void>();
  await worker.respond(subject, {
    handler: () => {
      taken.resolve();
      return new Promise(() => undefined);
    },
  });
  const ask = gateway.request(subject, bytes('x'), { deadlineMs: 60_000, silentCode: 'worker-silent' });
  void taken.promise.then(() => worker.close());
  await assert.rejects(ask, { code: 'worker-silent' });
});

test('the members of a queue group share the work', async () => {
  const gateway = await join('gateway');
  const counts = [0, 0];
  for (const index of counts.keys()) {
    const worker = await join('crypto-worker');
    await worker.respond(subject, {
      handler: async (request) => {
        counts[index] = (counts[index] as number) + 1;
        return request;
      },
    });
  }
  // More than a place in the inbox is used for.
  for (let round = 0; round < 1_500; round += 1) await gateway.request(subject, bytes('x'), { deadlineMs });
  assert.equal((counts[0] as number) + (counts[1] as number), 1_500);
  for (const count of counts) assert.ok(count > 300, String(counts));
});

test('two thousand requests at once are all answered, each with its own answer', async () => {
  const gateway = await join('gateway', { pendingMax: 2_000 });
  const worker = await join('crypto-worker');
  await worker.respond(subject, { handler: async (request) => request, inFlightMax: 2_000 });
  const contents = Array.from({ length: 2_000 }, (_, index) => `request ${index}`);
  const replies = await Promise.all(
    contents.map((one) => gateway.request(subject, bytes(one), { deadlineMs: 10_000 })),
  );
  assert.deepEqual(replies.map(text), contents);
});

test('each of 64 requests of one message may be answered in a message of its own', async () => {
  const gateway = await join('gateway');
  const worker = await join('crypto-worker');
  let turns = 0;
  await worker.respond(subject, {
    handler: async (request) => {
      turns += 1;
      for (let left = turns; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve));
      return request;
    },
  });
  const asked = Array.from({ length: 64 }, (_, index) =>
    gateway.request(subject, bytes(String(index)), { deadlineMs }),
  );
  assert.equal((await Promise.all(asked)).length, 64);
});

test('above the bound in flight a responder refuses at once', async () => {
  const gateway = await join('gateway');
  const worker = await join('crypto-worker');
  const gate = Promise.withResolvers<Uint8Array>();
  await worker.respond(subject, { handler: () => gate.promise, inFlightMax: 2 });
  const asked = [1, 2, 3].map(() => gateway.request(subject, bytes('x'), { deadlineMs }));
  await assert.rejects(asked[2] as Promise<Uint8Array>, { code: 'overloaded', retryAfterMs: 100 });
  gate.resolve(bytes('done'));
  await Promise.all(asked.slice(0, 2));
});

test('when the server dies, what waits fails at once, and after its return all goes on', async () => {
  const { bus: gateway, reach } = await joinWatched('gateway');
  const { bus: worker, reach: workerReach } = await joinWatched('crypto-worker');
  let handled = 0;
  const taken = Promise.withResolvers<void>();
  const never = new Promise<Uint8Array>(() => undefined);
  await worker.respond(subject, {
    handler: async (request) => {
      handled += 1;
      taken.resolve();
      return text(request) === 'wait' ? never : request;
    },
  });
  const waits = gateway.request(subject, bytes('wait'), { deadlineMs: 30_000 });
  await taken.promise;
  const lost = Promise.all([
    reach('disconnected'),
    workerReach('disconnected'),
    assert.rejects(waits, { code: 'deadline-exceeded', detail: 'the connection to the bus was lost' }),
  ]);
  await nats.kill();
  await lost;
  await assert.rejects(gateway.request(subject, bytes('stale'), { deadlineMs }), { code: 'bus-unavailable' });
  const back = [reach('connected'), workerReach('connected')];
  await nats.start();
  await Promise.all(back);
  assert.equal(text(await gateway.request(subject, bytes('again'), { deadlineMs })), 'again');
  // What was asked while the bus was away was never carried out.
  assert.equal(handled, 2);
});

test('a paused responder drops what nobody waits for any more', async () => {
  const gateway = await join('gateway');
  const worker = await join('crypto-worker', { clockSkewMsMax: 0 });
  const handled: string[] = [];
  await worker.respond(subject, {
    handler: async (request) => {
      handled.push(text(request));
      return request;
    },
  });
  // The bytes stay in the server while it is stopped, as in a network that heals after a while.
  nats.pause();
  await assert.rejects(gateway.request(subject, bytes('stale'), { deadlineMs: 50 }), {
    code: 'deadline-exceeded',
  });
  // Until its age is above its deadline beyond doubt: it was sent a little later than it was asked for.
  await new Promise((resolve) => setTimeout(resolve, 50));
  nats.resume();
  assert.equal(text(await gateway.request(subject, bytes('fresh'), { deadlineMs })), 'fresh');
  assert.deepEqual(handled, ['fresh']);
  assert.equal(worker.drops.get('expired'), 1);
});

test('drain under load loses no request: each is answered by the one that drains or by its peer', async () => {
  const gateway = await join('gateway');
  const leaving = await join('crypto-worker');
  const staying = await join('crypto-worker');
  const served = new Map<Bus, number>();
  for (const worker of [leaving, staying]) {
    await worker.respond(subject, {
      handler: async (request) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        served.set(worker, (served.get(worker) ?? 0) + 1);
        return request;
      },
    });
  }
  let isOver = false;
  const callers = Array.from({ length: 16 }, async () => {
    let done = 0;
    while (!isOver) {
      await gateway.request(subject, bytes('x'), { deadlineMs });
      done += 1;
    }
    return done;
  });
  while ((served.get(leaving) ?? 0) < 50) await gateway.request(subject, bytes('x'), { deadlineMs });
  await leaving.drain();
  const atEnd = served.get(leaving);
  assert.equal(leaving.state, 'closed');
  while ((served.get(staying) ?? 0) < 200) await gateway.request(subject, bytes('x'), { deadlineMs });
  isOver = true;
  await Promise.all(callers);
  assert.equal(served.get(leaving), atEnd);
});

test('a credential that the server does not know, and a server that is not there', async () => {
  const seed = nats.seedOf('gateway');
  await assert.rejects(connectBus({ url: 'nats://127.0.0.1:1', service: 'gateway', seed }), {
    code: 'bus-unavailable',
  });
  const stranger = await startNats();
  try {
    await assert.rejects(join('gateway', { seed: stranger.seedOf('gateway') }), {
      code: 'bus-unavailable',
      detail: 'the bus refuses the credential',
    });
  } finally {
    await stranger.stop();
  }
});
