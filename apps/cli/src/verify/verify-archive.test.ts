import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CanonicalValue, canonicalBytes, encodeBytes } from '@strongroom/canonical';
import { consistencyPath, leafHash } from '@strongroom/merkle';
import { bodyOf, TestExport } from '../../testing/test-export.ts';
import { verifyArchive } from './verify-archive.ts';

/** 600 entries, of which 512 are archived. */
function archived() {
  const log = new TestExport();
  for (let message = 0; message < 60; message += 1) log.append(Array.from({ length: 10 }, () => bodyOf()));
  const files = new Map<string, Uint8Array>();
  const put = (path: string, value: object) =>
    files.set(path, canonicalBytes(value as unknown as CanonicalValue));
  for (const tile of [0, 1]) {
    const entries = log.entries.slice(tile * 256, (tile + 1) * 256);
    const bundle = entries.flatMap(({ leaf }) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(leaf.length);
      return [length, leaf];
    });
    files.set(`tile/entries/00${tile}`, Buffer.concat(bundle));
    put(`appends/00${tile}`, {
      places: entries.map(({ append, offset }) => [append, offset]),
      appends: log.appends.filter(({ id }) => entries.some(({ append }) => append === id)),
    });
  }
  const { checkpoint, checkpointSize, logKey } = log.page([]);
  const hashes = log.entries.map(({ leaf }) => leafHash(leaf));
  const consistency = consistencyPath(512, hashes).map(encodeBytes);
  const sealed = {
    identity: log.identity,
    range: '',
    size: 512,
    checkpoint,
    checkpointSize,
    logKey,
    consistency,
  };
  put('sealed.json', sealed);
  const verify = () =>
    verifyArchive(async (path) => files.get(path), { identityFingerprint: log.fingerprint });
  return { log, files, put, sealed, verify };
}

test('an archive is genuine when every entry is signed and their tree is a prefix of the signed one', async () => {
  const { verify } = archived();
  const { verdict, entries, checkpointSize, reasons } = await verify();
  assert.deepEqual([verdict, entries, checkpointSize, reasons], ['genuine', 512, 600, []]);
});

test('whatever is changed in it is found', async () => {
  const { log, files, put, sealed, verify } = archived();
  const original = new Map(files);
  const flip = (path: string, at: number) => {
    const bytes = Buffer.from(files.get(path) ?? []);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    files.set(path, bytes);
  };
  const offences: readonly [string, () => void][] = [
    ['an octet of an entry', () => flip('tile/entries/001', 300)],
    ['an octet of a length', () => flip('tile/entries/000', 1)],
    [
      'an octet of a signature',
      () => flip('appends/000', Buffer.from(files.get('appends/000') ?? []).indexOf('"signature":"') + 20),
    ],
    ['a tile that is gone', () => files.delete('tile/entries/001')],
    ['signers that are gone', () => files.delete('appends/001')],
    [
      'tiles that changed places',
      () => files.set('tile/entries/001', original.get('tile/entries/000') as Uint8Array),
    ],
    ['a proof', () => put('sealed.json', { ...sealed, consistency: sealed.consistency.slice(1) })],
    ['a size', () => put('sealed.json', { ...sealed, size: 256 })],
    ['a size beyond the tree', () => put('sealed.json', { ...sealed, size: 1_024 })],
    ['another identity', () => put('sealed.json', { ...sealed, identity: encodeBytes(new Uint8Array(32)) })],
    ['no seal', () => files.delete('sealed.json')],
  ];
  for (const [what, offend] of offences) {
    for (const [path, bytes] of original) files.set(path, bytes);
    offend();
    const { verdict } = await verify();
    assert.equal(verdict, 'refused', what);
  }
  assert.ok(log.entries.length === 600);
});

test('the first entry that is wrong is named', async () => {
  const { files, verify } = archived();
  const bytes = Buffer.from(files.get('tile/entries/001') ?? []);
  const at = bytes.indexOf('user:alice', 2_000);
  bytes[at + 5] = 'b'.charCodeAt(0);
  files.set('tile/entries/001', bytes);
  const { firstBadIndex, reasons } = await verify();
  assert.ok(firstBadIndex !== undefined && firstBadIndex >= 256 && firstBadIndex < 270);
  assert.deepEqual(reasons, ['no worker signed it']);
});
