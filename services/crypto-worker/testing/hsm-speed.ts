/**
 * How much of the device's speed the port keeps: the bare PKCS#11 loop and the adapter by turns in one process on one
 * token key, 32 bytes with 16 bytes of associated data. Prints one JSON line a variant.
 * Run: `node services/crypto-worker/testing/hsm-speed.ts [seconds per turn]`
 */
import { randomBytes } from 'node:crypto';
import { createSoftHsmToken } from '@strongroom/testing';
import { cka, ckf, ckm, cko, gcmParametersTag } from '../src/outbound/pkcs11/constants.ts';
import { loadCryptoki } from '../src/outbound/pkcs11/cryptoki.ts';
import { openPkcs11Hsm } from '../src/outbound/pkcs11/pkcs11-hsm.ts';
import { adapterOptions } from './softhsm-adapter.ts';

const turnMs = Number(process.argv[2] ?? 1) * 1_000;
const turns = 5;
const plaintext = randomBytes(32);
const context = randomBytes(16);
const label = 'strongroom/key/speed';

const token = await createSoftHsmToken();
Object.assign(process.env, token.env);
const hsm = openPkcs11Hsm(adapterOptions(token));
await hsm.ready(AbortSignal.timeout(5_000));
const cryptoki = loadCryptoki(token.module);
await hsm.createAesKey(label, 'encryption');
await hsm.createAesKey('strongroom/wrap', 'wrapping');
const wrapped = await hsm.makeDataKey('strongroom/wrap');

const slot = cryptoki
  .C_GetSlotList(true)
  .find((each) => cryptoki.C_GetTokenInfo(each).serialNumber === token.serial) as Uint8Array;
const session = cryptoki.C_OpenSession(slot, ckf.serialSession | ckf.rwSession);
cryptoki.C_FindObjectsInit(session, [
  { type: cka.class, value: cko.secretKey },
  { type: cka.label, value: Buffer.from(label) },
]);
const [handle] = cryptoki.C_FindObjects(session, 1) as [Uint8Array];
cryptoki.C_FindObjectsFinal(session);

const nonce = Buffer.alloc(12);
const output = Buffer.alloc(48);
const mechanism = {
  mechanism: ckm.aesGcm,
  parameter: { type: gcmParametersTag, iv: nonce, ivBits: 96, aad: context, tagBits: 128 },
};
const key = { kind: 'token', label } as const;
const data = { kind: 'data', wrappedBy: 'strongroom/wrap', wrapped } as const;

const variants: Record<string, () => unknown> = {
  raw: () => {
    cryptoki.C_GenerateRandom(session, nonce);
    cryptoki.C_EncryptInit(session, mechanism, handle);
    cryptoki.C_Encrypt(session, plaintext, output);
  },
  'adapter, token key': () => hsm.encrypt(key, plaintext, context),
  'adapter, data key': () => hsm.encrypt(data, plaintext, context),
};

async function perSecond(work: () => unknown): Promise<number> {
  const end = performance.now() + turnMs;
  let count = 0;
  while (performance.now() < end) {
    for (let inner = 0; inner < 50; inner += 1) await work();
    count += 50;
  }
  return (count * 1_000) / turnMs;
}

const rates = new Map(Object.keys(variants).map((name) => [name, [] as number[]]));
for (let turn = 0; turn < turns; turn += 1) {
  for (const [name, work] of Object.entries(variants)) rates.get(name)?.push(await perSecond(work));
}
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const raw = median(rates.get('raw') ?? []);
for (const [name, values] of rates) {
  const opsPerSecond = Math.round(median(values));
  console.log(
    JSON.stringify({ variant: name, opsPerSecond, ofRaw: Number((opsPerSecond / raw).toFixed(2)) }),
  );
}
await hsm.close();
await token.stop();
