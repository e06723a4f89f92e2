import { equal, ok, rejects } from 'node:assert/strict';
import { createDecipheriv, randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { platformKey } from '../../src/domain/platform-key.ts';
import { refusedWith } from '../../testing/refused-with.ts';
import { type AdapterOnSoftHsm, importAesKey, openOnSoftHsm } from '../../testing/softhsm-adapter.ts';

const plaintext = new TextEncoder().encode('value');
const context = new TextEncoder().encode('context');
const dataKeysMax = 4;

describe('data keys in the token', () => {
  let adapter: AdapterOnSoftHsm;
  before(async () => {
    adapter = await openOnSoftHsm({ dataKeysMax });
  });
  after(() => adapter.close());
  let wrappedBy: string;
  let labels = 0;
  beforeEach(async () => {
    wrappedBy = `strongroom/wrap/${++labels}`;
    await adapter.hsm.createKey(wrappedBy, platformKey.wrapping);
  });

  const makeKeys = (count: number) =>
    Promise.all(Array.from({ length: count }, () => adapter.hsm.makeDataKey(wrappedBy)));
  const encrypt = (wrapped: Uint8Array) =>
    adapter.hsm.encrypt({ kind: 'data', wrappedBy, wrapped }, plaintext, context);
  const unwraps = () => adapter.module.calls('C_UnwrapKey');
  const destroys = () => adapter.module.calls('C_DestroyObject');

  it('are unwrapped once while they are hot', async () => {
    const [wrapped] = (await makeKeys(1)) as [Uint8Array];
    const before = unwraps();
    for (let count = 0; count < 10; count += 1) await encrypt(Uint8Array.from(wrapped));
    equal(unwraps(), before + 1);
  });

  it('are kept up to the bound; the least recently used goes first and is destroyed', async () => {
    const keys = (await makeKeys(dataKeysMax + 1)) as [Uint8Array, Uint8Array, ...Uint8Array[]];
    const [first, second, ...others] = keys;
    for (const key of [first, second, ...others.slice(0, -1)]) await encrypt(key);
    await encrypt(first);
    const before = { unwraps: unwraps(), destroys: destroys() };
    await encrypt(others.at(-1) as Uint8Array);
    equal(destroys(), before.destroys + 1);
    await encrypt(first);
    equal(unwraps(), before.unwraps + 1, 'the first is still hot');
    await encrypt(second);
    equal(unwraps(), before.unwraps + 2, 'the second had to go');
  });

  it('are destroyed with their wrapping key', async () => {
    const [wrapped] = (await makeKeys(1)) as [Uint8Array];
    await encrypt(wrapped);
    const before = destroys();
    await adapter.hsm.destroyKey(wrappedBy);
    ok(destroys() > before);
    await rejects(encrypt(wrapped), refusedWith('absent'));
  });

  it('survive a fault of the session that holds them: unwrapped again', async () => {
    const [hot, next] = (await makeKeys(2)) as [Uint8Array, Uint8Array];
    const sealed = await encrypt(hot);
    adapter.module.failNext('C_UnwrapKey', 0xb3);
    await encrypt(next);
    const key = { kind: 'data', wrappedBy, wrapped: hot } as const;
    equal((await adapter.hsm.decrypt(key, sealed, context)).length, plaintext.length);
  });

  it('that the module lost are unwrapped again', async () => {
    const [hot] = (await makeKeys(1)) as [Uint8Array];
    await encrypt(hot);
    const before = unwraps();
    adapter.module.failNext('C_EncryptInit', 0x82);
    await encrypt(hot);
    equal(unwraps(), before + 1);
  });

  it('that can not be unwrapped are refused as forged only while the wrapping key works', async () => {
    const [wrapped] = (await makeKeys(1)) as [Uint8Array];
    adapter.module.failNext('C_UnwrapKey', 5);
    await rejects(encrypt(wrapped), refusedWith('ciphertext-invalid'));
    adapter.module.failNext('C_UnwrapKey', 5);
    adapter.module.failNext('C_Encrypt', 5, { count: 2 });
    await rejects(encrypt(wrapped), refusedWith('hsm-unavailable'));
    await adapter.ready();
    await encrypt(wrapped);
  });

  it('leave no extractable object behind', async () => {
    const before = destroys();
    const generated = adapter.module.calls('C_GenerateKeyAsync');
    await makeKeys(3);
    equal(adapter.module.calls('C_GenerateKeyAsync'), generated + 3);
    equal(destroys(), before + 3);
    adapter.module.failNext('C_WrapKey', 5);
    const closed = adapter.module.calls('C_CloseSession');
    await rejects(adapter.hsm.makeDataKey(wrappedBy), refusedWith('hsm-unavailable'));
    ok(adapter.module.calls('C_CloseSession') > closed, 'the session that owned it is closed');
  });

  it('are wrapped as RFC 5649 says, by AES-256', async () => {
    const secret = randomBytes(32);
    importAesKey(adapter, 'strongroom/wrap/known', secret);
    const wrapped = await adapter.hsm.makeDataKey('strongroom/wrap/known');
    const unwrap = createDecipheriv('id-aes256-wrap-pad', secret, Buffer.from('a65959a6', 'hex'));
    const dataKey = Buffer.concat([unwrap.update(wrapped), unwrap.final()]);
    equal(dataKey.length, 32);
    const key = { kind: 'data', wrappedBy: 'strongroom/wrap/known', wrapped } as const;
    const sealed = await adapter.hsm.encrypt(key, plaintext, context);
    const decipher = createDecipheriv('aes-256-gcm', dataKey, sealed.subarray(0, 12));
    decipher.setAAD(context).setAuthTag(sealed.subarray(-16));
    const opened = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    ok(opened.equals(plaintext));
  });
});
