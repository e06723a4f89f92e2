/** Two signed trees: consistent, a fork, or not known; by every source of proofs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leafHash, rootHash } from '@strongroom/merkle';
import { bodyOf, collect, makeTestExport, TestExport } from '../../testing/test-export.ts';
import { compareTrees, type Inclusion, type ProveLeaf } from './continuity.ts';
import { proveByBundle, proveByTiles } from './prove-leaf.ts';
import { keptLine, openTrees, readTree } from './signed-tree.ts';
import { tileName } from './tile-name.ts';
import { bundleLines } from './write-bundle.ts';

const nothing: ProveLeaf = async () => undefined;

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

function grow(log: TestExport, entries: number): TestExport {
  log.append(Array.from({ length: entries }, () => bodyOf()));
  return log;
}

const certificateOf = (log: TestExport) => ({ identity: log.identity, logKey: log.logKey });
const keptOf = (log: TestExport) => keptLine(log.page([]).checkpoint, certificateOf(log));
const bundleOf = (log: TestExport) =>
  collect(bundleLines(log.pages({}), { filter: {}, identity: log.identity }));

async function compare(log: TestExport, files: readonly string[], prove: ProveLeaf) {
  const trees = openTrees(files.map(readTree), { identityFingerprint: log.fingerprint });
  assert.ok(typeof trees !== 'string', String(trees));
  const [first, second] = trees;
  assert.ok(first !== undefined && second !== undefined);
  return compareTrees(first, second, prove);
}

/** Of the same keys, with other entries from `size` on. */
function forked(log: TestExport, size: number): TestExport {
  const other = new TestExport();
  Object.assign(other, {
    identityKey: log.identityKey,
    logKeyPair: log.logKeyPair,
    workerKeys: log.workerKeys,
  });
  other.entries.push(...log.entries.slice(0, size));
  return other;
}

test('a bundle of the newer tree proves that it extends the older one, in either order', async () => {
  const log = makeTestExport();
  const older = keptOf(log);
  const size = log.entries.length;
  const lines = await bundleOf(grow(log, 9));
  const newer = `${lines.join('\n')}\n`;
  for (const files of [
    [older, newer],
    [newer, older],
    [log.page([]).checkpoint, newer],
  ]) {
    const shown = await compare(
      log,
      files,
      proveByBundle(() => each(lines)),
    );
    assert.deepEqual([shown.verdict, shown.reasons], ['consistent', []]);
  }
  const shown = await compare(log, [older, newer], nothing);
  assert.deepEqual([shown.verdict, shown.older?.size, shown.newer?.size], ['unproven', size, size + 9]);
});

test('a fork names both sizes and both roots', async () => {
  const log = makeTestExport();
  const older = keptOf(log);
  const size = log.entries.length;
  const rootThen = Buffer.from(rootHash(log.entries.map(({ leaf }) => leafHash(leaf)))).toString('base64');
  const other = grow(forked(log, size - 3), 12);
  const lines = await bundleOf(other);
  const shown = await compare(
    log,
    [older, lines.join('\n')],
    proveByBundle(() => each(lines)),
  );
  assert.equal(shown.verdict, 'fork');
  assert.deepEqual(shown.older, { size, root: rootThen });
  assert.equal(shown.newer?.size, size + 9);
  assert.notEqual(shown.newer?.root, rootThen);
  const same = grow(forked(log, size - 3), 3);
  assert.equal((await compare(log, [older, keptOf(same)], nothing)).verdict, 'fork');
  assert.equal((await compare(log, [older, older], nothing)).verdict, 'consistent');
});

test('a proof of another leaf, another tree or with a changed hash proves nothing', async () => {
  const log = makeTestExport();
  const older = keptOf(log);
  grow(log, 9);
  const newer = keptOf(log);
  const lines = await bundleOf(log);
  let good: Inclusion | undefined;
  await compare(log, [older, newer], async (index, tree) => {
    good = await proveByBundle(() => each(lines))(index, tree);
    return good;
  });
  assert.ok(good !== undefined);
  const [first, ...rest] = good.path as [Uint8Array];
  const flipped = Uint8Array.from(first, (octet, at) => (at === 0 ? octet ^ 1 : octet));
  for (const bad of [
    { ...good, leafHash: flipped },
    { ...good, path: rest },
    { ...good, path: [flipped, ...rest] },
    { ...good, path: [...good.path, first] },
    { ...good, path: [first.subarray(1), ...rest] },
  ])
    assert.equal((await compare(log, [older, newer], async () => bad)).verdict, 'unproven');
});

test('tiles of a mirror prove it, those of an archive too, and where one is missing nothing is known', async () => {
  const log = grow(new TestExport(), 300);
  const older = keptOf(log);
  grow(log, 400);
  const hashes = log.entries.map(({ leaf }) => leafHash(leaf));
  const files = new Map<string, Uint8Array>();
  for (let tile = 0; tile * 256 < hashes.length; tile += 1) {
    const part = hashes.slice(tile * 256, (tile + 1) * 256);
    files.set(`tile/0/${tileName(tile)}${part.length < 256 ? `.p/${part.length}` : ''}`, Buffer.concat(part));
  }
  const prove = proveByTiles(async (path) => files.get(path));
  const shown = async () => (await compare(log, [older, keptOf(log)], prove)).verdict;
  assert.equal(await shown(), 'consistent');
  const roots = [0, 1].map((tile) => rootHash(hashes.slice(tile * 256, (tile + 1) * 256)));
  files.set('tile/1/000.p/2', Buffer.concat(roots));
  assert.equal(await shown(), 'consistent');
  files.set('tile/0/001', Buffer.concat(hashes.slice(0, 256)));
  assert.equal(await shown(), 'unproven');
  files.delete('tile/0/001');
  assert.equal(await shown(), 'unproven');
});

test('what was signed by others, or is of another log, is refused', () => {
  const log = makeTestExport();
  const stranger = makeTestExport();
  const trusted = { identityFingerprint: log.fingerprint };
  const note = log.page([]).checkpoint;
  const open = (...files: readonly string[]) => openTrees(files.map(readTree), trusted);
  assert.match(String(open(keptOf(log), keptOf(stranger))), /^file 2: the identity is not/);
  assert.match(
    String(open(stranger.page([]).checkpoint, keptOf(log))),
    /^file 1: .*not signed by the log key/,
  );
  assert.match(String(open(note, note)), /one has to be a bundle/);
  assert.match(String(open(keptOf(log).replace('"hash":"', '"hash":"A'), keptOf(log))), /^file 1 is neither/);
  assert.ok(Array.isArray(open(keptOf(log), note)));
});
