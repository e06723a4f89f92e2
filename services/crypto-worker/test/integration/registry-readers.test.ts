/** Processes on one registry that ask each other to look. Nobody looks by themselves here, so what is known was asked for. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeBytes } from '@strongroom/canonical';
import type { RegistryLookReply } from '@strongroom/contracts';
import { MemoryBusHub, startPostgres, type TestPostgres } from '@strongroom/testing';
import { SettledCommits } from '../../src/app/pipeline/settled-commits.ts';
import { serveRegistryLooks } from '../../src/inbound/bus.ts';
import { makeBusReaders } from '../../src/outbound/bus/bus-readers.ts';
import type { PostgresRegistry } from '../../src/outbound/postgres/postgres-registry.ts';
import { listedForSureMs } from '../../src/outbound/postgres/reader-roster.ts';
import { RegistrySchema } from '../../testing/postgres-registries.ts';
import { binding, commit, hasCode } from '../../testing/registry-contract.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

async function two(schema: RegistrySchema) {
  const hub = new MemoryBusHub();
  const [writer, reader] = [await schema.worker(), await schema.worker()];
  const [writersBus, readersBus] = [await hub.join('crypto-worker'), await hub.join('crypto-worker')];
  const readers = makeBusReaders({ bus: writersBus, roster: writer.registry, deadlineMs: 20_000 });
  const serve = (look: (sequence: number) => Promise<RegistryLookReply>) =>
    serveRegistryLooks(readersBus, reader.registry.name, look);
  return { writer: writer.registry, reader: reader.registry, readers, serve };
}

const principalOf = async (registry: PostgresRegistry, id: string) =>
  (await registry.read('binding', id))?.value.principal;

test('what is settled is known to every other process at that moment', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { writer, reader, readers, serve } = await two(schema);
  await serve((sequence) => reader.look(sequence));
  // Longer than any question takes, so that it is the question that settles; and nobody looks meanwhile.
  const pause = async () => void (await wait(30_000, undefined, { ref: false }));
  const commits = new SettledCommits({ registry: writer, readers, pause, settleMs: 30_000 });
  for (let version = 0; version < 20; version += 1) {
    await commit(writer, binding('a', version, `app:${version}`));
    await commits.settled();
    assert.equal(await principalOf(reader, 'a'), `app:${version}`);
  }
});

test('whoever entered before the commit is asked, whoever left is not', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { registry: first } = await schema.worker();
  assert.deepEqual(await first.others(), []);
  const { registry: second } = await schema.worker();
  assert.deepEqual(await first.others(), [second.name]);
  assert.deepEqual(await second.others(), [first.name]);
  await second.leave();
  assert.deepEqual(await first.others(), []);
});

test('who is not listed any more answers nobody, until it is listed again and has looked', async () => {
  await using schema = await RegistrySchema.create(postgres);
  let monotonicMs = 0;
  const clock = { monotonicMs: () => monotonicMs, nowMs: () => Date.now() };
  const { registry } = await schema.worker({ clock });
  const { registry: other } = await schema.worker();
  await schema.attack(`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'read only'; end $$`);
  await schema.attack('create trigger refuse before insert or update on reader execute function refuse()');
  for (; monotonicMs <= listedForSureMs; monotonicMs += 1_000) {
    assert.equal(registry.fault(), undefined, `${monotonicMs}`);
    // The head can be read and written all the time, only the listing can not.
    await commit(registry, binding(`at-${monotonicMs}`, 0, 'app:1'));
    await registry.poll().catch(() => {});
  }
  await assert.rejects(principalOf(registry, 'at-0'), hasCode('state-stale'));
  await schema.attack('drop trigger refuse on reader');
  await commit(other, binding('b', 0, 'app:2'));
  await registry.poll();
  assert.equal(await principalOf(registry, 'b'), 'app:2');
});

test('a process that ended without leaving is not asked for ever', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { registry: first } = await schema.worker();
  await schema.worker();
  await schema.attack(`update reader set seen_at = seen_at - interval '11 s' where name <> '${first.name}'`);
  assert.deepEqual(await first.others(), []);
  await first.purgeOutcomes();
  const rows = await schema.attacker.selectFrom('reader').select('name').execute();
  assert.deepEqual(rows, [{ name: first.name }]);
});

const lies: Readonly<
  Record<string, (reader: PostgresRegistry, asked: number) => Promise<RegistryLookReply>>
> = {
  'an answer that the bus made up': async (reader, sequence) => ({
    reader: reader.name,
    sequence,
    mac: encodeBytes(new Uint8Array(32)),
  }),
  'an older answer with a newer number': async (reader, sequence) => ({
    ...(await reader.look(0)),
    sequence,
  }),
  'an older answer': (reader) => reader.look(0),
};
for (const [what, lie] of Object.entries(lies)) {
  test(`${what} settles nothing`, async () => {
    await using schema = await RegistrySchema.create(postgres);
    const { writer, reader, readers, serve } = await two(schema);
    await serve((sequence) => lie(reader, sequence));
    await commit(writer, binding('a', 0, 'app:1'));
    assert.equal(await readers.know(writer.sequence()), false);
    assert.equal(reader.sequence(), 0);
  });
}

test('the answer of one process does not stand for another', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { writer, readers, serve } = await two(schema);
  await serve((sequence) => writer.look(sequence));
  await commit(writer, binding('a', 0, 'app:1'));
  assert.equal(await readers.know(writer.sequence()), false);
});

test('a process that does not answer, and a name that nobody can have, settle nothing', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { writer, reader, readers } = await two(schema);
  await commit(writer, binding('a', 0, 'app:1'));
  assert.equal(await readers.know(writer.sequence()), false);
  await reader.leave();
  assert.equal(await readers.know(writer.sequence()), true);
  await schema.attack("insert into reader (name, seen_at) values ('*', now())");
  assert.equal(await readers.know(writer.sequence()), false);
});

test('who claims a commit that there is not makes a process look, and nothing else', async () => {
  await using schema = await RegistrySchema.create(postgres);
  const { writer, reader } = await two(schema);
  await commit(writer, binding('a', 0, 'app:1'));
  assert.equal((await reader.look(1_000)).sequence, 1);
  const { registry, alerts } = await schema.worker();
  await registry.look(1_000);
  assert.deepEqual(alerts, []);
});
