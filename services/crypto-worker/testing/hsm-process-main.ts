/** Started by `hsm-process.ts`: first the options come in, then requests. */
import { once } from 'node:events';
import { toStrongroomError } from '@strongroom/errors';
import { openPkcs11Hsm } from '../src/outbound/pkcs11/pkcs11-hsm.ts';
import type { Pkcs11HsmOptions } from '../src/outbound/pkcs11/pkcs11-hsm-options.ts';
import type { HsmAnswer, HsmRequest } from './hsm-process.ts';

const send = (message: HsmAnswer | 'ready') => process.send?.(message);

const [options] = (await once(process, 'message')) as [Pkcs11HsmOptions];
const hsm = openPkcs11Hsm(options);
await hsm.ready(AbortSignal.timeout(5_000));

process.on('message', async ({ id, method, args }: HsmRequest) => {
  try {
    const run = hsm[method] as (...all: readonly unknown[]) => Promise<unknown>;
    send({ id, value: await run.apply(hsm, [...args]) });
  } catch (error) {
    send({ id, code: toStrongroomError(error).code });
  }
});
process.once('disconnect', () => void hsm.close());
send('ready');
