import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { decodeBytes } from '@strongroom/canonical';
import {
  type AuditExportReply,
  type AuditFilter,
  type AuditQueryReply,
  checkers,
  type EntryBody,
} from '@strongroom/contracts';
import { type ErrorCode, isStrongroomError } from '@strongroom/errors';
import { leafHash, parseCheckpoint, rootFromInclusion } from '@strongroom/merkle';
import { formatCursor } from '../../src/domain/cursor.ts';
import { MemoryLog } from '../../testing/memory-log.ts';
import { bodyOf, TestDeployment } from '../../testing/test-deployment.ts';
import { makeTestLog, TestClock } from '../../testing/test-log.ts';

const hasCode = (code: ErrorCode, detail: RegExp) => (fault: unknown) => {
  assert.ok(isStrongroomError(fault), String(fault));
  assert.equal(fault.code, code);
  assert.match(fault.detail ?? '', detail);
  return true;
};

const deployment = new TestDeployment();
const memory = new MemoryLog();
const clock = new TestClock();
const log = makeTestLog({
  deployment,
  witness: deployment.witness(),
  store: memory,
  checkpoints: memory,
  reader: memory,
  clock,
});
const worker = deployment.worker();
const secret = { kind: 'secret', group: 'default', name: 'database' };
const key = { kind: 'key', group: 'default', name: 'kek' };

/** 30 entries, one second apart: alice and bob in turn, every third about the key, every tenth refused. */
before(async () => {
  await log.keeper.bringUp();
  for (let at = 0; at < 30; at += 1) {
    const given: Partial<EntryBody> = {
      objects: at % 3 === 0 ? [key, secret] : [secret],
      ...(at % 10 === 0 ? { outcome: 'refused', code: 'denied', operation: 'key.rotate' } : {}),
    };
    await log.append(worker, [bodyOf({ ...given, actorId: at % 2 === 0 ? 'user:alice' : 'user:bob' })]);
    clock.advance(1_000);
  }
  await log.keeper.bringUpToDate();
});

async function searchAll(filter: AuditFilter, order: 'newest-first' | 'oldest-first', limit = 4) {
  const pages: AuditQueryReply[] = [];
  do {
    const after = pages.at(-1)?.next;
    pages.push(await log.query({ filter, limit, order, ...(after === undefined ? {} : { after }) }));
    assert.ok(checkers.auditQueryReply.check(pages.at(-1)), 'a reply fits its schema');
  } while (pages.at(-1)?.next !== undefined);
  return pages;
}

const indexesOf = (pages: readonly { entries: readonly { index: number }[] }[]) =>
  pages.flatMap(({ entries }) => entries.map(({ index }) => index));
const range = (first: number, end: number, step = 1) =>
  Array.from({ length: Math.ceil((end - first) / step) }, (_, at) => first + at * step);

test('pages put together are all matches, in both orders', async () => {
  const filters: readonly [AuditFilter, readonly number[]][] = [
    [{}, range(0, 30)],
    [{ actor: 'user:bob' }, range(1, 30, 2)],
    [{ key: 'default/kek' }, range(0, 30, 3)],
    [{ secret: 'default/database', actor: 'user:alice' }, range(0, 30, 2)],
    [{ outcome: 'refused' }, [0, 10, 20]],
    [{ operation: 'key.rotate', key: 'default/kek' }, [0]],
    [{ from: '2030-01-01T00:00:10.000Z', to: '2030-01-01T00:00:20.000Z' }, range(10, 20)],
    [{ from: '2030-01-01T00:00:29.500Z' }, []],
    [{ actor: 'user:carol' }, []],
    [{ secret: 'default/other' }, []],
  ];
  for (const [filter, expected] of filters) {
    const [oldest, newest] = [
      await searchAll(filter, 'oldest-first'),
      await searchAll(filter, 'newest-first'),
    ];
    assert.deepEqual(indexesOf(oldest), expected, JSON.stringify(filter));
    assert.deepEqual(indexesOf(newest), expected.toReversed(), JSON.stringify(filter));
    for (const { complete, size, checkpointSize } of [...oldest, ...newest]) {
      assert.deepEqual([complete, size, checkpointSize], [true, 30, 30], JSON.stringify(filter));
    }
  }
});

test('a page leads back to the one before it', async () => {
  const filter = { actor: 'user:bob' };
  for (const order of ['newest-first', 'oldest-first'] as const) {
    const [first, second] = await searchAll(filter, order);
    const back = await log.query({
      filter,
      limit: 4,
      order: order === 'newest-first' ? 'oldest-first' : 'newest-first',
      after: second?.previous ?? '',
    });
    assert.deepEqual(indexesOf([back]).toReversed(), indexesOf(first === undefined ? [] : [first]));
    assert.ok(back.complete);
  }
});

test('entries are counted by what they have, and a span that is too long is said to be', async () => {
  const counted = await log.count({ filter: { from: '2030-01-01T00:00:10.000Z' }, by: 'actor', limit: 5 });
  assert.ok(checkers.auditCountReply.check(counted));
  assert.deepEqual(counted, {
    counts: [
      { value: 'user:alice', count: 10 },
      { value: 'user:bob', count: 10 },
    ],
    total: 20,
    complete: true,
    first: 10,
    size: 30,
    checkpointSize: 30,
    heldFrom: 0,
  });
  const { complete, first, total } = await log.count({ filter: {}, by: 'outcome', limit: 1 });
  assert.deepEqual([complete, first, total], [false, 5, 25]);
});

test('a roll call states the last number of a subject, what the same message brings included', async () => {
  const own = new MemoryLog();
  const witness = deployment.witness();
  const fresh = makeTestLog({ deployment, witness, store: own, checkpoints: own, reader: own });
  await fresh.keeper.bringUp();
  await fresh.append(worker, [bodyOf(), bodyOf({ actorId: 'user:bob' })]);
  const roll = (kind: 'actor' | 'key' | 'secret', name: string) =>
    bodyOf({ actorId: 'user:bob', objects: [], counts: { kind, name } });
  await fresh.append(worker, [
    bodyOf(),
    roll('actor', 'user:alice'),
    roll('actor', 'user:bob'),
    roll('secret', 'default/database'),
    roll('key', 'default/never'),
  ]);
  const { entries } = await fresh.query({ filter: {}, limit: 10, order: 'oldest-first' });
  assert.deepEqual(
    entries.map(({ entry }) => entry.placement.counted),
    [undefined, undefined, undefined, 2, 3, 3, 0],
  );
  for (const { entry } of entries) assert.ok(checkers.entry.check(entry));
});

test('a reader of the end goes on where the last answer ended', async () => {
  const follow = (first: number, limit = 4, after?: string) =>
    log.query({ filter: {}, limit, order: 'oldest-first', first, ...(after === undefined ? {} : { after }) });
  const page = await follow(24);
  assert.deepEqual([indexesOf([page]), page.complete, page.size], [[24, 25, 26, 27], true, 30]);
  const next = await follow(24, 4, page.next);
  assert.deepEqual([indexesOf([next]), next.complete, next.next], [[28, 29], true, undefined]);
  assert.deepEqual((await follow(30)).entries, []);
});

test('an entry that is written between two pages is not in them', async () => {
  const first = await log.query({ filter: {}, limit: 28, order: 'oldest-first' });
  const added = new MemoryLog();
  Object.assign(added, memory, { entries: [...memory.entries, { ...memory.entries[29], index: 30 }] });
  const later = makeTestLog({
    deployment,
    witness: deployment.witness(),
    store: added,
    checkpoints: added,
    reader: added,
  });
  const next = await later.query({ filter: {}, limit: 28, order: 'oldest-first', after: first.next ?? '' });
  assert.deepEqual([next.entries.map(({ index }) => index), next.size], [[28, 29], 30]);
});

test('an answer that lacks an entry says that it is not complete', async () => {
  const robbed = new MemoryLog();
  Object.assign(robbed, memory, { entries: memory.entries.filter((_, at) => at !== 12) });
  robbed.size = async () => 30;
  const { query } = makeTestLog({
    deployment,
    witness: deployment.witness(),
    store: robbed,
    checkpoints: robbed,
    reader: robbed,
  });
  for (const filter of [{}, { actor: 'user:alice' }, { key: 'default/kek' }]) {
    const all = await query({ filter, limit: 100, order: 'newest-first' });
    assert.equal(all.complete, false, JSON.stringify(filter));
  }
  assert.equal(
    (await query({ filter: { actor: 'user:bob' }, limit: 100, order: 'newest-first' })).complete,
    true,
  );
  // The gap falls between two pages.
  const page = await query({ filter: {}, limit: 12, order: 'oldest-first' });
  assert.equal(page.complete, true);
  const next = await query({ filter: {}, limit: 12, order: 'oldest-first', after: page.next ?? '' });
  assert.equal(next.complete, false);
});

test('questions that nobody can ask are refused with their place', async () => {
  const ask = (filter: AuditFilter, after?: string) =>
    log.query({ filter, limit: 5, order: 'oldest-first', ...(after === undefined ? {} : { after }) });
  await assert.rejects(ask({ key: 'kek' }), hasCode('request-invalid', /^\/filter\/key$/));
  await assert.rejects(
    ask({ from: '2030-02-31T00:00:00.000Z' }),
    hasCode('request-invalid', /^\/filter\/from$/),
  );
  await assert.rejects(ask({}, 'AAAA'), hasCode('request-invalid', /^\/after$/));
  const { next = '' } = await log.query({ filter: {}, limit: 5, order: 'newest-first' });
  await assert.rejects(ask({}, next), hasCode('request-invalid', /^\/after$/));
  // Of a log that was longer than this one is.
  const longer = formatCursor({ index: 3, size: 31, sequence: 4 }, 'oldest-first', {});
  await assert.rejects(ask({}, longer), hasCode('request-invalid', /^\/after$/));
});

async function exportAll(filter: AuditFilter, limit = 7) {
  const pages: AuditExportReply[] = [];
  do {
    const last = pages.at(-1);
    const page = {
      ...(last?.next === undefined ? {} : { after: last.next, checkpointSize: last.checkpointSize }),
    };
    pages.push(await log.exportPage({ filter, limit, ...page }));
    assert.ok(checkers.auditExportReply.check(pages.at(-1)), 'a reply fits its schema');
  } while (pages.at(-1)?.next !== undefined);
  return pages;
}

test('every exported entry is in the signed tree and comes with who signed it', async () => {
  const pages = await exportAll({ actor: 'user:alice' });
  assert.deepEqual(indexesOf(pages), range(0, 30, 2));
  for (const { checkpoint, entries, appends } of pages) {
    const head = parseCheckpoint(checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1));
    assert.equal(head?.size, 30);
    for (const { index, entry, proof, append, offset } of entries) {
      const root = rootFromInclusion(leafHash(decodeBytes(entry)), index, 30, proof.map(decodeBytes));
      assert.deepEqual(Buffer.from(root ?? []), Buffer.from(head?.root ?? [1]));
      assert.ok((appends.find(({ id }) => id === append)?.bodyHashes.length ?? 0) > offset);
    }
    assert.equal(new Set(appends.map(({ id }) => id)).size, appends.length, 'each message once a page');
  }
});

test('an export holds what was written a moment ago, and its pages share one checkpoint', async () => {
  const own = new MemoryLog();
  const witness = deployment.witness();
  const fresh = makeTestLog({ deployment, witness, store: own, checkpoints: own, reader: own });
  await fresh.keeper.bringUp();
  const bodies = Array.from({ length: 10 }, () => bodyOf());
  await fresh.append(worker, bodies);
  const first = await fresh.exportPage({ filter: {}, limit: 6 });
  assert.deepEqual([first.checkpointSize, first.entries.length, first.appends.length], [10, 6, 1]);
  await fresh.append(worker, [bodyOf()]);
  await fresh.keeper.bringUpToDate();
  const page = { filter: {}, limit: 6, after: first.next ?? '' };
  const second = await fresh.exportPage({ ...page, checkpointSize: 10 });
  assert.deepEqual([second.checkpoint, indexesOf([second])], [first.checkpoint, [6, 7, 8, 9]]);
  await assert.rejects(fresh.exportPage(page), hasCode('request-invalid', /checkpointSize/));
  await assert.rejects(
    fresh.exportPage({ ...page, checkpointSize: 9 }),
    hasCode('request-invalid', /checkpointSize/),
  );
});

test('an export from before the first checkpoint says so', async () => {
  const own = new MemoryLog();
  const { exportPage } = makeTestLog({
    deployment,
    witness: deployment.witness(),
    store: own,
    checkpoints: own,
    reader: own,
  });
  await assert.rejects(exportPage({ filter: {}, limit: 5 }), hasCode('audit-unavailable', /no checkpoint/));
});

test('a page of large entries is shorter, and none is lost', async () => {
  const own = new MemoryLog();
  const large = makeTestLog({
    deployment,
    witness: deployment.witness(),
    store: own,
    checkpoints: own,
    reader: own,
  });
  await large.keeper.bringUp();
  const pads = { a: 'x'.repeat(16_000), b: 'y'.repeat(16_000), c: 'z'.repeat(16_000) };
  const bodies = Array.from({ length: 30 }, () => bodyOf({ request: pads }));
  await large.append(worker, bodies);
  const page = await large.exportPage({ filter: {}, limit: 200 });
  assert.ok(page.entries.length < 10 && page.next !== undefined);
  assert.ok(JSON.stringify(page).length < 512 * 1_024);
  const found = await large.query({ filter: {}, limit: 200, order: 'newest-first' });
  assert.ok(found.entries.length < 10 && found.next !== undefined && found.complete);
});

test('a page of entries that each bring a large append message along is shorter too', async () => {
  const own = new MemoryLog();
  const witness = deployment.witness();
  const many = makeTestLog({ deployment, witness, store: own, checkpoints: own, reader: own });
  await many.keeper.bringUp();
  for (let message = 0; message < 40; message += 1) {
    const bodies = Array.from({ length: 200 }, (_, at) => bodyOf(at === 5 ? { outcome: 'refused' } : {}));
    await many.append(worker, bodies);
  }
  const page = await many.exportPage({ filter: { outcome: 'refused' }, limit: 200 });
  assert.ok(page.entries.length < 40 && page.next !== undefined);
  assert.equal(page.appends.length, page.entries.length);
  assert.ok(JSON.stringify(page).length < 512 * 1_024);
});
