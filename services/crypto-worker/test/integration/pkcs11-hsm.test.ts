import { rename } from 'node:fs/promises';
import { createSoftHsmToken } from '@strongroom/testing';
import { openPkcs11Hsm } from '../../src/outbound/pkcs11/pkcs11-hsm.ts';
import { describeHsmContract } from '../../testing/hsm-contract.ts';

describeHsmContract('the PKCS#11 adapter on SoftHSM', async () => {
  const token = await createSoftHsmToken();
  Object.assign(process.env, token.env);
  const hsm = openPkcs11Hsm({
    modulePath: token.module,
    tokenLabel: token.tokenLabel,
    tokenSerial: token.serial,
    pinFile: token.pinFile,
  });
  await hsm.ready(AbortSignal.timeout(5_000));
  const elsewhere = `${token.tokenDirectory}-away`;
  return {
    hsm,
    takeAway: () => rename(token.tokenDirectory, elsewhere),
    giveBack: async () => {
      await rename(elsewhere, token.tokenDirectory);
      await hsm.ready(AbortSignal.timeout(5_000));
    },
    close: async () => {
      await hsm.close();
      await token.stop();
    },
  };
});
