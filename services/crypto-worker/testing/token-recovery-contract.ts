/** What the PKCS#11 adapter keeps on every real token that it loses and finds again. One adapter of a module in a process. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { platformKey } from '../src/domain/platform-key.ts';
import type { Cryptoki, Handle } from '../src/outbound/pkcs11/cryptoki.ts';
import type { Pkcs11Hsm } from '../src/outbound/pkcs11/pkcs11-hsm.ts';
import type { FaultyCryptoki } from './faulty-cryptoki.ts';
import { refusedWith } from './refused-with.ts';

export interface AdapterOnToken {
  readonly hsm: Pkcs11Hsm;
  readonly module: FaultyCryptoki;
  readonly token: { readonly serial: string; readonly tokenLabel: string };
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** What only a test asks of a module. */
interface Careless extends Cryptoki {
  C_CloseAllSessions(slot: Handle): void;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const kek = { kind: 'token', label: 'strongroom/key/kek' } as const;
const wrapping = 'strongroom/wrap';
const msMax = 5_000;

export function describeTokenRecovery(name: string, open: () => Promise<AdapterOnToken>): void {
  describe(`${name} gets a lost token back without a restart`, () => {
    let adapter: AdapterOnToken;
    let works: () => Promise<void>;
    before(async () => {
      adapter = await open();
      const { hsm } = adapter;
      await hsm.createKey(kek.label, platformKey.encryption);
      await hsm.createKey(wrapping, platformKey.wrapping);
      await hsm.createKey('strongroom/mac', platformKey.mac);
      const data = { kind: 'data', wrappedBy: wrapping, wrapped: await hsm.makeDataKey(wrapping) } as const;
      const sealed = await hsm.encrypt(kek, bytes('seed'), bytes('y'));
      const sealedByData = await hsm.encrypt(data, bytes('value'), bytes('y'));
      const mac = await hsm.mac('strongroom/mac', bytes('data'));
      works = async () => {
        equal(Buffer.from(await hsm.decrypt(kek, sealed, bytes('y'))).toString(), 'seed');
        equal(Buffer.from(await hsm.decrypt(data, sealedByData, bytes('y'))).toString(), 'value');
        deepEqual(Buffer.from(await hsm.mac('strongroom/mac', bytes('data'))), Buffer.from(mac));
        deepEqual(await hsm.listKeys(''), [kek.label, 'strongroom/mac', wrapping]);
      };
      await works();
    });
    after(() => adapter.close());

    /** Every round must be back in time, with the keys that it had and no other. */
    const isBack = async (since: number) => {
      await adapter.ready();
      ok(performance.now() - since < msMax, 'not back in time');
      await works();
    };

    it('after all of its sessions were closed', async () => {
      const { hsm, module, token } = adapter;
      const cryptoki = module.cryptoki as Careless;
      for (let round = 0; round < 3; round += 1) {
        const slot = cryptoki
          .C_GetSlotList(true)
          .find((each) => cryptoki.C_GetTokenInfo(each).label.trim() === token.tokenLabel);
        cryptoki.C_CloseAllSessions(slot as Handle);
        const lost = performance.now();
        const logins = module.calls('C_Login');
        // Said again on a new connection, or refused: never "absent", and nothing is made.
        await hsm.hasKey(kek.label).then(
          (found) => equal(found, true),
          (error) => refusedWith('hsm-unavailable')(error),
        );
        await isBack(lost);
        ok(module.calls('C_Login') - logins <= 2, 'logins');
      }
    });

    it('after the device was removed under it', async () => {
      const { hsm, module } = adapter;
      for (let round = 0; round < 3; round += 1) {
        module.unplug();
        const asked = performance.now();
        await rejects(hsm.mac('strongroom/mac', bytes('data')), refusedWith('hsm-unavailable'));
        await rejects(hsm.hasKey('strongroom/nobody'), refusedWith('hsm-unavailable'));
        await rejects(hsm.createKey(kek.label, platformKey.encryption), refusedWith('hsm-unavailable'));
        ok(performance.now() - asked < 1_000, 'refused late');
        module.plugIn();
        await isBack(performance.now());
      }
    });

    it('after the library was finalised by somebody else', async () => {
      const { hsm, module } = adapter;
      module.cryptoki.C_Finalize();
      const lost = performance.now();
      await rejects(hsm.mac('strongroom/mac', bytes('data')), refusedWith('hsm-unavailable'));
      await isBack(lost);
    });

    it('and is not taken away by a ciphertext of nobody', async () => {
      const { hsm, module } = adapter;
      const initialised = module.calls('C_Initialize');
      const forged = await hsm.encrypt(kek, bytes('seed'), bytes('y'));
      forged[20] = (forged[20] as number) ^ 1;
      await rejects(hsm.decrypt(kek, forged, bytes('y')), refusedWith('ciphertext-invalid'));
      await works();
      equal(module.calls('C_Initialize'), initialised);
    });

    it('and is the same when its last key is gone, which no loss explains', async () => {
      const { hsm, module } = adapter;
      const initialised = module.calls('C_Initialize');
      for (const label of await hsm.listKeys('')) await hsm.destroyKey(label);
      deepEqual(await hsm.listKeys(''), []);
      equal(await hsm.hasKey(kek.label), false);
      await hsm.createKey(kek.label, platformKey.encryption);
      equal(await hsm.hasKey(kek.label), true);
      ok(module.calls('C_Initialize') - initialised <= 8);
    });
  });
}
