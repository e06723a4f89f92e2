import { equal, rejects } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryHsm } from '@strongroom/testing';
import type { Hsm } from '../../src/ports/hsm.ts';
import { describeHsmContract, refusedWith } from '../../testing/hsm-contract.ts';

describeHsmContract('the memory double', async () => {
  const hsm = new MemoryHsm();
  return {
    hsm: hsm satisfies Hsm,
    takeAway: async () => hsm.setAvailable(false),
    giveBack: async () => hsm.setAvailable(true),
    close: async () => {},
  };
});

describe('the memory double fails as told', () => {
  it('before the effect, and after it with the reply lost', async () => {
    const hsm = new MemoryHsm();
    hsm.failNext('createMacKey', 'not-applied');
    hsm.failNext('createMacKey', 'reply-lost');
    await rejects(hsm.createMacKey('a'), refusedWith('hsm-unavailable'));
    equal(await hsm.hasKey('a'), false);
    await rejects(hsm.createMacKey('a'), refusedWith('outcome-unknown'));
    equal(await hsm.hasKey('a'), true);
    await rejects(hsm.createMacKey('a'), refusedWith('already-exists'));
  });
});
