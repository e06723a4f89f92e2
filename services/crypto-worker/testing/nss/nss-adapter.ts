/** The PKCS#11 adapter on a real token of NSS, whose files a running process keeps open: it is taken away by its answers. */
import { loadCryptoki } from '../../src/outbound/pkcs11/cryptoki.ts';
import { Pkcs11Hsm } from '../../src/outbound/pkcs11/pkcs11-hsm.ts';
import type { Pkcs11HsmOptions } from '../../src/outbound/pkcs11/pkcs11-hsm-options.ts';
import { makeFaulty } from '../faulty-cryptoki.ts';
import { createNssToken } from './nss-token.ts';

export async function openOnNss(options: Partial<Pkcs11HsmOptions> = {}) {
  const token = await createNssToken();
  const module = makeFaulty(loadCryptoki(token.module));
  const hsm = new Pkcs11Hsm(module.cryptoki, {
    modulePath: token.module,
    moduleParameters: token.moduleParameters,
    tokenLabel: token.tokenLabel,
    tokenSerial: token.serial,
    pinFile: token.pinFile,
    pauseMsMax: 100,
    ...options,
  });
  const ready = () => hsm.ready(AbortSignal.timeout(5_000));
  await ready();
  return {
    hsm,
    token,
    module,
    ready,
    takeAway: async () => module.unplug(),
    putBack: async () => module.plugIn(),
    async close() {
      await hsm.close();
      await token.stop();
    },
  };
}
