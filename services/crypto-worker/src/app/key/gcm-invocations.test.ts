import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError, StrongroomError } from '@strongroom/errors';
import { MemoryRegistry } from '../../../testing/memory-registry.ts';
import { newKey } from '../../domain/key.ts';
import type { KeyRecord } from '../../domain/record.ts';
import type { ChangeAsPlatform } from '../platform/change-as-platform.ts';
import { GcmInvocations } from './gcm-invocations.ts';

const at = '2030-01-01T00:00:00.000Z';
const clock = { nowMs: () => Date.parse(at) };
const key = (purpose: 'data' | 'kek' = 'data'): KeyRecord =>
  newKey({
    ...{ id: 'id', group: 'g', name: 'n', purpose, type: 'aes-256', protection: 'hsm', exportable: false },
    createdAt: at,
    made: { material: { kind: 'token', label: 'l' }, origin: 'generated' },
  } as const);

/** Workers that share one registry. */
async function scene({
  purpose = 'data',
  ceiling = 2 ** 31,
}: {
  purpose?: 'data' | 'kek';
  ceiling?: number;
} = {}) {
  const registry = new MemoryRegistry(clock);
  let commits = 0;
  const reports: string[] = [];
  const faults: StrongroomError[] = [];
  const commit = async (changes: Parameters<MemoryRegistry['commit']>[0]) => {
    commits += 1;
    const outcome = { actor: 'a', requestId: `r${commits}`, requestHash: '', reply: new Uint8Array() };
    await registry.commit(changes, outcome, []);
  };
  await commit([{ kind: 'key', id: 'g/n', expectedVersion: 0, value: key(purpose) }]);
  const change: ChangeAsPlatform = async ({ carryOut }) => {
    const fault = faults.shift();
    if (fault !== undefined) throw fault;
    const { changes = [] } = await carryOut({ requestId: `r${commits}`, at });
    await commit(changes);
  };
  const worker = () =>
    new GcmInvocations({
      ...{ registry, change, clock, ceiling },
      settled: async () => {},
      report: (event) => void reports.push(event),
    });
  const reserved = async () => (await registry.read('gcm-count', 'id/1'))?.value.reserved ?? 0;
  const read = async () => (await registry.read('key', 'g/n'))?.value;
  return { worker, reserved, read, registry, reports, faults, commits: () => commits };
}

const codeOf = async (promise: Promise<void> | undefined): Promise<string> => {
  try {
    await promise;
    return 'taken';
  } catch (fault) {
    return isStrongroomError(fault) ? fault.code : assert.fail(String(fault));
  }
};

test('what is used was reserved before, and most of the time there is nothing to wait for', async () => {
  const { worker, reserved } = await scene();
  const invocations = worker();
  let used = 0;
  let waits = 0;
  for (; used < 20_000; used += 1) {
    const wait = invocations.take(key(), 1, 1);
    if (wait !== undefined) waits += 1;
    await wait;
    assert.ok((await reserved()) > used);
  }
  assert.equal(waits, 1);
});

test('strides double, so that a busy worker reserves seldom', async () => {
  const { worker, commits } = await scene();
  const invocations = worker();
  for (let used = 0; used < 2 ** 20; used += 512) await invocations.take(key(), 1, 512);
  assert.ok(commits() <= 13, String(commits()));
});

test('a crash loses what was left of a stride and never gives it out again', async () => {
  const { worker, reserved } = await scene();
  await worker().take(key(), 1, 1);
  const lost = await reserved();
  await worker().take(key(), 1, 1);
  assert.equal(await reserved(), 2 * lost);
});

test('workers that reserve at the same moment all get strides of their own', async () => {
  const { worker, reserved } = await scene();
  await Promise.all(Array.from({ length: 5 }, () => worker().take(key(), 1, 512)));
  assert.equal(await reserved(), 5 * 1_024);
});

test('callers of one worker share a reservation', async () => {
  const { worker, commits } = await scene();
  const invocations = worker();
  await Promise.all(Array.from({ length: 100 }, () => invocations.take(key(), 1, 10)));
  assert.ok(commits() <= 3, String(commits()));
});

test('at half of the ceiling a data key is due for rotation, once; a KEK is told of', async () => {
  const data = await scene({ ceiling: 4_096 });
  const invocations = data.worker();
  await invocations.take(key(), 1, 1_000);
  await invocations.take(key(), 1, 1_000);
  assert.equal((await data.read())?.rotateAt, at);
  await invocations.take(key(), 1, 1_000);
  assert.equal((await data.registry.list('key-appointment', { prefix: '', limit: 9 })).length, 1);
  const kek = await scene({ purpose: 'kek', ceiling: 1_024 });
  await kek.worker().take(key('kek'), 1, 1);
  assert.deepEqual([kek.reports, (await kek.read())?.rotateAt], [['key-nearly-exhausted'], undefined]);
});

test('at the ceiling a version makes no more, in no worker', async () => {
  const { worker, reserved } = await scene({ ceiling: 1_500 });
  const [one, two] = [worker(), worker()];
  for (let used = 0; used < 1_500; used += 100) assert.equal(await codeOf(one.take(key(), 1, 100)), 'taken');
  assert.equal(await codeOf(one.take(key(), 1, 1)), 'key-exhausted');
  assert.equal(await codeOf(two.take(key(), 1, 1)), 'key-exhausted');
  assert.equal(await reserved(), 1_500);
  assert.equal(await codeOf(two.take(key(), 2, 1)), 'taken');
});

test('a reservation that fails is told to who needs it, and tried again for the next one', async () => {
  const { worker, faults } = await scene();
  faults.push(new StrongroomError('audit-unavailable'));
  const invocations = worker();
  assert.equal(await codeOf(invocations.take(key(), 1, 1)), 'audit-unavailable');
  assert.equal(await codeOf(invocations.take(key(), 1, 1)), 'taken');
});
