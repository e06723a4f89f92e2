import { verify } from 'node:crypto';
import { ed25519PublicKey } from '@strongroom/sealed';
import type { SignatureCheck } from '../../ports/signature-check.ts';

const signatureBytes = 64;

/** On the thread pool of the runtime, so that a busy hour of verifying does not hold up receipts. */
export const ed25519Check: SignatureCheck = {
  async verify(publicKey, data, signature) {
    if (signature.length !== signatureBytes) return false;
    let key: ReturnType<typeof ed25519PublicKey>;
    try {
      key = ed25519PublicKey(publicKey);
    } catch (fault) {
      if (fault instanceof TypeError) return false;
      throw fault;
    }
    return new Promise((resolve) => {
      verify(null, data, key, signature, (fault, isValid) => resolve(fault === null && isValid));
    });
  },
};
