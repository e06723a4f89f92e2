/**
 * A program in Go, with Go's own implementation of tiles, notes and proofs (golang.org/x/mod/sumdb), reads the log over
 * HTTP and checks all of it: the signature, each entry against the tree, and proofs that this service made.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { consistencyPathFrom, noteVerifierKey, rootFrom } from '@strongroom/merkle';
import { findTool } from '@strongroom/testing';
import { makeFetchNodes } from '../../src/app/fetch-nodes.ts';
import { makeReadTiles } from '../../src/app/read-tiles.ts';
import { TileServer } from '../../src/inbound/tile-server.ts';
import { MemoryLog } from '../../testing/memory-log.ts';
import { bodyOf, origin, TestDeployment } from '../../testing/test-deployment.ts';
import { makeTestLog } from '../../testing/test-log.ts';

const entries = 700;

async function writtenLog() {
  const [deployment, memory] = [new TestDeployment(), new MemoryLog()];
  const witness = deployment.witness();
  const log = makeTestLog({ deployment, witness, store: memory, checkpoints: memory, reader: memory });
  await log.keeper.bringUp();
  const worker = deployment.worker();
  for (let left = entries; left > 0; left -= 100) {
    await log.append(
      worker,
      Array.from({ length: 100 }, () => bodyOf()),
    );
    await log.keeper.bringUpToDate();
  }
  return { ...log, deployment, memory };
}

async function readWithGo(memory: MemoryLog, key: string, claims: object) {
  const server = new TileServer({
    ...{ host: '127.0.0.1', port: 0, servesEntries: true },
    readTiles: makeReadTiles({ store: memory, checkpoints: memory, cosignaturesMin: 0 }),
    report: () => undefined,
  });
  await server.start();
  try {
    const program = findTool('tlog-check', 'STRONGROOM_TLOG_CHECK');
    const child = spawn(program, [`127.0.0.1:${server.port}`, key], { stdio: 'pipe' });
    child.stdin.end(JSON.stringify(claims));
    const [output, problem] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      child.exitCode ?? once(child, 'close'),
    ]);
    return { output, problem };
  } finally {
    await server.stop();
  }
}

async function claimsOf({ memory, exportPage }: Awaited<ReturnType<typeof writtenLog>>) {
  const page = await exportPage({ filter: {}, limit: 100 });
  const fetchNodes = makeFetchNodes(memory);
  const base64 = (bytes: Uint8Array | string) =>
    Buffer.from(bytes as string, typeof bytes === 'string' ? 'base64url' : undefined).toString('base64');
  return {
    inclusions: page.entries.map(({ index, entry, proof }) => ({
      index,
      leaf: base64(entry),
      proof: proof.map(base64),
    })),
    consistencies: await Promise.all(
      [1, 2, 255, 256, 257, 512, 600, 699, 700].map(async (size) => ({
        size,
        root: base64(await rootFrom(size, fetchNodes)),
        proof: (await consistencyPathFrom(size, entries, fetchNodes)).map(base64),
      })),
    ),
  };
}

test('Go reads the whole log, and agrees with every proof of ours', async () => {
  const log = await writtenLog();
  const claims = await claimsOf(log);
  const key = noteVerifierKey(origin, log.deployment.logKeyPair.raw);
  const { output, problem } = await readWithGo(log.memory, key, claims);
  assert.equal(problem, '');
  const { size, records, inclusions, consistencies } = JSON.parse(output);
  assert.deepEqual(
    [size, records, inclusions, consistencies],
    [entries, entries, claims.inclusions.length, 9],
  );
});

test('Go refuses what was changed: an entry, a hash, a proof, the key', async () => {
  const log = await writtenLog();
  const key = noteVerifierKey(origin, log.deployment.logKeyPair.raw);
  const claims = await claimsOf(log);
  const { entries: rows } = log.memory;
  const changed = Buffer.from(rows[300]?.leaf ?? []);
  changed[20] = (changed[20] ?? 0) ^ 1;
  log.memory.entries = rows.with(300, { ...(rows[300] as (typeof rows)[number]), leaf: changed });
  assert.match((await readWithGo(log.memory, key, {})).problem, /entry 300/);
  log.memory.entries = rows.with(300, {
    ...(rows[300] as (typeof rows)[number]),
    leafHash: Buffer.alloc(32),
  });
  // The first of its tile is proven from all of its hashes.
  assert.match((await readWithGo(log.memory, key, {})).problem, /entry 256: invalid/);
  log.memory.entries = rows;
  const [first, ...rest] = claims.inclusions;
  const forged = { inclusions: [{ ...first, index: 1 }, ...rest] };
  assert.match((await readWithGo(log.memory, key, forged)).problem, /proof of entry 1/);
  const other = noteVerifierKey(origin, new TestDeployment().logKeyPair.raw);
  assert.match((await readWithGo(log.memory, other, {})).problem, /checkpoint/);
});
