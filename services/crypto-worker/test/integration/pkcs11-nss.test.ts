import { describeHsmContract } from '../../testing/hsm-contract.ts';
import { openOnNss } from '../../testing/nss/nss-adapter.ts';
import { describeTokenRecovery } from '../../testing/token-recovery-contract.ts';

describeHsmContract('the PKCS#11 adapter on NSS', async () => {
  const { hsm, takeAway, putBack, ready, close } = await openOnNss();
  return {
    hsm,
    takeAway,
    close,
    async giveBack() {
      await putBack();
      await ready();
    },
  };
});

describeTokenRecovery('the PKCS#11 adapter on NSS', openOnNss);
