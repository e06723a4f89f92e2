import { describeHsmContract } from '../../testing/hsm-contract.ts';
import { openOnSoftHsm } from '../../testing/softhsm-adapter.ts';
import { describeTokenRecovery } from '../../testing/token-recovery-contract.ts';

describeHsmContract('the PKCS#11 adapter on SoftHSM', async () => {
  const { hsm, takeAway, putBack, ready, close } = await openOnSoftHsm();
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

describeTokenRecovery('the PKCS#11 adapter on SoftHSM', openOnSoftHsm);
