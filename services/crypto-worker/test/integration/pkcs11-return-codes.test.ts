import { equal, ok, rejects } from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { platformKey } from '../../src/domain/platform-key.ts';
import { returnCodes } from '../../src/outbound/pkcs11/return-code.ts';
import { refusedWith } from '../../testing/refused-with.ts';
import { type AdapterOnSoftHsm, openOnSoftHsm } from '../../testing/softhsm-adapter.ts';

const plaintext = new TextEncoder().encode('seed');
const context = new TextEncoder().encode('context');
const kek = { kind: 'token', label: 'strongroom/key/a' } as const;

describe('every return code, thrown by a real module in the middle of a call', () => {
  let adapter: AdapterOnSoftHsm;
  let sealed: Uint8Array;
  before(async () => {
    adapter = await openOnSoftHsm({ pauseMsMax: 20 });
    await adapter.hsm.createKey(kek.label, platformKey.encryption);
    await adapter.hsm.createKey('strongroom/mac', platformKey.mac);
    sealed = await adapter.hsm.encrypt(kek, plaintext, context);
  });
  after(() => adapter.close());
  beforeEach(() => adapter.module.clear());

  const encrypt = () => adapter.hsm.encrypt(kek, plaintext, context);
  const works = async () => {
    await adapter.ready();
    equal((await adapter.hsm.decrypt(kek, await encrypt(), context)).length, plaintext.length);
  };

  for (const row of returnCodes) {
    it(`${row.name} while encrypting: ${row.action}, and the next call works`, async () => {
      // The session is left with its operation open: who reuses it gets CKR_OPERATION_ACTIVE.
      adapter.module.failNext('C_Encrypt', row.value);
      const before = adapter.events.length;
      if (row.action === 'retry') await encrypt();
      else await rejects(encrypt(), refusedWith(row.code));
      const reopened = adapter.events.slice(before).some(({ kind }) => kind === 'unavailable');
      equal(reopened, row.action === 'reopen');
      await works();
    });

    it(`${row.name} while a key is made: never repeated, never taken for success`, async () => {
      const label = `strongroom/key/made-${row.value}`;
      adapter.module.failNext('C_GenerateKeyAsync', row.value);
      const calls = adapter.module.calls('C_GenerateKeyAsync');
      const expected = row.action === 'refuse' ? row.code : 'outcome-unknown';
      await rejects(adapter.hsm.createKey(label, platformKey.encryption), refusedWith(expected));
      equal(adapter.module.calls('C_GenerateKeyAsync'), calls + 1);
      await works();
      equal(await adapter.hsm.hasKey(label), false);
    });
  }

  it('a code of no table is probed: a token that answers stays, the call is refused', async () => {
    adapter.module.failNext('C_Encrypt', 0x8000_1234);
    await rejects(encrypt(), refusedWith('hsm-unavailable'));
    equal(adapter.hsm.describe().state, 'ready');
    await works();
  });

  it('tries twice and no more', async () => {
    const calls = adapter.module.calls('C_EncryptInit');
    adapter.module.failNext('C_EncryptInit', 0xb3, { count: 2 });
    await rejects(encrypt(), refusedWith('hsm-unavailable'));
    // Two tries and one probe.
    equal(adapter.module.calls('C_EncryptInit'), calls + 3);
    equal(adapter.hsm.describe().state, 'ready');
    await works();
  });

  it('CKR_GENERAL_ERROR on decryption is a wrong tag only while the token still encrypts', async () => {
    adapter.module.failNext('C_Decrypt', 5);
    await rejects(adapter.hsm.decrypt(kek, sealed, context), refusedWith('ciphertext-invalid'));
    equal(adapter.hsm.describe().state, 'ready');
    adapter.module.failNext('C_Decrypt', 5);
    adapter.module.failNext('C_Encrypt', 5, { count: 2 });
    await rejects(adapter.hsm.decrypt(kek, sealed, context), refusedWith('hsm-unavailable'));
    await works();
    equal((await adapter.hsm.decrypt(kek, sealed, context)).length, plaintext.length);
  });

  it('a key that was made although the answer got lost is found by looking', async () => {
    adapter.module.failNext('C_GenerateKeyAsync', 0x30, { afterEffect: true });
    const making = adapter.hsm.createKey('strongroom/lost-answer', platformKey.mac);
    await rejects(making, refusedWith('outcome-unknown'));
    await adapter.ready();
    equal(await adapter.hsm.hasKey('strongroom/lost-answer'), true);
    await rejects(
      adapter.hsm.createKey('strongroom/lost-answer', platformKey.mac),
      refusedWith('already-exists'),
    );
  });

  it('a data object whose older version could not be destroyed reads as the newer one', async () => {
    await adapter.hsm.writeData('strongroom/anchor', Uint8Array.of(1));
    adapter.module.failNext('C_DestroyObject', 5);
    const writing = adapter.hsm.writeData('strongroom/anchor', Uint8Array.of(2));
    await rejects(writing, refusedWith('outcome-unknown'));
    equal((await adapter.hsm.readData('strongroom/anchor'))?.[0], 2);
    await adapter.hsm.writeData('strongroom/anchor', Uint8Array.of(3));
    equal((await adapter.hsm.readData('strongroom/anchor'))?.[0], 3);
  });

  it('a call that does not return is given up, others are refused at once, and its end brings recovery', async () => {
    await adapter.close();
    adapter = await openOnSoftHsm({ changeMsMax: 1_000 });
    await adapter.hsm.createKey(kek.label, platformKey.encryption);
    const release = adapter.module.hangNext('C_GenerateKeyAsync');
    await rejects(adapter.hsm.createKey('strongroom/hung', platformKey.mac), refusedWith('outcome-unknown'));
    const asked = performance.now();
    await rejects(encrypt(), refusedWith('hsm-unavailable'));
    await rejects(adapter.hsm.createKey('strongroom/next', platformKey.mac), refusedWith('hsm-unavailable'));
    ok(performance.now() - asked < 100);
    const finalised = adapter.module.calls('C_Finalize');
    await new Promise((resolve) => setImmediate(resolve));
    equal(adapter.module.calls('C_Finalize'), finalised, 'finalised under a running call');
    release();
    await works();
  });
});
