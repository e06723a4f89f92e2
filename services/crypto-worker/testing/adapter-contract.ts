/** What every PKCS#11 module that the adapter runs on has to pass: the contract of the port, and losing and finding the token. */
import { describeHsmContract } from './hsm-contract.ts';
import { type AdapterOnToken, describeTokenRecovery } from './token-recovery-contract.ts';

interface RemovableToken extends AdapterOnToken {
  takeAway(): Promise<void>;
  putBack(): Promise<void>;
}

export function describeAdapter(module: string, open: () => Promise<RemovableToken>): void {
  const name = `the PKCS#11 adapter on ${module}`;
  describeHsmContract(name, async () => {
    const { hsm, takeAway, putBack, ready, close } = await open();
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
  describeTokenRecovery(name, open);
}
