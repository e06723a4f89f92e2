/** Sealed segments in an archive that nobody has to trust. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import { parseBundle } from '@strongroom/merkle';
import { makeTemporaryDirectory } from '@strongroom/testing';
import { makeArchiveSegment } from '../../src/app/archive-segment.ts';
import { makeFetchNodes } from '../../src/app/fetch-nodes.ts';
import { sealedPath } from '../../src/domain/archive-path.ts';
import { ArchiveRhythm } from '../../src/inbound/archive-rhythm.ts';
import { makeDirectoryArchive } from '../../src/outbound/archive/directory-archive.ts';
import type { Archive } from '../../src/ports/archive.ts';
import { MemoryArchive } from '../../testing/memory-archive.ts';
import { MemoryLog } from '../../testing/memory-log.ts';
import { bodyOf, origin, TestDeployment } from '../../testing/test-deployment.ts';
import { makeTestLog } from '../../testing/test-log.ts';

async function set(cosignaturesMin = 0) {
  const deployment = new TestDeployment();
  const memory = new MemoryLog();
  const parts = { store: memory, checkpoints: memory, reader: memory };
  const log = makeTestLog({ deployment, witness: deployment.witness(), ...parts });
  const worker = deployment.worker();
  await log.keeper.bringUp();
  const write = async (count: number) => {
    for (let left = count; left > 0; left -= 200)
      await log.append(
        worker,
        Array.from({ length: Math.min(left, 200) }, () => bodyOf()),
      );
    await log.keeper.bringUpToDate();
  };
  const trust = { identity: deployment.identity, origin };
  const archivist = (archive: Archive) =>
    makeArchiveSegment({
      ...{ archive, reader: memory, checkpoints: memory, trust, cosignaturesMin },
      fetchNodes: makeFetchNodes(memory),
      segmentTiles: 2,
    });
  return { memory, write, archivist };
}

const tampered = (fault: unknown) => isStrongroomError(fault) && fault.code === 'record-tampered';
const decoded = (bytes: Uint8Array | undefined) => JSON.parse(Buffer.from(bytes ?? []).toString('utf8'));

test('a segment is archived when a signed checkpoint covers it: entries, hashes, and who signed them', async () => {
  const { memory, write, archivist } = await set();
  const archive = new MemoryArchive();
  const archiveSegment = archivist(archive);
  await write(500);
  assert.equal(await archiveSegment(), undefined);
  await write(600);
  assert.deepEqual(
    [await archiveSegment(), await archiveSegment(), await archiveSegment()],
    [512, 1_024, undefined],
  );
  for (const tile of [0, 1, 2, 3]) {
    const leaves = parseBundle(archive.files.get(`/tile/entries/00${tile}`) ?? new Uint8Array()) ?? [];
    const rows = memory.entries.slice(tile * 256, (tile + 1) * 256);
    assert.deepEqual(
      leaves.map((leaf) => Buffer.from(leaf)),
      rows.map(({ leaf }) => Buffer.from(leaf)),
    );
    const hashes = Buffer.from(archive.files.get(`/tile/0/00${tile}`) ?? []);
    assert.deepEqual(hashes, Buffer.concat(rows.map(({ leafHash }) => leafHash)));
    const { places, appends } = decoded(archive.files.get(`/appends/00${tile}`));
    assert.deepEqual(
      places,
      rows.map(({ append, offset }) => [append, offset]),
    );
    assert.deepEqual(
      appends.map(({ id }: { id: number }) => id),
      [...new Set(rows.map(({ append }) => append))],
    );
  }
  assert.deepEqual(
    [decoded(archive.files.get(sealedPath)).size, decoded(archive.files.get(sealedPath)).checkpointSize],
    [1_024, 1_100],
  );
});

test('a segment is not archived before its witnesses have cosigned, and their cosignatures go with it', async () => {
  const { memory, write, archivist } = await set(1);
  const archive = new MemoryArchive();
  await write(600);
  assert.equal(await archivist(archive)(), undefined);
  const line = '— w.example AAAA\n';
  await memory.addCosignature({ size: 600, witness: 'w.example', line });
  assert.equal(await archivist(archive)(), 512);
  assert.ok(decoded(archive.files.get(sealedPath)).checkpoint.endsWith(line));
});

test('another process goes on where the last ended, and repeats a segment that was not finished', async () => {
  const { write, archivist } = await set();
  const archive = new MemoryArchive();
  await write(1_100);
  assert.equal(await archivist(archive)(), 512);
  archive.files.delete('/tile/entries/003');
  assert.equal(await archivist(archive)(), 1_024);
  assert.ok(archive.files.has('/tile/entries/003'));
});

test('an archive that spoils what it takes, and one that lies about what it holds, seal nothing', async () => {
  const { write, archivist } = await set();
  await write(1_100);
  const spoiling = new MemoryArchive();
  spoiling.spoil = (path, bytes) => {
    if (path === '/tile/entries/001') bytes[100] = (bytes[100] ?? 0) ^ 1;
    return bytes;
  };
  await assert.rejects(archivist(spoiling)(), tampered);
  assert.ok(!spoiling.files.has(sealedPath));

  const [lying, other] = [new MemoryArchive(), new MemoryArchive()];
  await archivist(lying)();
  const second = await set();
  await second.write(600);
  await second.archivist(other)();
  lying.files.set(sealedPath, other.files.get(sealedPath) as Uint8Array);
  await assert.rejects(archivist(lying)(), tampered);
  lying.files.set(sealedPath, Buffer.from('{}'));
  await assert.rejects(archivist(lying)(), tampered);
});

test('a database that holds another log than the signed one is not archived', async () => {
  const { memory, write, archivist } = await set();
  await write(600);
  const [entry] = memory.entries;
  memory.entries[0] = {
    ...(entry as NonNullable<typeof entry>),
    leaf: Buffer.from('{"body":{},"placement":{}}'),
  };
  await assert.rejects(archivist(new MemoryArchive())(), tampered);
  memory.entries.splice(3, 1);
  await assert.rejects(archivist(new MemoryArchive())(), tampered);
});

test('in a folder, by the rhythm of the service', async () => {
  const { write, archivist } = await set();
  const folder = await makeTemporaryDirectory('archive');
  const { promise: isDone, resolve } = Promise.withResolvers<void>();
  const archiveSegment = archivist(makeDirectoryArchive(folder.path));
  await write(1_100);
  const rhythm = new ArchiveRhythm({
    async archiveSegment() {
      const size = await archiveSegment();
      if (size === undefined) resolve();
      return size;
    },
    dropArchived: async () => undefined,
    isWriting: () => true,
    report: (_, fault) => assert.fail(String(fault)),
  });
  rhythm.start();
  try {
    await isDone;
    assert.equal(rhythm.size, 1_024);
    assert.equal(await archivist(makeDirectoryArchive(folder.path))(), undefined, 'another process finds it');
  } finally {
    await rhythm.stop();
    await folder.remove();
  }
});
