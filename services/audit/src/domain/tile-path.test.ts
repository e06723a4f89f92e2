import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTilePath, parseTilePath } from './tile-path.ts';

test('paths are those of C2SP tlog-tiles', () => {
  assert.deepEqual(parseTilePath('/checkpoint'), { kind: 'checkpoint' });
  assert.deepEqual(parseTilePath('/tile/0/x001/x234/067'), {
    kind: 'hashes',
    tile: { level: 0, index: 1_234_067 },
    width: 256,
  });
  assert.deepEqual(parseTilePath('/tile/1/000.p/17'), {
    kind: 'hashes',
    tile: { level: 1, index: 0 },
    width: 17,
  });
  assert.deepEqual(parseTilePath('/tile/entries/x001/000.p/255'), {
    kind: 'entries',
    index: 1_000,
    width: 255,
  });
});

test('everything has one path, and every other text names nothing', () => {
  for (const path of [
    '',
    '/',
    'checkpoint',
    '/checkpoint/',
    '/checkpoint?x',
    '/tile/0/0',
    '/tile/0/0000',
    '/tile/00/000',
    '/tile/64/000',
    '/tile/-1/000',
    '/tile/data/000',
    '/tile/0/x000/001',
    '/tile/0/001/002',
    '/tile/0/x001',
    '/tile/0/000.p/0',
    '/tile/0/000.p/01',
    '/tile/0/000.p/256',
    '/tile/0/000.p/',
    '/tile/0/000.p',
    '/tile/0/%30%30%30',
    '/tile/0/../0/000',
    '/tile/0/x001/x001/x001/x001/x001/001',
  ]) {
    assert.equal(parseTilePath(path), undefined, path);
  }
});

test('a path that is formatted names what it was formatted from', () => {
  assert.equal(formatTilePath(0, 1_234_067), '/tile/0/x001/x234/067');
  for (const index of [0, 7, 999, 1_000, 999_999, 1_000_000]) {
    const path = parseTilePath(formatTilePath('entries', index));
    assert.deepEqual(path, { kind: 'entries', index, width: 256 });
  }
});
