/** I9: rows of the registry edited, swapped, hidden or restored, on a real PostgreSQL. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startPostgres, type TestPostgres } from '@strongroom/testing';
import { RegistrySchema, type TestWorker } from '../../testing/postgres-registries.ts';
import { binding, commit, hasCode, outcomeOf } from '../../testing/registry-contract.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

/** No cache: each read asks the database. */
const uncached = { cacheBytesMax: 0 };

async function principalOf({ registry }: TestWorker, id: string): Promise<string | undefined> {
  return (await registry.read('binding', id))?.value.principal;
}

async function refuses({ registry }: TestWorker, id: string): Promise<void> {
  await assert.rejects(registry.read('binding', id), hasCode('record-tampered'));
}

/** Records a, b and c; a was changed once. The dump is from before that. */
async function prepared(schema: RegistrySchema) {
  const worker = await schema.worker(uncached);
  const { registry } = worker;
  await commit(registry, ...['a', 'b', 'c'].map((id) => binding(id, 0, `app:${id}`)));
  const older = await schema.dump();
  await commit(registry, binding('a', 1, 'app:new'));
  return { worker, older, restart: () => schema.worker({ ...uncached, anchor: registry.head() }) };
}

test('what was tampered with has its version still, and whoever may destroy it can', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker, restart } = await prepared(schema);
  const { registry } = worker;
  await schema.attack(`update record set value = '{"principal":"app:mallory"}' where id = 'a'`);
  await refuses(worker, 'a');
  assert.equal(await registry.versionOf('binding', 'a'), 2);
  await commit(registry, binding('a', 2));
  assert.equal(await principalOf(worker, 'a'), undefined);
  assert.equal((await (await restart()).registry.list('binding', { prefix: '', limit: 9 })).length, 2);
});

test('a walk names what was tampered with and shows all others, page by page', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker } = await prepared(schema);
  await schema.attack(`update record set value = '{"principal":"app:mallory"}' where id = 'b'`);
  const { registry } = worker;
  const walk = (after?: string) =>
    registry.walk('binding', { prefix: '', limit: 2, ...(after === undefined ? {} : { after }) });
  const first = await walk();
  assert.deepEqual([first.records.map(({ id }) => id), first.tampered, first.next], [['a'], ['b'], 'b']);
  const last = await walk(first.next);
  assert.deepEqual([last.records.map(({ id }) => id), last.tampered, last.next], [['c'], [], undefined]);
  await assert.rejects(registry.list('binding', { prefix: '', limit: 9 }), hasCode('record-tampered'));
});

const rowAttacks: Readonly<Record<string, string>> = {
  'an edited value': `update record set value = '{"principal":"app:mallory"}' where id = 'a'`,
  'an edited version': `update record set version = 9 where id = 'a'`,
  'an edited MAC': `update record set mac = decode(repeat('00', 32), 'hex') where id = 'a'`,
  'a hidden row': `delete from record where id = 'a'`,
  'a row under another kind': `update record set kind = 'api-key' where id = 'a'`,
  "another row's value and MAC": `update record set (value, mac) = (select value, mac from record where id = 'b') where id = 'a'`,
};

for (const [title, statement] of Object.entries(rowAttacks)) {
  test(`${title} is refused, by this worker and by a new one, and no other record is`, async () => {
    await using schema = await RegistrySchema.create(postgres);
    const { worker, restart } = await prepared(schema);
    await schema.attack(statement);
    for (const each of [worker, await restart()]) {
      await refuses(each, 'a');
      await refuses(each, 'a');
      await assert.rejects(
        each.registry.list('binding', { prefix: '', limit: 9 }),
        hasCode('record-tampered'),
      );
      assert.equal(await principalOf(each, 'b'), 'app:b');
      assert.equal((await each.registry.list('binding', { prefix: 'b', limit: 9 })).length, 1);
      assert.deepEqual(each.alerts, [{ kind: 'record-tampered', subject: 'record/binding/a' }]);
    }
  });
}

test('swapped values are both refused', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker } = await prepared(schema);
  await schema.attack(`update record r set value = o.value, version = o.version from record o
    where (r.id, o.id) in (('a', 'b'), ('b', 'a'))`);
  await refuses(worker, 'a');
  await refuses(worker, 'b');
  assert.equal(await principalOf(worker, 'c'), 'app:c');
});

test('rows of an older dump are refused where they are old and read where they are not', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker, older, restart } = await prepared(schema);
  await older.restore('record');
  for (const each of [worker, await restart()]) {
    await refuses(each, 'a');
    assert.equal(await principalOf(each, 'b'), 'app:b');
  }
});

test('rows and buckets of an older dump are refused together', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker, older, restart } = await prepared(schema);
  await older.restore('record', 'bucket');
  const restarted = await restart();
  for (const each of [worker, restarted]) {
    await refuses(each, 'a');
    assert.equal(await principalOf(each, 'b'), 'app:b');
    await commit(
      each.registry,
      binding('b', (await each.registry.read('binding', 'b'))?.version ?? 0, 'app:b'),
    );
  }
  await assert.rejects(commit(restarted.registry, binding('a', 2, 'app:x')), hasCode('record-tampered'));
  const complete = restarted.registry.list('binding', { prefix: 'b', limit: 9 });
  await assert.rejects(complete, hasCode('record-tampered'));
});

test('rows, buckets and pages of an older dump are refused together', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker, older, restart } = await prepared(schema);
  await older.restore('record', 'bucket', 'page');
  const restarted = await restart();
  await refuses(worker, 'a');
  await refuses(restarted, 'a');
  assert.equal(await principalOf(restarted, 'b'), 'app:b');
});

test('a removed record that is put back stays absent', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker, older, restart } = await prepared(schema);
  await commit(worker.registry, binding('a', 2));
  await older.restore('record');
  assert.equal(await principalOf(worker, 'a'), undefined);
  assert.equal(await principalOf(await restart(), 'a'), undefined);
});

test('a record is read again when its row is put right, and an alert tells of the next attack', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker } = await prepared(schema);
  const right = await schema.dump();
  for (let round = 1; round <= 2; round += 1) {
    await schema.attack(`delete from record where id = 'a'`);
    await refuses(worker, 'a');
    await right.restore('record');
    assert.equal(await principalOf(worker, 'a'), 'app:new');
    assert.equal(worker.alerts.length, round);
  }
});

test('buckets are read again when they are put right', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker, restart } = await prepared(schema);
  const right = await schema.dump();
  await schema.attack('truncate bucket; truncate page');
  const restarted = await restart();
  assert.deepEqual(
    restarted.alerts.map(({ kind }) => kind),
    ['dictionary-damaged'],
  );
  await refuses(restarted, 'a');
  await right.restore('bucket', 'page');
  assert.equal(await principalOf(restarted, 'a'), 'app:new');
  assert.equal((await restarted.registry.list('binding', { prefix: '', limit: 9 })).length, 3);
  assert.equal(await principalOf(worker, 'a'), 'app:new');
});

test('false hints about what changed cost a question and hide nothing', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker } = await prepared(schema);
  const other = await schema.worker();
  await commit(other.registry, binding('deny', 0, 'app:d'), binding('a', 2, 'app:newer'));
  await schema.attack('update bucket set sequence = 0; update page set sequence = 0');
  await worker.registry.poll();
  assert.equal(await principalOf(worker, 'deny'), 'app:d');
  assert.equal(await principalOf(worker, 'a'), 'app:newer');
  assert.deepEqual(worker.alerts, []);
});

test('a change that is hidden from another worker makes it refuse, not answer as before', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { worker } = await prepared(schema);
  const other = await schema.worker();
  const older = await schema.dump();
  await commit(other.registry, binding('a', 2, 'app:revoked'));
  await older.restore('record', 'bucket');
  await worker.registry.poll();
  await refuses(worker, 'a');
  assert.equal(await principalOf(worker, 'b'), 'app:b');
});

test('an outcome that was edited, swapped or kept alive is refused', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { registry, alerts } = await schema.worker();
  for (const id of ['r1', 'r2', 'r3', 'r4']) await registry.commit([], outcomeOf(id), []);
  await schema.attack(`update outcome set request_hash = 'other' where request_id = 'r1'`);
  await schema.attack(
    `update outcome set expires_at = expires_at + interval '1 day' where request_id = 'r2'`,
  );
  await schema.attack(`update outcome set sealed_reply = (select sealed_reply from outcome where request_id = 'r4')
    where request_id = 'r3'`);
  for (const id of ['r1', 'r2', 'r3'])
    await assert.rejects(registry.findOutcome('user:alice', id), hasCode('record-tampered'));
  assert.ok(await registry.findOutcome('user:alice', 'r4'));
  assert.equal(alerts.length, 3);
});

test('an intent that was edited is left out and reported', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { registry, alerts } = await schema.worker();
  for (const requestId of ['r1', 'r2'])
    await registry.openIntent({
      actor: 'user:alice',
      requestId,
      operation: 'key.create',
      requestHash: 'hash',
      worker: 'worker-1',
      openedAt: '2030-01-01T00:00:00.000Z',
      body: Buffer.from('{}'),
    });
  await schema.attack(`update intent set body = '{"operation":"key.destroy"}' where request_id = 'r1'`);
  assert.deepEqual(
    (await registry.listIntents()).map(({ requestId }) => requestId),
    ['r2'],
  );
  assert.deepEqual(alerts, [{ kind: 'record-tampered', subject: 'intent/user:alice/r1' }]);
});
