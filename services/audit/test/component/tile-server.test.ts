/** The tiles over HTTP: what is there, what is not, how long it may be kept, and how much anybody may ask for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StrongroomError } from '@strongroom/errors';
import { makeReadTiles } from '../../src/app/read-tiles.ts';
import { TileServer } from '../../src/inbound/tile-server.ts';
import { MemoryLog } from '../../testing/memory-log.ts';
import { bodyOf, TestDeployment } from '../../testing/test-deployment.ts';
import { makeTestLog } from '../../testing/test-log.ts';

async function serve(count: number, servesEntries = true, memory = new MemoryLog()) {
  const deployment = new TestDeployment();
  const witness = deployment.witness();
  const log = makeTestLog({ deployment, witness, store: memory, checkpoints: memory, reader: memory });
  await log.keeper.bringUp();
  const worker = deployment.worker();
  for (let left = count; left > 0; left -= 200) {
    await log.append(
      worker,
      Array.from({ length: Math.min(left, 200) }, () => bodyOf()),
    );
  }
  await log.keeper.bringUpToDate();
  const faults: unknown[] = [];
  const server = new TileServer({
    ...{ host: '127.0.0.1', port: 0, servesEntries },
    readTiles: makeReadTiles({ store: memory, checkpoints: memory, cosignaturesMin: 0 }),
    report: (_task, fault) => faults.push(fault),
  });
  await server.start();
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, bytes, cache: response.headers.get('cache-control') };
  };
  return { ...log, worker, memory, server, get, faults, [Symbol.asyncDispose]: () => server.stop() };
}

test('checkpoint, hashes and entries of what is signed, each for as long as it stays true', async () => {
  await using log = await serve(300);
  const checkpoint = await log.get('/checkpoint');
  assert.equal(checkpoint.bytes.toString(), log.memory.checkpointRows.at(-1)?.note);
  assert.equal(checkpoint.cache, 'no-cache');
  const hashes = Buffer.concat(log.memory.entries.map(({ leafHash }) => leafHash));
  const full = await log.get('/tile/0/000');
  assert.deepEqual(full.bytes, hashes.subarray(0, 256 * 32));
  assert.match(full.cache ?? '', /immutable/);
  assert.deepEqual((await log.get('/tile/0/001.p/44')).bytes, hashes.subarray(256 * 32));
  assert.equal((await log.get('/tile/1/000.p/1')).bytes.length, 32);
  const entries = (await log.get('/tile/entries/001.p/44')).bytes;
  const leaf = Buffer.from(log.memory.entries[256]?.leaf ?? []);
  assert.equal(entries.readUInt16BE(0), leaf.length);
  assert.deepEqual(entries.subarray(2, 2 + leaf.length), leaf);
  const head = await log.get('/tile/0/000', 'HEAD');
  assert.deepEqual([head.status, head.bytes.length], [200, 0]);
});

test('what is committed and not signed is not there, and nothing else is', async () => {
  await using log = await serve(3);
  await log.append(log.worker, [bodyOf()]);
  const statuses = await Promise.all(
    ['/tile/0/000.p/3', '/tile/0/000.p/4', '/tile/0/000', '/tile/1/000.p/1', '/tile/63/000', '/x'].map(
      async (path) => (await log.get(path)).status,
    ),
  );
  assert.deepEqual(statuses, [200, 404, 404, 404, 404, 404]);
  assert.equal((await log.get('/tile/0/000', 'POST')).status, 405);
  assert.equal((await log.get(`/${'a'.repeat(200)}`)).status, 404);
});

test('entries are not served unless that is said', async () => {
  await using log = await serve(3, false);
  assert.equal((await log.get('/tile/entries/000.p/3')).status, 403);
  assert.equal((await log.get('/tile/0/000.p/3')).status, 200);
});

test('more than eight reads at once are refused, and a database that is away is told as such', async () => {
  const memory = new MemoryLog();
  await using log = await serve(3, true, memory);
  const gate = Promise.withResolvers<void>();
  const newest = memory.newest.bind(memory);
  let waiting = 0;
  const all = Promise.withResolvers<void>();
  memory.newest = async () => {
    waiting += 1;
    if (waiting === 8) all.resolve();
    await gate.promise;
    return newest();
  };
  const taken = Array.from({ length: 8 }, () => log.get('/checkpoint'));
  await all.promise;
  assert.equal((await log.get('/checkpoint')).status, 503);
  gate.resolve();
  assert.deepEqual(new Set((await Promise.all(taken)).map(({ status }) => status)), new Set([200]));
  memory.newest = async () => {
    throw new StrongroomError('database-unavailable');
  };
  assert.equal((await log.get('/checkpoint')).status, 503);
  assert.equal(log.faults.length, 1);
});
