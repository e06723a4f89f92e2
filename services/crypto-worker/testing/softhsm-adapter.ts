/** The PKCS#11 adapter on a real SoftHSM token of its own, with everything that a test wants to do to either. */
import { rename } from 'node:fs/promises';
import { createSoftHsmToken, type SoftHsmToken } from '@strongroom/testing';
import { cka, ckf, ckk, cko } from '../src/outbound/pkcs11/constants.ts';
import { loadCryptoki } from '../src/outbound/pkcs11/cryptoki.ts';
import { Pkcs11Hsm } from '../src/outbound/pkcs11/pkcs11-hsm.ts';
import type { Pkcs11HsmOptions } from '../src/outbound/pkcs11/pkcs11-hsm-options.ts';
import type { HsmEvent } from '../src/outbound/pkcs11/token-supervisor.ts';
import { type FaultyCryptoki, makeFaulty } from './faulty-cryptoki.ts';

export interface AdapterOnSoftHsm {
  readonly hsm: Pkcs11Hsm;
  readonly token: SoftHsmToken;
  readonly module: FaultyCryptoki;
  readonly events: readonly HsmEvent[];
  /** Moves the token's directory away under the running adapter. */
  takeAway(): Promise<void>;
  /** Moves it back, without waiting. */
  putBack(): Promise<void>;
  ready(): Promise<void>;
  close(): Promise<void>;
}

export const adapterOptions = (token: Omit<SoftHsmToken, 'env' | 'stop'>): Pkcs11HsmOptions => ({
  modulePath: token.module,
  tokenLabel: token.tokenLabel,
  tokenSerial: token.serial,
  pinFile: token.pinFile,
  pauseMsMax: 100,
});

/** One at a time in a process: the module's state is the process's. Does not wait until the adapter is ready. */
export async function startOnSoftHsm(options: Partial<Pkcs11HsmOptions> = {}): Promise<AdapterOnSoftHsm> {
  const token = await createSoftHsmToken();
  Object.assign(process.env, token.env);
  const events: HsmEvent[] = [];
  const module = makeFaulty(loadCryptoki(token.module));
  const hsm = new Pkcs11Hsm(module.cryptoki, {
    ...adapterOptions(token),
    onEvent: (event) => events.push(event),
    ...options,
  });
  const elsewhere = `${token.tokenDirectory}-away`;
  return {
    hsm,
    token,
    module,
    events,
    takeAway: () => rename(token.tokenDirectory, elsewhere),
    putBack: () => rename(elsewhere, token.tokenDirectory),
    ready: () => hsm.ready(AbortSignal.timeout(5_000)),
    async close() {
      await hsm.close();
      await token.stop();
    },
  };
}

export async function openOnSoftHsm(options: Partial<Pkcs11HsmOptions> = {}): Promise<AdapterOnSoftHsm> {
  const opened = await startOnSoftHsm(options);
  await opened.ready();
  return opened;
}

/** A session of the test's own on the token that the adapter is logged in to. */
export function openSession({ module, token }: AdapterOnSoftHsm): Uint8Array {
  const { cryptoki } = module;
  const slot = cryptoki
    .C_GetSlotList(true)
    .find((each) => cryptoki.C_GetTokenInfo(each).serialNumber === token.serial) as Uint8Array;
  return cryptoki.C_OpenSession(slot, ckf.serialSession | ckf.rwSession);
}

/** As no platform code does: puts a key on the token whose value the test knows. */
export function importAesKey(
  adapter: AdapterOnSoftHsm,
  label: string,
  secret: Uint8Array,
  isUsable = true,
): void {
  const { cryptoki } = adapter.module;
  const session = openSession(adapter);
  cryptoki.C_CreateObject(session, [
    { type: cka.class, value: cko.secretKey },
    { type: cka.keyType, value: ckk.aes },
    { type: cka.token, value: true },
    { type: cka.private, value: true },
    { type: cka.label, value: Buffer.from(label) },
    { type: cka.value, value: secret },
    ...[cka.encrypt, cka.decrypt, cka.wrap, cka.unwrap].map((type) => ({ type, value: isUsable })),
  ]);
  cryptoki.C_CloseSession(session);
}
