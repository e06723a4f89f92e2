/** What every store of the log promises. Run by each of them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AuditFilter, newRequestId } from '@strongroom/contracts';
import { conditionsOf, type Order } from '../src/domain/entry-selection.ts';
import { objectName, subjectOfActor, subjectOfObject } from '../src/domain/subject.ts';
import { deployment, Scribe, type StoresUnderTest, times, worker } from './scribe.ts';
import { bodyOf } from './test-deployment.ts';

const search = (
  order: Order,
  filter: AuditFilter = {},
  range: { first?: number; end?: number; limit?: number } = {},
) => ({ first: 0, end: 100, limit: 100, order, anyOf: conditionsOf(filter), ...range });

type Rule = (scribe: Scribe, stores: StoresUnderTest) => Promise<void>;

const rules: Readonly<Record<string, Rule>> = {
  'a new log is empty and each writer has a higher epoch': async (scribe, { store }) => {
    const head = { epoch: 1, size: 0, beat: 1 };
    assert.deepEqual(await store.head(), head);
    assert.deepEqual(await store.takeEpoch(head), { epoch: 2, size: 0, beat: 1 });
    assert.deepEqual(await store.leaves(0, 10), []);
    assert.deepEqual((await store.tiles([{ level: 0, index: 0 }])).map(asBuffer), [Buffer.alloc(0)]);
    assert.equal(scribe.epoch, 1);
  },

  'of many that see the same head one takes over, and none after a sign of life': async (
    scribe,
    { store },
  ) => {
    const silent = await store.head();
    assert.deepEqual(await store.beat(1), { epoch: 1, size: 0, beat: 2 });
    assert.equal(await store.takeEpoch(silent), undefined);
    const beating = await store.head();
    await scribe.write([bodyOf()]);
    assert.equal(await store.takeEpoch(beating), undefined);
    const seen = await store.head();
    const taken = await Promise.all([store.takeEpoch(seen), store.takeEpoch(seen), store.takeEpoch(seen)]);
    assert.deepEqual(
      taken.filter((head) => head !== undefined),
      [{ epoch: 2, size: 1, beat: 1 }],
    );
  },

  'only the writer of now shows life and hands over': async (scribe, { store }) => {
    await store.takeEpoch(await store.head());
    assert.equal(scribe.epoch, 1);
    assert.deepEqual(await store.beat(1), { epoch: 2, size: 0, beat: 1 });
    await store.release(1);
    assert.deepEqual(await store.head(), { epoch: 2, size: 0, beat: 1 });
    await store.release(2);
    assert.deepEqual(await store.head(), { epoch: 2, size: 0, beat: 0 });
    assert.deepEqual(await store.takeEpoch(await store.head()), { epoch: 3, size: 0, beat: 1 });
  },

  'a committed batch is all there': async (scribe, { store, reader }) => {
    const batch = await scribe.write([bodyOf(), bodyOf(), bodyOf()]);
    assert.deepEqual(await store.head(), { epoch: 1, size: 3, beat: 1 });
    const leaves = batch.entries.map(({ leaf }) => Buffer.from(leaf));
    assert.deepEqual((await store.leaves(0, 10)).map(asBuffer), leaves);
    assert.deepEqual((await store.leaves(1, 2)).map(asBuffer), leaves.slice(1, 2));
    const [tile] = await store.tiles([{ level: 0, index: 0 }]);
    assert.deepEqual(asBuffer(tile), Buffer.concat(batch.entries.map(({ leafHash }) => leafHash)));
    const [append] = await reader.appends([0]);
    assert.equal(append?.id, 0);
    assert.deepEqual(append?.worker, worker.statement);
    assert.equal(append?.bodyHashes.length, 3 * 32);
    assert.deepEqual(asBuffer(append?.signature), Buffer.alloc(64, 1));
    assert.equal(await reader.size(), 3);
  },

  'a batch of another epoch or size changes nothing': async (scribe, { store }) => {
    await scribe.write([bodyOf()]);
    const behind = { ...scribe.draft([bodyOf()]).batch, first: 0 };
    assert.equal(await store.commit(behind), 'moved');
    const { batch } = scribe.draft([bodyOf()]);
    await store.takeEpoch(await store.head());
    assert.equal(await store.commit(batch), 'moved');
    assert.deepEqual(await store.head(), { epoch: 2, size: 1, beat: 1 });
    assert.equal((await store.leaves(0, 10)).length, 1);
  },

  'a key is taken once for ever, and a batch that would take it again changes nothing': async (
    scribe,
    { store },
  ) => {
    const [first, second] = [bodyOf(), bodyOf()];
    await scribe.write([first]);
    const { batch } = scribe.draft([second, bodyOf({ requestId: first.requestId })]);
    assert.equal(await store.commit(batch), 'occupied');
    assert.deepEqual(await store.head(), { epoch: 1, size: 1, beat: 1 });
    assert.deepEqual(
      await store.lastSequences([subjectOfActor('user:alice')]),
      new Map([['actor user:alice', 1]]),
    );
    // Another actor or phase is another key.
    await scribe.write([
      bodyOf({ requestId: first.requestId, actorId: 'user:bob' }),
      bodyOf({ requestId: first.requestId, phase: 'intent' }),
    ]);
  },

  'entries are found by their key': async (scribe, { store }) => {
    const [held, free] = [bodyOf(), bodyOf()];
    const batch = await scribe.write([bodyOf(), held]);
    const keys = [held, free].map(({ requestId }) => ({
      actor: 'user:alice',
      requestId,
      phase: 'outcome' as const,
    }));
    const [placed, ...more] = await store.findPlaced(keys);
    assert.equal(placed?.index, 1);
    assert.deepEqual(asBuffer(placed?.leaf), Buffer.from(batch.entries[1]?.leaf ?? []));
    assert.deepEqual(
      [placed?.actor, placed?.requestId, placed?.phase],
      ['user:alice', held.requestId, 'outcome'],
    );
    assert.deepEqual(more, []);
  },

  'the last number of each subject is known': async (scribe, { store }) => {
    const key = { kind: 'key', group: 'default', name: 'kek' };
    await scribe.write([
      bodyOf({ objects: [key] }),
      bodyOf({ objects: [key, { kind: 'log' }], actorId: 'user:bob' }),
    ]);
    await scribe.write([bodyOf({ objects: [] })]);
    const subjects = [
      ...['user:alice', 'user:bob', 'user:carol'].map(subjectOfActor),
      ...['key/default/kek', 'log//', 'key/default/none'].map(subjectOfObject),
    ];
    const numbers = await store.lastSequences(subjects);
    assert.deepEqual(
      subjects.map((subject) => numbers.get(subject)),
      [2, 1, 0, 2, 1, 0],
    );
  },

  'tiles hold the hashes of their level, as many as there are': async (scribe, { store }) => {
    for (let count = 0; count < 600; count += 200) {
      await scribe.write(Array.from({ length: 200 }, () => bodyOf({ objects: [] })));
    }
    const tiles = await store.tiles([
      { level: 0, index: 1 },
      { level: 1, index: 0 },
      { level: 0, index: 2 },
      { level: 0, index: 3 },
    ]);
    assert.deepEqual(
      tiles.map(({ length }) => length / 32),
      [256, 2, 88, 0],
    );
  },

  'a search gives the matches of a range in the order asked': async (scribe, { reader }) => {
    const [secret, key] = [
      { kind: 'secret', group: 'default', name: 'a' },
      { kind: 'key', group: 'default', name: 'b' },
    ];
    const special = bodyOf({ outcome: 'refused', operation: 'key.rotate', objects: [key, secret] });
    await scribe.write([bodyOf({ objects: [secret] }), special]);
    await scribe.write([bodyOf({ actorId: 'user:bob', objects: [key] }), bodyOf({ objects: [] })]);
    const indexesOf = async (...given: Parameters<typeof search>) =>
      (await reader.find(search(...given))).map(({ index }) => index);
    assert.deepEqual(await indexesOf('oldest-first'), [0, 1, 2, 3]);
    assert.deepEqual(await indexesOf('newest-first'), [3, 2, 1, 0]);
    assert.deepEqual(await indexesOf('newest-first', {}, { limit: 2 }), [3, 2]);
    assert.deepEqual(await indexesOf('oldest-first', {}, { first: 1, end: 3 }), [1, 2]);
    assert.deepEqual(await indexesOf('oldest-first', { actor: 'user:bob' }), [2]);
    assert.deepEqual(await indexesOf('oldest-first', { operation: 'key.rotate' }), [1]);
    assert.deepEqual(await indexesOf('oldest-first', { outcome: 'refused' }), [1]);
    assert.deepEqual(await indexesOf('oldest-first', { requestId: special.requestId }), [1]);
    assert.deepEqual(await indexesOf('newest-first', { key: 'default/b' }), [2, 1]);
    assert.deepEqual(await indexesOf('newest-first', { key: 'default/b', secret: 'default/a' }), [1]);
    assert.deepEqual(await indexesOf('newest-first', { secret: 'default/a' }, { end: 1 }), [0]);
    assert.deepEqual(await indexesOf('newest-first', { actor: 'user:bob', outcome: 'refused' }), []);
    assert.deepEqual(await indexesOf('newest-first', { requestId: newRequestId() }), []);
    const [found] = await reader.find(search('oldest-first', { requestId: special.requestId }));
    assert.deepEqual([found?.append, found?.offset], [0, 1]);
  },

  'members of a filter are put together in the order asked, each entry once': async (scribe, { reader }) => {
    const at = (cluster: string, namespace: string, actorId: string, operation = 'secret.read') =>
      bodyOf({ operation, actor: { id: actorId, proof: 'workload-jwt', cluster, namespace } });
    await scribe.write([
      at('east', 'shop', 'workload:east/shop/web'),
      at('east', 'mail', 'workload:east/mail/smtp'),
      at('west', 'shop', 'workload:west/shop/web', 'secret.read-many'),
      bodyOf({ outcome: 'refused', actorId: 'user:bob', operation: 'key.rotate' }),
      bodyOf({ actorId: 'user:bob', operation: 'key.rotated' }),
    ]);
    const expected: readonly [AuditFilter, readonly number[]][] = [
      [{ cluster: 'east' }, [0, 1]],
      [{ namespace: 'shop' }, [0, 2]],
      [{ cluster: 'east', namespace: 'shop' }, [0]],
      [{ actor: 'workload:*' }, [0, 1, 2]],
      [{ actor: 'workload:east/*', operation: 'secret.*' }, [0, 1]],
      [{ operation: 'secret.read*' }, [0, 1, 2]],
      [{ operation: 'key.rotate' }, [3]],
      [{ actor: '*' }, [0, 1, 2, 3, 4]],
      [{ anyOf: [{ cluster: 'west' }, { outcome: 'refused' }] }, [2, 3]],
      [{ anyOf: [{ actor: 'user:bob' }, { outcome: 'refused' }, { namespace: 'mail' }] }, [1, 3, 4]],
      [{ actor: 'user:bob', anyOf: [{ outcome: 'refused' }, { namespace: 'mail' }] }, [3]],
      [{ secret: 'default/database', anyOf: [{ outcome: 'refused' }, { cluster: 'west' }] }, [2, 3]],
    ];
    for (const [filter, indexes] of expected) {
      for (const limit of [100, 2]) {
        const oldest = await reader.find(search('oldest-first', filter, { limit }));
        const newest = await reader.find(search('newest-first', filter, { limit }));
        const told = JSON.stringify(filter);
        assert.deepEqual(
          oldest.map(({ index }) => index),
          indexes.slice(0, limit),
          told,
        );
        assert.deepEqual(
          newest.map(({ index }) => index),
          indexes.toReversed().slice(0, limit),
          told,
        );
      }
      const span = { first: 0, end: 5, anyOf: conditionsOf(filter) };
      assert.equal((await reader.count(span, 'outcome', 5)).total, indexes.length);
    }
    const span = (filter: AuditFilter) => ({ first: 0, end: 5, anyOf: conditionsOf(filter) });
    assert.deepEqual(await reader.count(span({}), 'cluster', 5), {
      total: 5,
      counts: [
        { value: 'east', count: 2 },
        { value: 'west', count: 1 },
      ],
    });
    assert.deepEqual(await reader.count(span({ operation: 'secret.*' }), 'operation', 1), {
      total: 3,
      counts: [{ value: 'secret.read', count: 2 }],
    });
    assert.deepEqual(await reader.count({ ...span({}), first: 3 }, 'namespace', 5), { total: 2, counts: [] });
    assert.deepEqual(await reader.count({ ...span({}), end: 0 }, 'actor', 5), { total: 0, counts: [] });
  },

  'the first entry of a time is found': async (scribe, { reader }) => {
    const counts = [2, 3, 1];
    for (const [at, time] of times.entries()) {
      await scribe.write(
        Array.from({ length: counts[at] ?? 0 }, () => bodyOf()),
        time,
      );
    }
    const asked = ['2029-12-31T23:59:59.999Z', times[0], '2030-01-01T00:00:00.001Z', times[1], times[2]];
    const first = await Promise.all(asked.map((time) => reader.firstSince(time, 6)));
    assert.deepEqual(first, [0, 0, 2, 2, 5]);
    assert.equal(await reader.firstSince('2031-01-01T00:00:00.000Z', 6), 6);
    assert.equal(await reader.firstSince(times[2], 4), 4);
    assert.equal(await reader.firstSince(times[0], 0), 0);
  },

  'entries leave by 256, oldest first; hashes, last numbers and what is younger stay': async (
    scribe,
    { store, reader, oldEntries },
  ) => {
    const old = { kind: 'key', group: 'default', name: 'old' };
    await scribe.write([bodyOf({ actorId: 'user:gone', objects: [old] })], times[0]);
    for (let count = 0; count < 512; count += 64)
      await scribe.write(
        Array.from({ length: 64 }, () => bodyOf()),
        count < 256 ? times[1] : times[2],
      );
    const tiles = [
      { level: 0, index: 0 },
      { level: 0, index: 1 },
      { level: 1, index: 0 },
    ];
    const subjects = [
      subjectOfActor('user:gone'),
      subjectOfActor(bodyOf().actor.id),
      subjectOfObject(objectName(old)),
    ];
    const before = { hashes: await store.tiles(tiles), numbers: await store.lastSequences(subjects) };
    const objects = (await reader.find({ ...search('oldest-first'), end: 512, limit: 512 })).flatMap(
      ({ index, leaf }) => {
        const { body } = JSON.parse(Buffer.from(leaf).toString('utf8'));
        return [...new Set<string>(body.objects.map(objectName))].map((object) => ({ object, index }));
      },
    );
    const of = (first: number) => objects.filter(({ index }) => index >= first && index < first + 256);
    assert.equal(await reader.heldFrom(), 0);
    assert.equal(await oldEntries.drop(256, of(256)), false, 'not before those that are older');
    assert.equal(await oldEntries.drop(0, of(0)), true);
    assert.equal(await oldEntries.drop(0, of(0)), false, 'not twice');
    assert.equal(await reader.heldFrom(), 256);
    assert.equal((await reader.find({ ...search('newest-first'), end: 513, limit: 513 })).at(-1)?.index, 256);
    const key = await reader.find(search('oldest-first', { key: 'default/old' }, { end: 513 }));
    assert.deepEqual(key, []);
    assert.deepEqual((await reader.appends([0])).length, 0);
    assert.deepEqual((await reader.appends([193])).length, 1, 'an entry that stays came in it');
    assert.equal(await reader.firstSince(times[0], 513), undefined);
    assert.equal(await reader.firstSince(times[2], 513), 257);
    const { hashes, numbers } = before;
    assert.deepEqual((await store.tiles(tiles)).map(asBuffer), hashes.map(asBuffer));
    assert.deepEqual(await store.lastSequences(subjects), numbers);
    assert.equal(numbers.get(subjects[0] as string), 1);
    assert.equal(await oldEntries.drop(256, of(256)), true);
    assert.equal(await oldEntries.drop(512, []), false, 'the last entries stay');
    assert.deepEqual(await store.lastSequences(subjects), numbers);
  },

  'the first checkpoint of a size stays': async (_, { checkpoints }) => {
    assert.equal(await checkpoints.newest(), undefined);
    const checkpoint = { size: 3, note: 'note\n', logKey: deployment.logKey };
    await checkpoints.add(checkpoint);
    await checkpoints.add({ ...checkpoint, note: 'another\n' });
    await checkpoints.add({ ...checkpoint, size: 2 });
    const cosignatures: string[] = [];
    assert.deepEqual(await checkpoints.newest(), { ...checkpoint, cosignatures });
    assert.deepEqual(await checkpoints.ofSize(2), { ...checkpoint, size: 2, cosignatures });
    assert.equal(await checkpoints.ofSize(1), undefined);
  },

  'the first cosignature of a witness stays, and the newest with enough of them is found': async (
    _,
    { checkpoints },
  ) => {
    for (const size of [1, 2, 3]) await checkpoints.add({ size, note: 'note\n', logKey: deployment.logKey });
    for (const [size, witness, line] of [
      [1, 'b', 'b1\n'],
      [1, 'a', 'a1\n'],
      [1, 'a', 'other\n'],
      [2, 'b', 'b2\n'],
    ] as const) {
      await checkpoints.addCosignature({ size, witness, line });
    }
    assert.deepEqual((await checkpoints.ofSize(1))?.cosignatures, ['a1\n', 'b1\n']);
    const sizes = [0, 1, 2, 3].map(async (count) => (await checkpoints.newest(count))?.size);
    assert.deepEqual(await Promise.all(sizes), [3, 2, 1, undefined]);
  },

  'names of any characters come back as they are': async (scribe, { store, reader }) => {
    const name = 'a"\\{},\'\n\0\u2028\u{1f511} NULL';
    const object = { kind: 'secret', group: 'default', name };
    await scribe.write([bodyOf({ operation: name, objects: [object] })]);
    const subject = subjectOfObject(objectName(object));
    assert.equal((await store.lastSequences([subject])).get(subject), 1);
    const filter = { operation: name, secret: `default/${name}` };
    assert.equal((await reader.find(search('oldest-first', filter))).length, 1);
  },
};

const asBuffer = (bytes: Uint8Array | undefined): Buffer => Buffer.from(bytes ?? []);

export function logStoreContract(name: string, open: () => Promise<StoresUnderTest>): void {
  describe(`log store: ${name}`, () => {
    for (const [title, rule] of Object.entries(rules)) {
      test(title, async () => {
        const stores = await open();
        const scribe = new Scribe(stores);
        await scribe.open();
        await rule(scribe, stores);
      });
    }
  });
}
