import { equal, rejects } from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryHsm } from '@strongroom/testing';
import { platformKey } from '../../src/domain/platform-key.ts';
import type { Hsm } from '../../src/ports/hsm.ts';
import { describeHsmContract } from '../../testing/hsm-contract.ts';
import { refusedWith } from '../../testing/refused-with.ts';

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
    hsm.failNext('createKey', 'not-applied');
    hsm.failNext('createKey', 'reply-lost');
    await rejects(hsm.createKey('a', platformKey.mac), refusedWith('hsm-unavailable'));
    equal(await hsm.hasKey('a'), false);
    await rejects(hsm.createKey('a', platformKey.mac), refusedWith('outcome-unknown'));
    equal(await hsm.hasKey('a'), true);
    await rejects(hsm.createKey('a', platformKey.mac), refusedWith('already-exists'));
  });
});
