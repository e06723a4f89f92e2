import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { afterEach, describe, it } from 'node:test';
import { ed25519Point, platformKey } from '../../src/domain/platform-key.ts';
import { refusedWith } from '../../testing/refused-with.ts';
import { type AdapterOnSoftHsm, importAesKey, openOnSoftHsm } from '../../testing/softhsm-adapter.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const kek = { kind: 'token', label: 'strongroom/key/kek' } as const;

async function until(isSo: () => boolean, msMax: number): Promise<number> {
  const begin = performance.now();
  while (!isSo()) {
    ok(performance.now() - begin < msMax, 'not in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - begin;
}

describe('a token that goes away under the running adapter', () => {
  let adapter: AdapterOnSoftHsm;
  afterEach(() => adapter.close());

  const openWithKeys = async () => {
    adapter = await openOnSoftHsm();
    await adapter.hsm.createKey(kek.label, platformKey.encryption);
    await adapter.hsm.createKey('strongroom/wrap', platformKey.wrapping);
    await adapter.hsm.createKey('strongroom/mac', platformKey.mac);
    await adapter.hsm.createKey('strongroom/identity', platformKey.signing);
  };
  const objectsOnToken = async () => {
    const [tokenFolder] = await readdir(adapter.token.tokenDirectory);
    const files = await readdir(`${adapter.token.tokenDirectory}/${tokenFolder}`);
    return files.filter((file) => file.endsWith('.object')).sort();
  };

  it('is unavailable while gone and works with the same keys within 5 s after, without a restart', async () => {
    await openWithKeys();
    const { hsm } = adapter;
    const wrapped = await hsm.makeDataKey('strongroom/wrap');
    const data = { kind: 'data', wrappedBy: 'strongroom/wrap', wrapped } as const;
    const identity = ed25519Point(await hsm.publicKey('strongroom/identity'));
    const mac = await hsm.mac('strongroom/mac', bytes('data'));
    const sealed = await hsm.encrypt(kek, bytes('seed'), bytes('y'));
    const sealedByData = await hsm.encrypt(data, bytes('value'), bytes('y'));
    const objects = await objectsOnToken();
    for (let round = 0; round < 3; round += 1) {
      await adapter.takeAway();
      const asked = performance.now();
      await rejects(hsm.decrypt(kek, sealed, bytes('y')), refusedWith('hsm-unavailable'));
      await rejects(hsm.createKey('strongroom/mac', platformKey.mac), refusedWith('hsm-unavailable'));
      await rejects(hsm.encrypt(data, bytes('value'), bytes('y')), refusedWith('hsm-unavailable'));
      ok(performance.now() - asked < 1_000);
      await adapter.putBack();
      const back = performance.now();
      await adapter.ready();
      ok(performance.now() - back < 5_000);
      deepEqual(await objectsOnToken(), objects, 'nothing was made and nothing lost');
      equal(Buffer.from(await hsm.decrypt(kek, sealed, bytes('y'))).toString(), 'seed');
      equal(Buffer.from(await hsm.decrypt(data, sealedByData, bytes('y'))).toString(), 'value');
      deepEqual(Buffer.from(ed25519Point(await hsm.publicKey('strongroom/identity'))), Buffer.from(identity));
      deepEqual(Buffer.from(await hsm.mac('strongroom/mac', bytes('data'))), Buffer.from(mac));
    }
  });

  it('is noticed within about a second without any traffic', async () => {
    await openWithKeys();
    await adapter.takeAway();
    await until(() => adapter.hsm.describe().state === 'recovering', 2_500);
    equal(adapter.events.at(-1)?.kind, 'unavailable');
    await adapter.putBack();
    await adapter.ready();
    equal(adapter.events.at(-1)?.kind, 'ready');
  });

  it('is not lost when it is gone for one look, as while another process logs in, and is when it is for two', async () => {
    adapter = await openOnSoftHsm({ probeMs: 20 });
    const { hsm, module, events } = adapter;
    const losses = () => events.filter(({ kind }) => kind === 'unavailable').length;
    const looks = () => module.calls('C_GetTokenInfo');
    for (const [count, lost] of [
      [1, 0],
      [2, 1],
    ] as const) {
      const before = looks();
      module.failNext('C_GetTokenInfo', 0xe0, { count });
      await until(() => looks() >= before + 4, 5_000);
      equal(losses(), lost, `gone for ${count}`);
    }
    await hsm.ready(AbortSignal.timeout(5_000));
  });

  it('stays unavailable when what comes back under its name holds nothing of what it held', async () => {
    await openWithKeys();
    await adapter.takeAway();
    await rejects(adapter.hsm.hasKey(kek.label), refusedWith('hsm-unavailable'));
    await adapter.putBack();
    const [tokenFolder] = await readdir(adapter.token.tokenDirectory);
    const folder = `${adapter.token.tokenDirectory}/${tokenFolder}`;
    const kept = `${adapter.token.directory}/kept`;
    await mkdir(kept);
    const files = (await readdir(folder)).filter((file) => !/^(token|generation)/.test(file));
    for (const file of files) await rename(`${folder}/${file}`, `${kept}/${file}`);
    const initialised = adapter.module.calls('C_Initialize');
    await until(() => adapter.module.calls('C_Initialize') > initialised + 2, 5_000);
    await rejects(adapter.hsm.createKey('strongroom/mac', platformKey.mac), refusedWith('hsm-unavailable'));
    for (const file of files) await rename(`${kept}/${file}`, `${folder}/${file}`);
    await rm(kept, { recursive: true });
    await adapter.ready();
    equal(await adapter.hsm.hasKey(kek.label), true);
  });

  it('a ciphertext of nobody is told from a token of nobody', async () => {
    await openWithKeys();
    const sealed = await adapter.hsm.encrypt(kek, bytes('seed'), bytes('y'));
    sealed[20] = (sealed[20] as number) ^ 1;
    await rejects(adapter.hsm.decrypt(kek, sealed, bytes('y')), refusedWith('ciphertext-invalid'));
    await adapter.takeAway();
    await rejects(adapter.hsm.decrypt(kek, sealed, bytes('y')), refusedWith('hsm-unavailable'));
    await adapter.putBack();
    await adapter.ready();
    await rejects(adapter.hsm.decrypt(kek, sealed, bytes('y')), refusedWith('ciphertext-invalid'));
  });

  it('keeps serving all others when one key does nothing, or is none that the platform makes', async () => {
    adapter = await openOnSoftHsm();
    importAesKey(adapter, 'strongroom/key/useless', randomBytes(32), false);
    importAesKey(adapter, 'strongroom/key/damaged', randomBytes(5));
    await adapter.hsm.createKey(kek.label, platformKey.encryption);
    await adapter.hsm.createKey('strongroom/mac', platformKey.mac);
    adapter.module.failNext('C_EncryptInit', 0x32);
    await rejects(adapter.hsm.encrypt(kek, bytes('seed'), bytes('y')), refusedWith('hsm-unavailable'));
    await adapter.ready();
    const token = (label: string) => ({ kind: 'token', label }) as const;
    const useless = adapter.hsm.encrypt(token('strongroom/key/useless'), bytes('x'), bytes('y'));
    await rejects(useless, refusedWith('key-purpose-refused'));
    const damaged = adapter.hsm.encrypt(token('strongroom/key/damaged'), bytes('x'), bytes('y'));
    await rejects(damaged, refusedWith('hsm-inconsistent'));
    equal(adapter.hsm.describe().state, 'ready');
    equal((await adapter.hsm.encrypt(kek, bytes('seed'), bytes('y'))).length, 32);
  });

  it('two keys of one label are told apart by nobody, and take nothing else away', async () => {
    await openWithKeys();
    importAesKey(adapter, kek.label, randomBytes(32));
    adapter.module.failNext('C_GenerateRandom', 0x32);
    await rejects(adapter.hsm.random(1), refusedWith('hsm-unavailable'));
    await adapter.ready();
    await rejects(adapter.hsm.encrypt(kek, bytes('x'), bytes('y')), refusedWith('hsm-inconsistent'));
    equal((await adapter.hsm.mac('strongroom/mac', bytes('x'))).length, 32);
    await adapter.hsm.destroyKey(kek.label);
    await rejects(adapter.hsm.encrypt(kek, bytes('x'), bytes('y')), refusedWith('absent'));
  });

  it('closing while it is away ends the recovery', async () => {
    await openWithKeys();
    await adapter.takeAway();
    await rejects(adapter.hsm.hasKey(kek.label), refusedWith('hsm-unavailable'));
    await adapter.hsm.close();
    await rejects(adapter.hsm.hasKey(kek.label), refusedWith('hsm-unavailable'));
    const initialised = adapter.module.calls('C_Initialize');
    await adapter.putBack();
    await new Promise((resolve) => setTimeout(resolve, 100));
    equal(adapter.module.calls('C_Initialize'), initialised);
  });
});
