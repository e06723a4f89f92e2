import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { sessionKeyOctets, sessionKeysFrom } from './session-keys.ts';
import { SessionSlots } from './session-slots.ts';

const octets = () => randomBytes(sessionKeyOctets);

test('each slot keeps the keys that it was taken with, over many chunks', () => {
  const slots = new SessionSlots();
  const taken = Array.from({ length: 1_000 }, () => {
    const mine = octets();
    return { mine, slot: slots.take(mine) };
  });
  assert.equal(new Set(taken.map(({ slot }) => slot)).size, taken.length);
  for (const { mine, slot } of taken) {
    const { request, reply } = sessionKeysFrom(mine);
    assert.ok(slots.keys(slot).request.equals(request));
    assert.ok(slots.keys(slot).reply.equals(reply));
  }
});

test('a slot that is taken again has neither the keys nor the counters of the session before', () => {
  const slots = new SessionSlots();
  const slot = slots.take(octets());
  const before = slots.keys(slot);
  assert.ok(slots.accept(slot, 7));
  slots.release(slot);
  assert.equal(slots.take(octets()), slot);
  assert.ok(!slots.keys(slot).request.equals(before.request));
  assert.ok(slots.accept(slot, 7));
});

test('key objects are kept for the 1024 sessions that became busy last', () => {
  const slots = new SessionSlots();
  const [first, ...others] = Array.from({ length: 1_025 }, () => slots.take(octets()));
  assert.ok(first !== undefined);
  const keys = slots.keys(first);
  for (const slot of others.slice(1)) slots.keys(slot);
  assert.equal(slots.keys(first), keys);
  slots.keys(others[0] ?? 0);
  assert.notEqual(slots.keys(first), keys);
  assert.ok(slots.keys(first).request.equals(keys.request));
});
