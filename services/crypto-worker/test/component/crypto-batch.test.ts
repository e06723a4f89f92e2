/** Batches: an outcome for each item, one entry for all of them, and a proof for each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalBytes, encodeBytes } from '@strongroom/canonical';
import type { EntryBody, OperationName, OperationReply, OperationRequest } from '@strongroom/contracts';
import { frameBytesMax, proveItem, verifyItem } from '@strongroom/sealed';
import { codeOf, done, WorkerScene } from '../../testing/worker-scene.ts';

const place = { group: 'default', key: 'data' };
const text = (value: string) => encodeBytes(Buffer.from(value));

async function shop(group?: string) {
  const scene = await WorkerScene.set();
  await scene.ask('key.create', { group: 'default', name: 'data', purpose: 'data' });
  const app = await scene.machine('shop', 'crypto-user', group);
  const ask = <Name extends OperationName>(name: Name, params: OperationRequest<Name>) =>
    app.call(scene.worker, name, params);
  const carryOut = async <Name extends OperationName>(
    name: Name,
    params: OperationRequest<Name>,
  ): Promise<OperationReply<Name>> => done<Name>(await ask(name, params));
  const { entries } = scene.deployment.auditLog;
  // The first use of a key in a worker reserves invocations, which has entries of its own.
  if (group === undefined) await carryOut('crypto.encrypt', { ...place, plaintext: text('first') });
  return { scene, ask, carryOut, entries };
}

function assertProven(
  body: EntryBody | undefined,
  requests: readonly object[],
  { results, seed }: { readonly results: readonly object[]; readonly seed: string },
): void {
  assert.ok(body !== undefined);
  for (const index of requests.keys()) {
    const proof = proveItem({ operation: body.operation, entry: 0, requests, results, seed }, index);
    assert.ok(verifyItem(proof, body), `${index}`);
    const lie = { ...proof, request: { ...proof.request, key: 'another' } };
    assert.ok(!verifyItem(lie, body));
  }
}

test('a batch answers each item in order, and is one entry that proves each of them', async () => {
  const { carryOut, entries } = await shop();
  const items = Array.from({ length: 100 }, (_, index) => ({
    ...place,
    plaintext: text(`card ${index}`),
    ...(index % 2 === 0 ? { associatedData: text(`order ${index}`) } : {}),
  }));
  const before = entries.length;
  const made = await carryOut('crypto.encrypt-many', { items });
  assert.equal(entries.length, before + 1);
  const entry = entries.at(-1);
  assertProven(entry, items, made);
  assert.deepEqual(entry?.objects, [{ kind: 'key', group: 'default', name: 'data', version: 1 }]);
  assert.deepEqual(entry?.reply, {
    count: '100',
    outcomes: '[{"count":100,"outcome":"done"}]',
    protections: '["hsm"]',
    root: JSON.stringify(made.root),
  });
  assert.deepEqual(entry?.request, {});

  const sealed = made.results.map((result, index) => {
    assert.ok(result.status === 'done');
    const { associatedData } = items[index] as { readonly associatedData?: string };
    return {
      ...place,
      ciphertext: result.ciphertext,
      ...(associatedData === undefined ? {} : { associatedData }),
    };
  });
  const opened = await carryOut('crypto.decrypt-many', { items: sealed });
  assert.deepEqual(
    opened.results,
    items.map(({ plaintext }) => ({ status: 'done', version: 1, protection: 'hsm', plaintext })),
  );
  assertProven(entries.at(-1), sealed, opened);
});

test('what is refused of one item is its own outcome, and none of the others', async () => {
  const { scene, carryOut, entries } = await shop('default');
  await scene.ask('key.create', { group: 'default', name: 'second', purpose: 'data' });
  await scene.ask('key.create', { group: 'default', name: 'asleep', purpose: 'data' });
  await scene.ask('key.suspend', { group: 'default', name: 'asleep' });
  await scene.ask('key.create', { group: 'default', name: 'wrapping', purpose: 'kek' });
  const { ciphertext } = await carryOut('crypto.encrypt', { ...place, plaintext: text('x') });
  const items = [
    { ...place, ciphertext },
    { ...place, ciphertext, associatedData: '' },
    { ...place, key: 'second', ciphertext },
    { ...place, key: 'asleep', ciphertext },
    { ...place, key: 'wrapping', ciphertext },
    { ...place, key: 'nothing', ciphertext },
    { ...place, group: 'other', ciphertext },
    { ...place, ciphertext: 'sr1' },
    { ...place, ciphertext },
  ];
  const { results, ...rest } = await carryOut('crypto.decrypt-many', { items });
  assert.deepEqual(
    results.map((result) => (result.status === 'done' ? result.plaintext : result.code)),
    [
      text('x'),
      'ciphertext-invalid',
      'ciphertext-foreign',
      'key-suspended',
      'key-purpose-refused',
      'absent',
      'denied',
      'ciphertext-invalid',
      text('x'),
    ],
  );
  assert.deepEqual(rest.outcomes, [
    { outcome: 'done', count: 2 },
    { outcome: 'ciphertext-invalid', count: 2 },
    { outcome: 'ciphertext-foreign', count: 1 },
    { outcome: 'key-suspended', count: 1 },
    { outcome: 'key-purpose-refused', count: 1 },
    { outcome: 'absent', count: 1 },
    { outcome: 'denied', count: 1 },
  ]);
  const entry = entries.at(-1);
  assertProven(entry, items, { ...rest, results });
  const key = { kind: 'key', group: 'default' } as const;
  assert.deepEqual(entry?.objects, [
    { ...key, name: 'data', version: 1 },
    { ...key, name: 'second', code: 'ciphertext-foreign' },
    { ...key, name: 'asleep', code: 'key-suspended' },
    { ...key, name: 'wrapping', code: 'key-purpose-refused' },
    { ...key, name: 'nothing', code: 'absent' },
    { kind: 'key', group: 'other', name: 'data', code: 'denied' },
  ]);
});

test('a caller without the privilege in any of the groups gets no batch at all', async () => {
  const { ask } = await shop('other');
  const items = [{ ...place, plaintext: text('x') }];
  assert.equal(codeOf(await ask('crypto.encrypt-many', { items })), 'denied');
});

test('what is about the HSM refuses the batch as a whole', async () => {
  const { scene, ask } = await shop();
  const items = Array.from({ length: 3 }, () => ({ ...place, plaintext: text('x') }));
  for (const method of ['runJob', 'random'] as const) {
    scene.deployment.hsm.failNext(method, 'not-applied');
    assert.equal(codeOf(await ask('crypto.encrypt-many', { items })), 'hsm-unavailable');
  }
});

test('a batch has one to 512 items of at most 64 keys', async () => {
  const { ask, carryOut } = await shop();
  const item = { ...place, plaintext: text('x') };
  const many = (count: number) => Array.from({ length: count }, () => item);
  assert.equal((await carryOut('crypto.encrypt-many', { items: many(512) })).count, 512);
  for (const count of [0, 513])
    assert.equal(codeOf(await ask('crypto.encrypt-many', { items: many(count) })), 'request-invalid');
  const ofKeys = (count: number) => many(count).map((each, index) => ({ ...each, key: `k${index}` }));
  const { outcomes } = await carryOut('crypto.encrypt-many', { items: ofKeys(64) });
  assert.deepEqual(outcomes, [{ outcome: 'absent', count: 64 }]);
  assert.equal(codeOf(await ask('crypto.encrypt-many', { items: ofKeys(65) })), 'request-invalid');
});

test('the largest batch that is let in has a reply that fits a frame', async () => {
  const { carryOut, ask } = await shop();
  const itemOf = (bytes: number) => ({ ...place, plaintext: encodeBytes(Buffer.alloc(bytes, 1)) });
  const sizeOf = (items: readonly object[]) => canonicalBytes({ items } as never).length;
  const items = Array.from({ length: 512 }, () => itemOf(1_305));
  assert.ok(sizeOf(items) > 910_000);
  const made = await carryOut('crypto.encrypt-many', { items });
  const replyBytes = canonicalBytes(made as never).length;
  assert.ok(replyBytes > sizeOf(items) && replyBytes < frameBytesMax - 8_192, `${replyBytes}`);
  const larger = items.map(() => itemOf(1_400));
  assert.equal(codeOf(await ask('crypto.encrypt-many', { items: larger })), 'message-too-large');
});

test('random bytes, one lot and many', async () => {
  const { carryOut, entries } = await shop();
  const { bytes } = await carryOut('crypto.random', { length: 32 });
  assert.equal(bytes.length, 43);
  assert.deepEqual(entries.at(-1)?.reply, { protection: '"hsm"' });
  const items = [{ length: 1 }, { length: 1_024 }, { length: 32 }];
  const made = await carryOut('crypto.random-many', { items });
  assertProven(entries.at(-1), items, made);
  assert.deepEqual(
    made.results.map((result) => (result.status === 'done' ? result.bytes.length : result.code)),
    [2, 1_366, 43],
  );
});
