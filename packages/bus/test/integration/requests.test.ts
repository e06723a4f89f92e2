/** The bus on a real nats-server. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { type ServiceName, subjects } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { startNats, type TestNats } from '@strongroom/testing';
import type { Bus } from './bus.ts';
import { type BusOptions, connectBus } from './connect-bus.ts';

let nats: TestNats;
const open: Bus[] = [];
const subject = subjects.operation('crypto', 'default');
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const bytes = (content: string) => Buffer.from(content);

async function join(service: ServiceName, options: Partial<BusOptions> = {}): Promise<Bus> {
  const bus = await connectBus({ url: nats.url, service, seed: nats.seedOf(service), ...options });
  open.push(bus);
  return bus;
}

before(async () => {
  nats = await startNats();
});
after(() => nats.stop());
afterEach(async () => {
  await Promise.all(open.splice(0).map((bus) => bus.close()));
});

test('a request is answered, and an error keeps its code', async () => {
  const gateway = await join('gateway');
  const worker = await join('crypto-worker');
  await worker.respond(subject, {
    handler: async (request, { deadlineMs, subject: on }) => {
      if (text(request) === 'refuse') throw new StrongroomError('denied', { detail: 'role' });
      if (text(request) === 'fault') throw new TypeError('a secret detail');
      return bytes(`${text(request)} on ${on} within ${deadlineMs}`);
    },
  });
  const ask = (content: string) => gateway.request(subject, bytes(content), { deadlineMs: 2_000 });
  assert.match(text(await ask('hello')), /^hello on sr\.v1\.crypto\.default within (2000|1\d{3})$/);
  await assert.rejects(ask('refuse'), { code: 'denied', detail: 'role' });
  await assert.rejects(ask('fault'), { code: 'internal', detail: undefined });
  assert.equal(gateway.pending, 0);
});

test('nobody listening is told at once, with the code that the caller wants', async () => {
  const gateway = await join('gateway');
  const started = performance.now();
  await assert.rejects(gateway.request(subject, bytes('x'), { deadlineMs: 5_000 }), {
    code: 'worker-unavailable',
  });
  await assert.rejects(
    gateway.request(subject, bytes('x'), { deadlineMs: 5_000, absentCode: 'audit-unavailable' }),
    { code: 'audit-unavailable' },
  );
  assert.ok(performance.now() - started < 1_000);
});
