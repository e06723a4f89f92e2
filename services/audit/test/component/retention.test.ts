/** Rows that leave the database: when they may, what proves that nothing is lost, and what every answer says of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditExportReply, AuditFilter } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import { makeArchiveSegment } from '../../src/app/archive-segment.ts';
import { makeDropArchived } from '../../src/app/drop-archived.ts';
import { makeFetchNodes } from '../../src/app/fetch-nodes.ts';
import { makeFindArchived } from '../../src/app/find-archived.ts';
import { makeFindEntries } from '../../src/app/find-entries.ts';
import { makePlanRetention } from '../../src/app/plan-retention.ts';
import { makeStreamPage } from '../../src/app/stream-page.ts';
import { MemoryArchive } from '../../testing/memory-archive.ts';
import { MemoryLog } from '../../testing/memory-log.ts';
import { fileDefinition, MemoryCursors, TestSink } from '../../testing/memory-sinks.ts';
import { bodyOf, origin, TestDeployment } from '../../testing/test-deployment.ts';
import { makeTestLog, TestClock } from '../../testing/test-log.ts';

const days = 30;
const yearMs = 365 * 86_400_000;
const never = new AbortController().signal;
const tampered = (fault: unknown) => isStrongroomError(fault) && fault.code === 'record-tampered';

/** 600 old entries, the first of carol alone, and 300 of a year later; the first 512 are archived. */
async function set({ cosignaturesMin = 1, tilesMax = 32 } = {}) {
  const deployment = new TestDeployment();
  const memory = new MemoryLog();
  const archive = new MemoryArchive();
  const clock = new TestClock();
  const fetchNodes = makeFetchNodes(memory);
  const findArchived = makeFindArchived({ archive, fetchNodes, tilesMax });
  const stores = { store: memory, checkpoints: memory, reader: memory };
  const witness = Object.assign(deployment.witness(), { nowMs: () => clock.nowMs() });
  const log = makeTestLog({ deployment, witness, ...stores, clock, findArchived });
  const worker = deployment.worker();
  const write = async (count: number, actorId = 'user:alice') => {
    for (let left = count; left > 0; left -= 200)
      await log.append(
        worker,
        Array.from({ length: Math.min(left, 200) }, () => bodyOf({ actorId })),
      );
    await log.keeper.bringUpToDate();
  };
  const cosign = () =>
    memory.addCosignature({ size: memory.entries.length, witness: 'w.example', line: '— w.example AAAA\n' });
  await log.keeper.bringUp();
  await write(1, 'user:carol');
  await write(599);
  clock.advance(yearMs);
  // The receipt key needs a new certificate.
  await log.keeper.bringUpToDate();
  await write(300);
  const trust = { identity: deployment.identity, origin };
  const parts = { archive, reader: memory, checkpoints: memory, fetchNodes, trust };
  const archiveSegment = makeArchiveSegment({ ...parts, cosignaturesMin: 0, segmentTiles: 2 });
  const plan = makePlanRetention({ reader: memory, checkpoints: memory, archive, cosignaturesMin, clock });
  const dropArchived = makeDropArchived({ ...parts, plan, oldEntries: memory });
  const exportAll = async (filter: AuditFilter, limit = 200) => {
    const pages: AuditExportReply[] = [];
    do {
      const last = pages.at(-1);
      const after = last?.next === undefined ? {} : { after: last.next, checkpointSize: last.checkpointSize };
      pages.push(await log.exportPage({ filter, limit, ...after }));
    } while (pages.at(-1)?.next !== undefined);
    return pages;
  };
  const again = () => makeTestLog({ deployment, witness, ...stores, clock, findArchived });
  return {
    memory,
    archive,
    log,
    again,
    worker,
    write,
    cosign,
    archiveSegment,
    plan,
    dropArchived,
    exportAll,
    findArchived,
  };
}

const indexesOf = (pages: readonly AuditExportReply[]) =>
  pages.flatMap(({ entries }) => entries.map(({ index }) => index));
const range = (first: number, end: number) => Array.from({ length: end - first }, (_, at) => first + at);

test('rows leave when they are old, archived and cosigned, and not before', async () => {
  const { memory, cosign, archiveSegment, plan, dropArchived, write } = await set();
  const wouldHoldFrom = async () => (await plan({ days })).wouldHoldFrom;
  await cosign();
  assert.equal(await wouldHoldFrom(), 0, 'nothing is archived');
  await archiveSegment();
  memory.cosignatureRows.length = 0;
  assert.equal(await wouldHoldFrom(), 0, 'nobody has cosigned');
  await cosign();
  assert.deepEqual(await plan({ days }), {
    heldFrom: 0,
    wouldHoldFrom: 512,
    agedSize: 600,
    archivedSize: 512,
    cosignedSize: 900,
    size: 900,
  });
  assert.equal((await plan({ days: 36_500 })).wouldHoldFrom, 0, 'nothing is as old');
  assert.equal(memory.first, 0, 'a plan drops nothing');
  assert.equal(await dropArchived(36_500), undefined);
  assert.equal(await dropArchived(days), 512);
  assert.equal(await dropArchived(days), undefined);
  assert.equal(memory.first, 512);
  await write(200);
  await archiveSegment();
  await cosign();
  assert.equal((await plan({ days })).wouldHoldFrom, 512, '88 old entries wait for the rest of their tile');
});

test('where policy needs no witness nothing leaves', async () => {
  const { archiveSegment, dropArchived, memory } = await set({ cosignaturesMin: 0 });
  await archiveSegment();
  assert.equal(await dropArchived(days), undefined);
  assert.equal(memory.first, 0);
});

test('what the archive does not give back as it was stays in the database', async () => {
  for (const path of ['/tile/entries/001', '/appends/001']) {
    const { archive, archiveSegment, cosign, dropArchived, memory } = await set();
    await archiveSegment();
    await cosign();
    const bytes = archive.files.get(path) as Uint8Array;
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    await assert.rejects(dropArchived(days), tampered, path);
    archive.files.delete(path);
    await assert.rejects(dropArchived(days), tampered, path);
    assert.equal(memory.first, 0);
  }
});

test('rows and archive that agree on another log than the signed one stay too', async () => {
  const { archive, archiveSegment, cosign, dropArchived, memory } = await set();
  await archiveSegment();
  await cosign();
  const other = await set();
  await other.archiveSegment();
  for (const [path, bytes] of other.archive.files) archive.files.set(path, bytes);
  memory.entries.splice(0, 512, ...other.memory.entries.slice(0, 512));
  for (const [id, append] of other.memory.appendRows) memory.appendRows.set(id, append);
  await assert.rejects(dropArchived(days), tampered);
  assert.equal(memory.first, 0);
});

test('every answer says from where it is complete, and no number is given out twice', async () => {
  const { archiveSegment, cosign, dropArchived, log, write } = await set();
  await archiveSegment();
  await cosign();
  await dropArchived(days);
  const ask = (filter: AuditFilter, order: 'newest-first' | 'oldest-first', first = 0) =>
    log.query({ filter, limit: 200, order, first });
  const newest = await ask({}, 'newest-first');
  assert.deepEqual([newest.complete, newest.heldFrom], [true, 512], 'a page that does not reach below');
  assert.equal((await ask({ actor: 'user:carol' }, 'newest-first')).complete, false);
  assert.equal((await ask({}, 'oldest-first')).complete, false);
  assert.equal((await ask({}, 'oldest-first', 512)).complete, true, 'who wants no more gets all');
  assert.equal((await ask({ from: '2031-01-01T00:00:00.000Z' }, 'newest-first')).complete, true);
  const old = await ask({ to: '2030-06-01T00:00:00.000Z' }, 'newest-first');
  assert.deepEqual([old.complete, old.entries[0]?.index], [false, 599]);
  const counted = await log.count({ filter: {}, by: 'actor', limit: 5 });
  assert.deepEqual([counted.complete, counted.heldFrom], [false, 512]);
  await write(1, 'user:carol');
  const [again] = (await ask({ actor: 'user:carol' }, 'newest-first')).entries;
  assert.equal(again?.entry.placement.actorSeq, 2, 'her first entry is gone, its number is not');
});

test('a writer that starts after rows have left goes on where the log ended', async () => {
  const { archiveSegment, cosign, dropArchived, again, worker, memory } = await set();
  await archiveSegment();
  await cosign();
  await dropArchived(days);
  const next = again();
  await next.keeper.bringUp();
  assert.equal(next.writer.state.kind, 'writing');
  assert.deepEqual([...(await next.append(worker, [bodyOf()])).values()], [900]);
  await next.keeper.bringUpToDate();
  assert.equal((await memory.newest())?.size, 901);
});

test('an export reads what is gone out of the archive, proven to the same checkpoint', async () => {
  const { archiveSegment, cosign, dropArchived, exportAll, memory } = await set({ tilesMax: 1 });
  const leaves = memory.entries.map(({ leaf }) => Buffer.from(leaf).toString('base64url'));
  await archiveSegment();
  await cosign();
  const before = await exportAll({});
  await dropArchived(days);
  const pages = await exportAll({});
  assert.deepEqual(indexesOf(pages), range(0, 900));
  assert.deepEqual(
    pages.flatMap(({ entries }) => entries.map(({ entry }) => entry)),
    leaves,
  );
  const entriesOf = (given: readonly AuditExportReply[]) => given.flatMap(({ entries }) => entries);
  assert.deepEqual(entriesOf(pages), entriesOf(before), 'with the same proofs and signers');
  for (const { entries, appends } of pages) {
    const ids = new Set(appends.map(({ id }) => id));
    assert.ok(entries.every(({ append }) => ids.has(append)));
  }
  assert.deepEqual(indexesOf(await exportAll({ actor: 'user:carol' })), [0], 'pages without a match go on');
  assert.deepEqual(indexesOf(await exportAll({ from: '2031-01-01T00:00:00.000Z' })), range(600, 900));
  const old = await exportAll({ to: '2030-06-01T00:00:00.000Z' });
  assert.deepEqual(indexesOf(old), range(0, 600));
});

test('an archive that gives back something else, or is not there, ends the export', async () => {
  const { archive, archiveSegment, cosign, dropArchived, exportAll, memory } = await set();
  await archiveSegment();
  await cosign();
  await dropArchived(days);
  const path = '/tile/entries/001';
  const whole = archive.files.get(path) as Uint8Array;
  const spoiled = Uint8Array.from(whole);
  spoiled[100] = (spoiled[100] ?? 0) ^ 1;
  for (const bytes of [spoiled, new Uint8Array()]) {
    archive.files.set(path, bytes);
    await assert.rejects(exportAll({}), tampered);
  }
  archive.files.set(path, whole);
  archive.files.delete('/appends/001');
  await assert.rejects(exportAll({}), tampered);
  const withoutArchive = makeFindEntries({ reader: memory });
  const wanted = { first: 0, end: 900, anyOf: [{ objects: [] }], times: {}, limit: 5 };
  await assert.rejects(withoutArchive(wanted), { code: 'audit-unavailable' });
  assert.equal((await withoutArchive({ ...wanted, first: 512 })).entries.length, 5);
});

test('a sink that is behind gets what left meanwhile', async () => {
  const { archive, archiveSegment, cosign, dropArchived, memory, findArchived } = await set();
  await archiveSegment();
  await cosign();
  await dropArchived(days);
  const streamPage = makeStreamPage({
    ...{ origin, checkpoints: memory, cursors: new MemoryCursors(), cosignaturesMin: 1 },
    findEntries: makeFindEntries({ reader: memory, findArchived }),
  });
  const [sink, definition] = [new TestSink(), fileDefinition('siem')];
  let lag = -1;
  while (lag !== 0) ({ lag } = await streamPage(definition, sink, never));
  assert.deepEqual(sink.indexes, range(0, 900));
  const bytes = archive.files.get('/tile/entries/000') as Uint8Array;
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  const other = new TestSink();
  await assert.rejects(streamPage(fileDefinition('other'), other, never), tampered);
  assert.deepEqual(other.indexes, [], 'a sink proves nothing by itself: what is spoiled is not sent');
});

test('rows that leave while they are looked for are found in the archive', async () => {
  const { archiveSegment, cosign, dropArchived, memory, findArchived } = await set();
  await archiveSegment();
  await cosign();
  const reader = {
    heldFrom: () => memory.heldFrom(),
    appends: (ids: readonly number[]) => memory.appends(ids),
    async find(selection: Parameters<typeof memory.find>[0]) {
      await dropArchived(days);
      return memory.find(selection);
    },
  };
  const wanted = { first: 0, end: 900, anyOf: [{ objects: [] }], times: {}, limit: 5 };
  const { entries } = await makeFindEntries({ reader, findArchived })(wanted);
  assert.deepEqual(
    entries.map(({ index }) => index),
    range(0, 5),
  );
});
