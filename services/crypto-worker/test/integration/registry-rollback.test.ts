/** I9: the whole registry set back, forked or beheaded, while workers run and while none does. */
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

const rolledBack = hasCode('registry-rolled-back');

async function refusesEverything({ registry }: TestWorker): Promise<void> {
  const intent = { ...outcomeOf(), operation: 'o', worker: 'w', openedAt: 't', body: new Uint8Array() };
  await assert.rejects(registry.read('binding', 'a'), rolledBack);
  await assert.rejects(registry.read('binding', 'no such'), rolledBack);
  await assert.rejects(registry.list('binding', { prefix: '', limit: 1 }), rolledBack);
  await assert.rejects(commit(registry, binding('z', 0, 'app:z')), rolledBack);
  await assert.rejects(registry.findOutcome('a', 'b'), rolledBack);
  await assert.rejects(registry.openIntent(intent), rolledBack);
  await assert.rejects(registry.closeIntent('a', 'b'), rolledBack);
  await assert.rejects(registry.listIntents(), rolledBack);
  assert.equal(registry.fault(), 'registry-rolled-back');
}

test('a database set back while a worker runs is refused, told once, and taken again when it is back', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const worker = await schema.worker();
  await commit(worker.registry, binding('a', 0, 'app:1'));
  const older = await schema.dump();
  await commit(worker.registry, binding('deny', 0, 'app:1'));
  const newest = await schema.dump();

  await older.restore();
  for (let look = 0; look < 3; look += 1) await assert.rejects(worker.registry.poll(), rolledBack);
  await refusesEverything(worker);
  assert.deepEqual(worker.alerts, [{ kind: 'registry-rolled-back', reason: 'head-older' }]);

  await newest.restore();
  await worker.registry.poll();
  assert.equal((await worker.registry.read('binding', 'deny'))?.value.principal, 'app:1');
  assert.deepEqual(worker.alerts.slice(1), [{ kind: 'registry-restored' }]);
});

test('a commit notices a database set back before it writes', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const worker = await schema.worker();
  await commit(worker.registry, binding('a', 0, 'app:1'));
  const older = await schema.dump();
  await commit(worker.registry, binding('a', 1, 'app:2'));
  await older.restore();
  await assert.rejects(commit(worker.registry, binding('b', 0, 'app:1')), rolledBack);
  await refusesEverything(worker);
});

test('a database set back while no worker ran is refused at the start', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { registry } = await schema.worker();
  await commit(registry, binding('a', 0, 'app:1'));
  const older = await schema.dump();
  await commit(registry, binding('deny', 0, 'app:1'));
  const anchor = registry.head();
  await older.restore();
  await assert.rejects(schema.worker({ anchor }), rolledBack);
});

test('an emptied database is no first start', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const empty = await schema.dump();
  const worker = await schema.worker();
  await commit(worker.registry, binding('a', 0, 'app:1'));
  await empty.restore();
  await assert.rejects(worker.registry.poll(), rolledBack);
  await assert.rejects(schema.worker({ anchor: worker.registry.head() }), rolledBack);
});

test('another history of the same length is refused at the start', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const empty = await schema.dump();
  const first = await schema.worker();
  await commit(first.registry, binding('a', 0, 'app:1'));
  const anchor = first.registry.head();
  await empty.restore();
  const second = await schema.worker();
  await commit(second.registry, binding('a', 0, 'app:2'));
  await assert.rejects(schema.worker({ anchor }), rolledBack);
  await commit(second.registry, binding('b', 0, 'app:2'));
  await assert.rejects(schema.worker({ anchor }), rolledBack);
});

test('a fork made in the moment before another worker looked is refused by who knows better', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const [ahead, behind] = [await schema.worker(), await schema.worker()];
  await commit(ahead.registry, binding('a', 0, 'app:1'));
  await behind.registry.poll();
  const older = await schema.dump();
  await commit(ahead.registry, binding('deny', 0, 'app:1'));
  await older.restore();
  await commit(behind.registry, binding('b', 0, 'app:1'));
  await commit(behind.registry, binding('c', 0, 'app:1'));
  await assert.rejects(ahead.registry.poll(), rolledBack);
  assert.deepEqual(ahead.alerts, [{ kind: 'registry-rolled-back', reason: 'head-forked' }]);
});

const headAttacks: Readonly<Record<string, string>> = {
  'no head': 'delete from head',
  'a forged MAC': `update head set mac = decode(repeat('00', 32), 'hex')`,
  'a higher number': 'update head set sequence = sequence + 1',
  'no number': 'update head set sequence = 0',
};

for (const [title, statement] of Object.entries(headAttacks)) {
  test(`a head with ${title} is refused by a running worker and a new one`, async () => {
    await using schema = await RegistrySchema.create(postgres);
    const worker = await schema.worker();
    await commit(worker.registry, binding('a', 0, 'app:1'));
    await schema.attack(statement);
    await assert.rejects(worker.registry.poll(), rolledBack);
    await refusesEverything(worker);
    await assert.rejects(schema.worker({ anchor: worker.registry.head() }), rolledBack);
  });
}

test('a start needs every commit since the anchor', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { registry } = await schema.worker();
  const anchors = [registry.head()];
  for (let version = 0; version < 5; version += 1) {
    await commit(registry, binding('a', version, `app:${version}`));
    anchors.push(registry.head());
  }
  for (const anchor of anchors) {
    const started = await schema.worker({ anchor });
    assert.equal((await started.registry.read('binding', 'a'))?.version, 5);
  }
  await schema.attack('delete from link where sequence = 4');
  for (const [at, anchor] of anchors.entries()) {
    if (at >= 4) await schema.worker({ anchor });
    else await assert.rejects(schema.worker({ anchor }), rolledBack);
  }
});
