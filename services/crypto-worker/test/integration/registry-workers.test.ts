/** Several workers on one registry, and a database that comes and goes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startPostgres, type TestPostgres } from '@strongroom/testing';
import { RegistrySync } from '../../src/outbound/postgres/registry-sync.ts';
import { staleAfterMs } from '../../src/outbound/postgres/registry-view.ts';
import { CommitCutter } from '../../testing/commit-cutter.ts';
import { RegistrySchema, type TestWorker } from '../../testing/postgres-registries.ts';
import { binding, commit, hasCode, outcomeOf } from '../../testing/registry-contract.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

async function principalOf({ registry }: TestWorker, id: string): Promise<string | undefined> {
  return (await registry.read('binding', id))?.value.principal;
}

async function eventually(withinMs: number, check: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await check())) {
    assert.ok(performance.now() < until, `not within ${withinMs} ms`);
    await wait(5);
  }
}

function failOn(error: unknown): never {
  throw error;
}

test('a worker sees what another committed within a second, cached or not', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const [writer, reader] = [await schema.worker(), await schema.worker()];
  const sync = new RegistrySync({ registry: reader.registry, onError: failOn });
  sync.start();
  await commit(writer.registry, binding('a', 0, 'app:1'));
  await eventually(1_000, async () => (await principalOf(reader, 'a')) === 'app:1');
  await commit(writer.registry, binding('a', 1, 'app:2'));
  await eventually(1_000, async () => (await principalOf(reader, 'a')) === 'app:2');
  await commit(writer.registry, binding('a', 2));
  await eventually(1_000, async () => (await principalOf(reader, 'a')) === undefined);
  assert.equal(reader.registry.sequence(), 3);
  await sync.stop();
});

test('commits that come while one is written go together', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const [worker, other] = [await schema.worker(), await schema.worker()];
  const ids = Array.from({ length: 100 }, (_, at) => `record-${at}`);
  await Promise.all(ids.map((id) => commit(worker.registry, binding(id, 0, 'app:1'))));
  assert.ok(worker.registry.sequence() <= 10, `${worker.registry.sequence()} heads for 100 commits`);
  await other.registry.poll();
  for (const id of ids) assert.equal(await principalOf(other, id), 'app:1');
});

test('commits of several workers stand in one row, and no update is lost', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const workers = [await schema.worker(), await schema.worker(), await schema.worker()];
  await commit((workers[0] as TestWorker).registry, binding('count', 0, 'app:0'));
  const raise = async (worker: TestWorker, own: string): Promise<void> => {
    for (;;) {
      await worker.registry.poll();
      const record = await worker.registry.read('binding', 'count');
      const count = Number(record?.value.principal.slice('app:'.length));
      const changes = [binding('count', record?.version ?? 0, `app:${count + 1}`), binding(own, 0, 'app:x')];
      try {
        return await commit(worker.registry, ...changes);
      } catch (error) {
        hasCode('version-conflict')(error);
      }
    }
  };
  await Promise.all(
    workers.flatMap((worker, at) =>
      Array.from({ length: 6 }, (_, step) => raise(worker, `own-${at}-${step}`)),
    ),
  );
  for (const worker of workers) {
    await worker.registry.poll();
    assert.equal(await principalOf(worker, 'count'), 'app:18');
    assert.equal(worker.registry.sequence(), 19);
    assert.equal((await worker.registry.list('binding', { prefix: 'own-', limit: 99 })).length, 18);
    assert.deepEqual(worker.alerts, []);
  }
});

test('reads beside a busy writer are never taken for tampering', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const [writer, reader] = [await schema.worker(), await schema.worker({ cacheBytesMax: 0 })];
  const ids = ['a', 'b', 'c'];
  await commit(writer.registry, ...ids.map((id) => binding(id, 0, 'app:0')));
  await reader.registry.poll();
  let isWriting = true;
  const write = async () => {
    for (let version = 1; version <= 60; version += 1)
      await commit(writer.registry, ...ids.map((id) => binding(id, version, `app:${version}`)));
    isWriting = false;
  };
  const read = async (id: string) => {
    let last = 0;
    while (isWriting) {
      const version = (await reader.registry.read('binding', id))?.version ?? 0;
      assert.ok(version >= last);
      last = version;
      assert.equal((await reader.registry.list('binding', { prefix: '', limit: 9 })).length, 3);
    }
  };
  await Promise.all([write(), ...ids.map(read)]);
  assert.deepEqual(reader.alerts, []);
});

test('reads beside own commits are never taken for tampering', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { registry, alerts } = await schema.worker({ cacheBytesMax: 0 });
  await commit(registry, binding('a', 0, 'app:1'));
  let isWriting = true;
  const write = async () => {
    for (let version = 1; version < 150; version += 1) await commit(registry, binding('a', version, 'app:1'));
    isWriting = false;
  };
  const read = async () => {
    while (isWriting) {
      // Without a cache, a record that changes with every commit may outrun its reader: told, and not an alarm.
      assert.ok(await registry.read('binding', 'a').catch(hasCode('state-stale')));
    }
  };
  await Promise.all([write(), read(), read(), read()]);
  assert.deepEqual(alerts, []);
});

test('a restarted worker knows what was committed', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const first = await schema.worker();
  const ids = Array.from({ length: 300 }, (_, at) => `id-${at}`);
  await commit(first.registry, ...ids.map((id) => binding(id, 0, `app:${id}`)));
  await commit(first.registry, binding('id-7', 1));
  const second = await schema.worker({ anchor: first.registry.head() });
  assert.deepEqual(second.registry.head().hash, first.registry.head().hash);
  assert.equal(await principalOf(second, 'id-7'), undefined);
  assert.equal(await principalOf(second, 'id-8'), 'app:id-8');
  assert.equal((await second.registry.list('binding', { prefix: '', limit: 999 })).length, 299);
});

for (const [cut, isApplied] of [
  ['before-commit', false],
  ['after-commit', true],
] as const) {
  test(`a connection that breaks ${cut} leaves the outcome unknown, and the next look tells`, async () => {
    await using schema = await RegistrySchema.create(postgres);
    await using cutter = await CommitCutter.to(postgres.url);
    const worker = await schema.worker({ url: cutter.url });
    await commit(worker.registry, binding('a', 0, 'app:1'));
    const outcome = outcomeOf();
    cutter.cutNext(cut);
    await assert.rejects(
      worker.registry.commit([binding('a', 1, 'app:2')], outcome, []),
      hasCode('outcome-unknown'),
    );
    // The server may still be busy with a commit whose client is gone; the next commit waits for its lock.
    await commit(worker.registry, binding('b', 0, 'app:1'));
    assert.equal(await principalOf(worker, 'a'), isApplied ? 'app:2' : 'app:1');
    const found = await worker.registry.findOutcome(outcome.actor, outcome.requestId);
    assert.equal(found !== undefined, isApplied);
    assert.deepEqual(worker.alerts, []);
    await schema.worker({ anchor: worker.registry.head() });
  });
}

test('without the database known records are answered for 5 s, then nothing is, until it is back', async () => {
  const own = await startPostgres();
  try {
    await using schema = await RegistrySchema.create(own);
    let monotonicMs = 0;
    const clock = { monotonicMs: () => monotonicMs, nowMs: () => Date.now() };
    const worker = await schema.worker({ clock });
    const other = await schema.worker();
    await commit(other.registry, binding('a', 0, 'app:1'), binding('b', 0, 'app:2'));
    await worker.registry.poll();
    assert.equal(await principalOf(worker, 'a'), 'app:1');

    await own.kill();
    // A session ends a moment after its server was killed.
    await eventually(5_000, () => worker.registry.poll().then(() => false, hasCode('database-unavailable')));
    monotonicMs += staleAfterMs;
    assert.equal(await principalOf(worker, 'a'), 'app:1');
    assert.equal(await principalOf(worker, 'no such'), undefined);
    await assert.rejects(principalOf(worker, 'b'), hasCode('database-unavailable'));
    await assert.rejects(commit(worker.registry, binding('c', 0, 'app:3')), hasCode('database-unavailable'));
    monotonicMs += 1;
    assert.equal(worker.registry.fault(), 'state-stale');
    await assert.rejects(principalOf(worker, 'a'), hasCode('state-stale'));
    await assert.rejects(principalOf(worker, 'no such'), hasCode('state-stale'));

    await own.start();
    await worker.registry.poll();
    assert.equal(await principalOf(worker, 'b'), 'app:2');
    await commit(worker.registry, binding('c', 0, 'app:3'));
    assert.equal(worker.registry.fault(), undefined);
  } finally {
    await own.stop();
  }
});

test('a connection that the server ends in the middle of a commit undoes it', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const worker = await schema.worker();
  await schema.attack(`create function end_session() returns trigger language plpgsql as
    $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$`);
  await schema.attack('create trigger cut before insert on outcome execute function end_session()');
  await assert.rejects(commit(worker.registry, binding('a', 0, 'app:1')), hasCode('database-unavailable'));
  await schema.attack('drop trigger cut on outcome');
  await commit(worker.registry, binding('a', 0, 'app:1'));
  assert.equal(worker.registry.sequence(), 1);
});

test('expired outcomes are purged in batches and the others stay', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { registry } = await schema.worker();
  const kept = outcomeOf();
  await registry.commit([], kept, []);
  await schema.attack(`insert into outcome select 'user:old', 'r' || n, 'h', now() - interval '1 s', ''
    from generate_series(1, 1200) n`);
  assert.equal(await registry.purgeOutcomes(), 1_200);
  assert.equal(await registry.purgeOutcomes(), 0);
  assert.ok(await registry.findOutcome(kept.actor, kept.requestId));
});
