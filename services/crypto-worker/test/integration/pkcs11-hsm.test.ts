import { describeHsmContract } from '../../testing/hsm-contract.ts';
import { openOnSoftHsm } from '../../testing/softhsm-adapter.ts';

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
