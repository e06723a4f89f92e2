/** Started by a test: the adapter under a watchdog, on the module that the environment steers; asks it without end. */
import process from 'node:process';
import { Watchdog } from '@strongroom/lifecycle';
import { platformKey } from '../../src/domain/platform-key.ts';
import { openPkcs11Hsm } from '../../src/outbound/pkcs11/pkcs11-hsm.ts';
import type { Pkcs11HsmOptions } from '../../src/outbound/pkcs11/pkcs11-hsm-options.ts';

const options = JSON.parse(process.argv[2] ?? '') as Pkcs11HsmOptions;
const watchdog = new Watchdog({ silentMsMax: 600, patientMsMax: 3_000 });
const hsm = openPkcs11Hsm({
  ...options,
  patiently: watchdog.patiently,
  onEvent: (event) => {
    if (event.kind === 'stuck') watchdog.end();
  },
});
await hsm.ready(AbortSignal.timeout(10_000));
await watchdog.start();
process.send?.('ready');
process.on(
  'message',
  (label: string) => void hsm.createKey(label, platformKey.mac).catch(() => process.send?.('given up')),
);
setInterval(() => void hsm.random(8).catch(() => undefined), 20);
