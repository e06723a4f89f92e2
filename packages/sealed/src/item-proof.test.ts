import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { checkers, type ItemProof } from '@strongroom/contracts';
import { leafHash, rootHash } from '@strongroom/merkle';
import fc from 'fast-check';
import { type BatchItems, itemsRoot, proveItem, verifyItem } from './item-proof.ts';

const operation = 'crypto.encrypt-many';
const seed = Buffer.alloc(32, 7);
const batchOf = (count: number): BatchItems => ({
  requests: Array.from({ length: count }, (_, index) => ({ key: 'k', plaintext: `${index}` })),
  results: Array.from({ length: count }, (_, index) => ({ status: 'done', ciphertext: `c${index}` })),
});
const entryOf = (batch: BatchItems, count = batch.requests.length) => ({
  operation,
  outcome: 'done' as const,
  reply: { count: String(count), root: JSON.stringify(encodeBytes(itemsRoot(seed, batch))) },
});
const prove = (batch: BatchItems, index: number): ItemProof =>
  proveItem({ ...batch, operation, entry: 12, seed: encodeBytes(seed) }, index);

test('every item of a batch of any size proves itself against its entry, in the form of the wire', () => {
  for (const count of [1, 2, 3, 5, 64, 100, 511, 512]) {
    const batch = batchOf(count);
    const entry = entryOf(batch);
    for (const index of new Set([0, 1, count >> 1, count - 2, count - 1])) {
      if (index < 0 || index >= count) continue;
      const proof = prove(batch, index);
      assert.ok(checkers.itemProof.check(JSON.parse(JSON.stringify(proof))));
      assert.ok(verifyItem(proof, entry), `${index} of ${count}`);
    }
  }
});

test('the root is that of RFC 6962 over salt and canonical item', () => {
  const [first, second] = [0, 1].map((index) => {
    const { salt, request, result } = prove(batchOf(2), index) as ItemProof & {
      request: { key: string; plaintext: string };
      result: { status: string; ciphertext: string };
    };
    const text = `{"request":{"key":"${request.key}","plaintext":"${request.plaintext}"},"result":{"ciphertext":"${result.ciphertext}","status":"${result.status}"}}`;
    return leafHash(Buffer.from(salt + text));
  });
  assert.deepEqual(
    Buffer.from(itemsRoot(seed, batchOf(2))),
    Buffer.from(rootHash([first as Uint8Array, second as Uint8Array])),
  );
});

test('a proof that says anything else than what happened fails', () => {
  const batch = batchOf(7);
  const entry = entryOf(batch);
  const proof = prove(batch, 3);
  const lies: Partial<ItemProof>[] = [
    { index: 2 },
    { index: 99 },
    { count: 8 },
    { operation: 'crypto.decrypt-many' },
    { salt: encodeBytes(Buffer.alloc(18)) },
    { salt: `${proof.salt.slice(1)}A` },
    { path: [] },
    { path: proof.path.slice(1) },
    { path: proof.path.toReversed() },
    { path: [...proof.path, proof.path[0] as string] },
    { request: { ...proof.request, plaintext: '4' } },
    { request: { ...proof.request, more: 1 } },
    { request: { ...proof.request, more: 0.5 } },
    { result: { status: 'refused', code: 'denied' } },
  ];
  for (const lie of lies) assert.equal(verifyItem({ ...proof, ...lie }, entry), false, JSON.stringify(lie));
  assert.equal(verifyItem(proof, { ...entry, outcome: 'refused' }), false);
  assert.equal(verifyItem(proof, entryOf(batch, 8)), false);
  assert.equal(verifyItem(proof, entryOf(batchOf(6), 7)), false);
  assert.equal(verifyItem(proof, { ...entry, reply: {} }), false);
});

test('a proof shows one salt and nothing that other items could be tried against', () => {
  const batch = batchOf(4);
  const salts = [0, 1, 2, 3].map((index) => prove(batch, index).salt);
  const shown = JSON.stringify(prove(batch, 2));
  assert.ok(!shown.includes(encodeBytes(seed)));
  for (const [index, salt] of salts.entries()) assert.equal(shown.includes(salt), index === 2);
  for (const index of [0, 1, 3]) assert.ok(!shown.includes(`c${index}`));
});

test('equal items have leaves of their own, and another seed makes another root', () => {
  const same: BatchItems = { requests: [{ a: 1 }, { a: 1 }], results: [{}, {}] };
  const [left] = prove(same, 1).path;
  const [right] = prove(same, 0).path;
  assert.notEqual(left, right);
  assert.notDeepEqual(itemsRoot(seed, same), itemsRoot(Buffer.alloc(32), same));
  assert.throws(() => itemsRoot(seed, { requests: [{}], results: [] }), RangeError);
});

test('no proof that fits its schema makes the check throw', () => {
  const entry = entryOf(batchOf(3));
  const anyProof = fc.record({
    v: fc.constant(1 as const),
    entry: fc.nat(),
    operation: fc.constantFrom(operation, 'other'),
    index: fc.nat(600),
    count: fc.integer({ min: 1, max: 600 }),
    salt: fc.stringMatching(/^[A-Za-z0-9_-]{24}$/),
    path: fc.array(fc.stringMatching(/^[A-Za-z0-9_-]{43}$/), { maxLength: 9 }),
    request: fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,4}$/), fc.anything()),
    result: fc.dictionary(fc.stringMatching(/^[A-Za-z]{1,4}$/), fc.anything()),
  });
  fc.assert(fc.property(anyProof, (proof) => assert.equal(verifyItem(proof as ItemProof, entry), false)));
});
