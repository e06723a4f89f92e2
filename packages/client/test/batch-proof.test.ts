import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import type { EntryBody } from '@strongroom/contracts';
import { isStrongroomError } from '@strongroom/errors';
import { itemsRoot } from '@strongroom/sealed';
import { type MadeBatch, proveBatchItem, requireProvable, verifyBatchItem } from '../src/index.ts';

const seed = Buffer.alloc(32, 3);
const items = Array.from({ length: 5 }, (_, index) => ({ group: 'g', key: 'k', plaintext: `${index}` }));
const results = items.map((_, index) => ({ status: 'done' as const, ciphertext: `c${index}` }));
const root = encodeBytes(itemsRoot(seed, { requests: items, results }));
const batch: MadeBatch = {
  operation: 'crypto.encrypt-many',
  request: { items },
  result: { results, count: 5, outcomes: [], protections: ['hsm'], root, seed: encodeBytes(seed) },
  entry: 7,
};
const entry = {
  operation: 'crypto.encrypt-many',
  outcome: 'done',
  reply: { count: '5', root: JSON.stringify(root) },
} as unknown as EntryBody;

test('each item of a batch is proven by request, answer and entry, after a way through JSON', () => {
  for (const index of items.keys()) {
    const proof = JSON.parse(JSON.stringify(proveBatchItem(batch, index)));
    assert.equal(proof.entry, 7);
    assert.ok(verifyBatchItem(proof, entry));
    assert.ok(!verifyBatchItem({ ...proof, result: { ...proof.result, ciphertext: 'x' } }, entry));
    assert.ok(!verifyBatchItem({ ...proof, more: 1 }, entry));
  }
  for (const nothing of [undefined, null, 'proof', {}]) assert.ok(!verifyBatchItem(nothing, entry));
});

test('an answer that does not prove its items is found out at once', () => {
  const { result } = batch;
  for (const lie of [
    { ...result, results: results.slice(1) },
    { ...result, results: results.toReversed() },
    { ...result, root: encodeBytes(Buffer.alloc(32)) },
    { ...result, seed: encodeBytes(Buffer.alloc(32)) },
  ]) {
    assert.throws(
      () => requireProvable({ ...batch, result: lie }),
      (fault) => isStrongroomError(fault) && fault.code === 'reply-invalid',
    );
  }
  requireProvable(batch);
});
