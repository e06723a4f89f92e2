import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryRegistry } from './memory-registry.ts';
import { binding, commit, describeRegistry, hasCode, outcomeOf } from './registry-contract.ts';

describeRegistry('memory registry', async (clock) => {
  const registry = new MemoryRegistry(clock);
  return { registry, events: async () => registry.events, [Symbol.asyncDispose]: async () => {} };
});

test('a commit fails on demand, before or after its effect', async () => {
  const registry = new MemoryRegistry();
  registry.commitFaults.push('not-applied', 'reply-lost');
  await assert.rejects(commit(registry, binding('a', 0, 'user:alice')), hasCode('database-unavailable'));
  assert.equal(await registry.read('binding', 'a'), undefined);
  const outcome = outcomeOf();
  await assert.rejects(
    registry.commit([binding('a', 0, 'user:alice')], outcome, []),
    hasCode('outcome-unknown'),
  );
  assert.ok(await registry.findOutcome(outcome.actor, outcome.requestId));
});
