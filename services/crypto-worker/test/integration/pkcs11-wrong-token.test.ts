import { equal, ok, rejects } from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { test } from 'node:test';
import { createSoftHsmToken } from '@strongroom/testing';
import { platformKey } from '../../src/domain/platform-key.ts';
import { refusedWith } from '../../testing/refused-with.ts';
import { openOnSoftHsm } from '../../testing/softhsm-adapter.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const kek = { kind: 'token', label: 'strongroom/key/kek' } as const;

test('a token that was initialised again under the running adapter is the wrong one: no login, no key, until the right one is back', async () => {
  const adapter = await openOnSoftHsm();
  // The same label, as an initialisation leaves it; another serial number, and nothing on it.
  const other = await createSoftHsmToken({ tokenLabel: adapter.token.tokenLabel });
  try {
    const { hsm, module, token } = adapter;
    await hsm.createKey(kek.label, platformKey.encryption);
    const sealed = await hsm.encrypt(kek, bytes('seed'), bytes('y'));
    await adapter.takeAway();
    await rename(other.tokenDirectory, token.tokenDirectory);
    await rejects(hsm.decrypt(kek, sealed, bytes('y')), refusedWith('hsm-unavailable'));
    const [logins, starts] = [module.calls('C_Login'), module.calls('C_Initialize')];
    while (module.calls('C_Initialize') < starts + 3) await new Promise((resolve) => setTimeout(resolve, 5));
    equal(module.calls('C_Login'), logins, 'the PIN of the right token was tried on the wrong one');
    await rejects(hsm.createKey('strongroom/mac', platformKey.mac), refusedWith('hsm-unavailable'));
    equal(hsm.describe().state, 'recovering');
    ok(adapter.events.at(-1)?.kind === 'unavailable');
    await rename(token.tokenDirectory, other.tokenDirectory);
    await adapter.putBack();
    await adapter.ready();
    equal(Buffer.from(await hsm.decrypt(kek, sealed, bytes('y'))).toString(), 'seed');
    equal(await hsm.hasKey('strongroom/mac'), false);
  } finally {
    await adapter.close();
    await other.stop();
  }
});
