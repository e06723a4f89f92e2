import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordName } from '../../domain/registry/record-name.ts';
import { RecordCache } from './record-cache.ts';

const entry = (id: string) => ({ kind: 'binding', id, version: 1, mac: id }) as const;
const record = (id: string) => ({ kind: 'binding', id, version: 1, value: { principal: id } }) as const;
const name = (id: string) => recordName('binding', id);

test('a record is good for the very entry that it was verified against', () => {
  const cache = new RecordCache(10_000);
  const verified = entry('a');
  cache.put(name('a'), verified, record('a'), 10);
  assert.deepEqual(cache.get(name('a'), verified), record('a'));
  assert.equal(cache.get(name('a'), entry('a')), undefined);
});

test('what was read longest ago goes first, and the bound is on bytes', () => {
  const cache = new RecordCache(3_000);
  const entries = ['a', 'b', 'c'].map(entry);
  for (const each of entries) cache.put(name(each.id), each, record(each.id), 500);
  const [a, b, c] = entries as [ReturnType<typeof entry>, ReturnType<typeof entry>, ReturnType<typeof entry>];
  assert.ok(cache.get(name('a'), a));
  const large = entry('large');
  cache.put(name('large'), large, record('large'), 500);
  assert.equal(cache.get(name('b'), b), undefined);
  assert.ok(cache.get(name('a'), a) && cache.get(name('c'), c) && cache.get(name('large'), large));
});

test('what is larger than the bound is not kept and pushes nothing out', () => {
  const cache = new RecordCache(3_000);
  const [large, a] = [entry('large'), entry('a')];
  cache.put(name('a'), a, record('a'), 500);
  cache.put(name('large'), large, record('large'), 5_000);
  assert.equal(cache.get(name('large'), large), undefined);
  assert.ok(cache.get(name('a'), a));
});

test('the same record again takes no more room', () => {
  const cache = new RecordCache(2_100);
  const [a, b] = [entry('a'), entry('b')];
  cache.put(name('b'), b, record('b'), 500);
  for (let time = 0; time < 10; time += 1) cache.put(name('a'), a, record('a'), 500);
  assert.ok(cache.get(name('a'), a) && cache.get(name('b'), b));
});
