import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { genesisHead, growsFrom, type Head, type HeadLink, headMac, makeHead, openHead } from './head.ts';
import { RegistrySeal } from './registry-seal.ts';

const seal = new RegistrySeal('default', new Uint8Array(32).fill(1));
const root = (octet: number) => new Uint8Array(32).fill(octet);

function history(length: number): readonly Head[] {
  const heads = [genesisHead('default')];
  for (let sequence = 1; sequence <= length; sequence += 1) {
    const previous = (heads.at(-1) as Head).hash;
    heads.push(makeHead('default', { sequence, root: root(sequence), previous }));
  }
  return heads;
}

test('a head opens with its MAC alone', () => {
  const head = history(1)[1] as Head;
  const mac = headMac(seal, head);
  assert.deepEqual(openHead(seal, head, mac)?.hash, head.hash);
  assert.equal(openHead(seal, { ...head, root: root(9) }, mac), undefined);
  assert.equal(openHead(seal, { ...head, sequence: 2 }, mac), undefined);
  assert.equal(openHead(seal, { ...head, previous: root(9) }, mac), undefined);
  assert.equal(openHead(new RegistrySeal('other', new Uint8Array(32).fill(1)), head, mac), undefined);
});

test('a head grows from every head before it, and only with every commit between', () => {
  const heads = history(8);
  const links: readonly HeadLink[] = heads.slice(1);
  const last = heads[8] as Head;
  fc.assert(
    fc.property(fc.nat(7), fc.integer({ min: 1, max: 7 }), (from, edited) => {
      const known = heads[from] as Head;
      assert.ok(growsFrom('default', known, links, last));
      const missing = links.filter((link) => link.sequence !== edited);
      const changed = links.map((link) => (link.sequence === edited ? { ...link, root: root(99) } : link));
      assert.equal(growsFrom('default', known, missing, last), edited <= from);
      assert.equal(growsFrom('default', known, changed, last), edited <= from);
    }),
  );
});

test('a head of another history does not grow from this one', () => {
  const known = { sequence: 3, hash: root(42) };
  const heads = history(5);
  assert.ok(!growsFrom('default', known, heads, heads[5] as Head));
  assert.ok(!growsFrom('default', heads[5] as Head, heads, heads[5] as Head));
  assert.ok(!growsFrom('default', heads[5] as Head, heads, heads[4] as Head));
});
