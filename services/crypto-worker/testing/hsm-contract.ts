/**
 * What every adapter of the HSM port keeps. Run by the memory double and by the PKCS#11 adapter on a real token; a rule
 * that one of them can not keep is no rule of the port.
 */
import { deepEqual, equal, notDeepEqual, ok, rejects } from 'node:assert/strict';
import { createHmac, createPublicKey, randomBytes, randomUUID, verify } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { platformKey } from '../src/domain/platform-key.ts';
import type { Hsm, HsmKeyReference } from '../src/ports/hsm.ts';
import { describeHsmJobs } from './hsm-job-contract.ts';
import { describeHsmKeyTypes } from './hsm-key-contract.ts';
import { describeHsmSignatures } from './hsm-signature-contract.ts';
import { keepsData, lackedMechanism, tellsOrigin } from './hsm-subject.ts';
import { describeHsmTransport } from './hsm-transport-contract.ts';
import { refusedWith } from './refused-with.ts';

export interface HsmUnderTest {
  readonly hsm: Hsm;
  /** The device goes; resolves at once. */
  takeAway(): Promise<void>;
  /** The device is there again; resolves when the adapter is ready. */
  giveBack(): Promise<void>;
  close(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const token = (label: string): HsmKeyReference => ({ kind: 'token', label });
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const newLabel = () => `strongroom/test/${randomUUID()}`;

export function describeHsmContract(name: string, open: () => Promise<HsmUnderTest>): void {
  describe(`${name} keeps the contract of the HSM port`, () => {
    let tested: HsmUnderTest;
    let hsm: Hsm;
    before(async () => {
      tested = await open();
      hsm = tested.hsm;
    });
    after(() => tested.close());

    describeHsmKeyTypes(() => hsm);
    describeHsmSignatures(() => hsm);
    describeHsmTransport(() => hsm);
    describeHsmJobs(() => hsm);

    const newAesKey = async (kind: 'encryption' | 'wrapping' = 'encryption') => {
      const label = newLabel();
      await hsm.createKey(label, platformKey[kind]);
      return label;
    };

    it('is ready and says which token it is', () => {
      const { label, serial, model, state } = hsm.describe();
      equal(state, 'ready');
      ok(label.length > 0 && serial.length > 0 && model.length > 0);
    });

    it('gives random bytes of the length asked for, within bounds', async () => {
      equal((await hsm.random(1)).length, 1);
      equal((await hsm.random(1024)).length, 1024);
      notDeepEqual(await hsm.random(32), await hsm.random(32));
      for (const count of [0, -1, 1.5, 1025]) {
        await rejects(hsm.random(count), refusedWith('request-invalid'));
      }
    });

    it('opens what it sealed, with the same associated data only', async () => {
      const key = token(await newAesKey());
      const sealed = await hsm.encrypt(key, bytes('seed'), bytes('context'));
      equal(sealed.length, 12 + 4 + 16);
      deepEqual(Buffer.from(await hsm.decrypt(key, sealed, bytes('context'))), Buffer.from('seed'));
      await rejects(hsm.decrypt(key, sealed, bytes('another')), refusedWith('ciphertext-invalid'));
      await rejects(hsm.decrypt(key, sealed, new Uint8Array(0)), refusedWith('ciphertext-invalid'));
    });

    it('seals with empty associated data and up to 2^20 octets, and nothing less than one', async () => {
      const key = token(await newAesKey());
      const large = randomBytes(1 << 20);
      const sealed = await hsm.encrypt(key, large, new Uint8Array(0));
      ok(large.equals(await hsm.decrypt(key, sealed, new Uint8Array(0))));
      await rejects(hsm.encrypt(key, new Uint8Array(0), bytes('a')), refusedWith('request-invalid'));
      await rejects(
        hsm.encrypt(key, new Uint8Array((1 << 20) + 1), bytes('a')),
        refusedWith('message-too-large'),
      );
    });

    it('never uses a nonce twice', async () => {
      const key = token(await newAesKey());
      const nonces = new Set<string>();
      for (let count = 0; count < 300; count += 1) {
        const sealed = await hsm.encrypt(key, bytes('x'), bytes('y'));
        nonces.add(Buffer.from(sealed.subarray(0, 12)).toString('hex'));
      }
      equal(nonces.size, 300);
      ok(hsm.encryptions(key) >= 300);
    });

    it('refuses every flipped octet and every cut of a ciphertext, and works after it', async () => {
      const key = token(await newAesKey());
      const sealed = await hsm.encrypt(key, bytes('seed'), bytes('context'));
      for (let index = 0; index < sealed.length; index += 1) {
        const flipped = Uint8Array.from(sealed);
        flipped[index] = (flipped[index] as number) ^ 1;
        await rejects(hsm.decrypt(key, flipped, bytes('context')), refusedWith('ciphertext-invalid'));
        await rejects(
          hsm.decrypt(key, sealed.subarray(0, index), bytes('context')),
          refusedWith('ciphertext-invalid'),
        );
      }
      equal((await hsm.decrypt(key, sealed, bytes('context'))).length, 4);
    });

    it('tells an absent key from one of another purpose', async () => {
      const aes = await newAesKey();
      const mac = newLabel();
      await hsm.createKey(mac, platformKey.mac);
      const nobody = newLabel();
      const sealed = await hsm.encrypt(token(aes), bytes('x'), bytes('y'));
      await rejects(hsm.encrypt(token(nobody), bytes('x'), bytes('y')), refusedWith('absent'));
      await rejects(hsm.decrypt(token(nobody), sealed, bytes('y')), refusedWith('absent'));
      await rejects(hsm.mac(nobody, bytes('x')), refusedWith('absent'));
      await rejects(hsm.sign(nobody, bytes('x')), refusedWith('absent'));
      await rejects(hsm.publicKey(nobody), refusedWith('absent'));
      await rejects(hsm.keyAttributes(nobody), refusedWith('absent'));
      await rejects(hsm.makeDataKey(nobody), refusedWith('absent'));
      await rejects(hsm.encrypt(token(mac), bytes('x'), bytes('y')), refusedWith('key-purpose-refused'));
      await rejects(hsm.mac(aes, bytes('x')), refusedWith('key-purpose-refused'));
      await rejects(hsm.sign(aes, bytes('x')), refusedWith('key-purpose-refused'));
      await rejects(hsm.publicKey(mac), refusedWith('key-purpose-refused'));
      await rejects(hsm.makeDataKey(mac), refusedWith('key-purpose-refused'));
    });

    it('makes keys that are sensitive, local and never extractable (I1)', async () => {
      const [aes, wrapping] = [await newAesKey(), await newAesKey('wrapping')];
      const [mac, signing] = [newLabel(), newLabel()];
      await hsm.createKey(mac, platformKey.mac);
      await hsm.createKey(signing, platformKey.signing);
      for (const label of [aes, wrapping, mac, signing]) {
        const { type: _type, usages: _usages, ...kept } = await hsm.keyAttributes(label);
        deepEqual(kept, {
          sensitive: true,
          extractable: false,
          alwaysSensitive: true,
          neverExtractable: true,
          local: await tellsOrigin(hsm),
        });
      }
    });

    it('gives a label to one key, whatever its type', async () => {
      const label = await newAesKey();
      await rejects(hsm.createKey(label, platformKey.wrapping), refusedWith('already-exists'));
      await rejects(hsm.createKey(label, platformKey.mac), refusedWith('already-exists'));
      await rejects(hsm.createKey(label, platformKey.signing), refusedWith('already-exists'));
      const contested = newLabel();
      const outcomes = await Promise.allSettled([
        hsm.createKey(contested, platformKey.mac),
        hsm.createKey(contested, platformKey.mac),
        hsm.createKey(contested, platformKey.encryption),
      ]);
      equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    });

    it('lists keys by prefix, sorted, and not data objects', async () => {
      const folder = newLabel();
      for (const name of ['b', 'a', 'c']) await hsm.createKey(`${folder}/${name}`, platformKey.mac);
      if (await keepsData(hsm)) await hsm.writeData(`${folder}/d`, bytes('value'));
      deepEqual(
        await hsm.listKeys(`${folder}/`),
        ['a', 'b', 'c'].map((name) => `${folder}/${name}`),
      );
      deepEqual(await hsm.listKeys(newLabel()), []);
      equal(await hsm.hasKey(`${folder}/a`), true);
      equal(await hsm.hasKey(`${folder}/d`), false);
      equal(await hsm.hasKey(newLabel()), false);
    });

    it('destroys for good, and destroying what is absent is no error', async () => {
      const label = await newAesKey();
      const sealed = await hsm.encrypt(token(label), bytes('x'), bytes('y'));
      await hsm.destroyKey(label);
      await hsm.destroyKey(label);
      equal(await hsm.hasKey(label), false);
      await rejects(hsm.decrypt(token(label), sealed, bytes('y')), refusedWith('absent'));
      await hsm.createKey(label, platformKey.encryption);
      await rejects(hsm.decrypt(token(label), sealed, bytes('y')), refusedWith('ciphertext-invalid'));
    });

    it('MACs with HMAC-SHA256: equal for equal data under one key only', async () => {
      const [first, second] = [newLabel(), newLabel()];
      await hsm.createKey(first, platformKey.mac);
      await hsm.createKey(second, platformKey.mac);
      const mac = await hsm.mac(first, bytes('data'));
      equal(mac.length, createHmac('sha256', 'k').digest().length);
      deepEqual(Buffer.from(await hsm.mac(first, bytes('data'))), Buffer.from(mac));
      notDeepEqual(Buffer.from(await hsm.mac(second, bytes('data'))), Buffer.from(mac));
      notDeepEqual(Buffer.from(await hsm.mac(first, bytes('date'))), Buffer.from(mac));
      await rejects(hsm.mac(first, new Uint8Array(0)), refusedWith('request-invalid'));
      equal((await hsm.mac(first, bytes('data'))).length, 32);
    });

    it('signs with Ed25519 under the public key that creation answered', async () => {
      const label = newLabel();
      const publicKey = await hsm.createKey(label, platformKey.signing);
      deepEqual(Buffer.from(await hsm.publicKey(label)), Buffer.from(publicKey ?? []));
      const key = createPublicKey({ key: Buffer.from(publicKey ?? []), format: 'der', type: 'spki' });
      const signature = await hsm.sign(label, bytes('statement'));
      equal(signature.length, 64);
      equal(verify(null, bytes('statement'), key, signature), true);
      equal(verify(null, bytes('statemend'), key, signature), false);
      await rejects(hsm.sign(label, new Uint8Array(0)), refusedWith('request-invalid'));
      equal((await hsm.sign(label, bytes('statement'))).length, 64);
    });

    it('uses data keys that live wrapped, each its own', async () => {
      const wrappedBy = await newAesKey('wrapping');
      const [first, second] = [await hsm.makeDataKey(wrappedBy), await hsm.makeDataKey(wrappedBy)];
      equal(first.length, 40);
      notDeepEqual(first, second);
      const key = { kind: 'data', wrappedBy, wrapped: first } as const;
      const sealed = await hsm.encrypt(key, bytes('value'), bytes('context'));
      deepEqual(Buffer.from(await hsm.decrypt(key, sealed, bytes('context'))), Buffer.from('value'));
      const other = { kind: 'data', wrappedBy, wrapped: second } as const;
      await rejects(hsm.decrypt(other, sealed, bytes('context')), refusedWith('ciphertext-invalid'));
      ok(hsm.encryptions(key) >= 1);
    });

    it('refuses a data key that is not whole or not of its wrapping key', async () => {
      const [wrappedBy, another] = [await newAesKey('wrapping'), await newAesKey('wrapping')];
      const wrapped = await hsm.makeDataKey(wrappedBy);
      const encrypt = (by: string, key: Uint8Array) =>
        hsm.encrypt({ kind: 'data', wrappedBy: by, wrapped: key }, bytes('x'), bytes('y'));
      const flipped = Uint8Array.from(wrapped);
      flipped[7] = (flipped[7] as number) ^ 1;
      await rejects(encrypt(wrappedBy, flipped), refusedWith('ciphertext-invalid'));
      await rejects(encrypt(another, wrapped), refusedWith('ciphertext-invalid'));
      for (const length of [0, 1, 24, 39, 41, 48]) {
        await rejects(encrypt(wrappedBy, randomBytes(length)), refusedWith('ciphertext-invalid'));
      }
      await encrypt(wrappedBy, wrapped);
      await rejects(encrypt(another, wrapped), refusedWith('ciphertext-invalid'));
      await rejects(encrypt(newLabel(), wrapped), refusedWith('absent'));
      await hsm.destroyKey(wrappedBy);
      await rejects(encrypt(wrappedBy, wrapped), refusedWith('absent'));
    });

    it('keeps data objects, replaces them, and knows when there is none', async () => {
      const label = newLabel();
      equal(await hsm.readData(label), undefined);
      if (!(await keepsData(hsm))) {
        await rejects(hsm.writeData(label, bytes('one')), lackedMechanism);
        equal(await hsm.readData(label), undefined);
        return;
      }
      await hsm.writeData(label, bytes('one'));
      deepEqual(Buffer.from((await hsm.readData(label)) ?? []), Buffer.from('one'));
      await hsm.writeData(label, bytes('two'));
      await hsm.writeData(label, new Uint8Array(0));
      equal((await hsm.readData(label))?.length, 0);
      const large = randomBytes(16_384);
      await hsm.writeData(label, large);
      ok(large.equals((await hsm.readData(label)) ?? new Uint8Array(0)));
      await rejects(hsm.writeData(label, randomBytes(16_385)), refusedWith('message-too-large'));
      await hsm.destroyKey(label);
      equal(await hsm.readData(label), undefined);
    });

    it('keeps what it is given apart from what the caller does with the buffer later', async () => {
      const key = token(await newAesKey());
      const plaintext = bytes('seed');
      const sealing = hsm.encrypt(key, plaintext, bytes('context'));
      plaintext.fill(0);
      const opened = await hsm.decrypt(key, await sealing, bytes('context'));
      deepEqual(Buffer.from(opened), Buffer.from('seed'));
    });

    it('serves many callers at once', async () => {
      const key = token(await newAesKey());
      const values = Array.from({ length: 200 }, (_, index) => bytes(`value ${index}`));
      const sealed = await Promise.all(values.map((value) => hsm.encrypt(key, value, bytes('y'))));
      const creating = [newAesKey(), newAesKey()];
      const opened = await Promise.all(sealed.map((each) => hsm.decrypt(key, each, bytes('y'))));
      deepEqual(opened.map(text), values.map(text));
      await Promise.all(creating);
    });

    it('never calls a key absent while the device is away, and makes none (I1)', async () => {
      const [label, never] = [await newAesKey(), newLabel()];
      const wrapping = await newAesKey('wrapping');
      const wrapped = await hsm.makeDataKey(wrapping);
      const data = { kind: 'data', wrappedBy: wrapping, wrapped } as const;
      const sealed = await hsm.encrypt(token(label), bytes('x'), bytes('y'));
      const sealedByData = await hsm.encrypt(data, bytes('x'), bytes('y'));
      const before = await hsm.listKeys('');
      await tested.takeAway();
      const attempts: Record<string, () => Promise<unknown>> = {
        hasKey: () => hsm.hasKey(label),
        hasOther: () => hsm.hasKey(never),
        listKeys: () => hsm.listKeys(''),
        readData: () => hsm.readData(never),
        keyAttributes: () => hsm.keyAttributes(never),
        encrypt: () => hsm.encrypt(token(label), bytes('x'), bytes('y')),
        decrypt: () => hsm.decrypt(token(label), sealed, bytes('y')),
        createKey: () => hsm.createKey(never, platformKey.encryption),
        createPair: () => hsm.createKey(never, platformKey.signing),
        createExportable: () => hsm.createKey(never, { ...platformKey.mac, exportable: true }),
        importKey: () =>
          hsm.importKey(never, platformKey.encryption, { scheme: 'aes-kwp', wrappedBy: wrapping, wrapped }),
        exportKey: () => hsm.exportKey(label, wrapping),
        sign: () => hsm.sign(never, bytes('x')),
        verify: () => hsm.verify(never, bytes('x'), randomBytes(64)),
        publicKey: () => hsm.publicKey(never),
        mac: () => hsm.mac(never, bytes('x')),
        capabilities: () => hsm.capabilities(),
        decryptOaep: () => hsm.decryptOaep(never, randomBytes(256), 'sha1'),
        wrapBytes: () => hsm.wrapBytes(wrapping, 'aes-kw', randomBytes(16)),
        unwrapBytes: () => hsm.unwrapBytes(wrapping, 'aes-kw', randomBytes(24)),
        runQuickJob: () => hsm.runJob([{ kind: 'mac', label: never, data: bytes('x') }]),
        runJob: () =>
          hsm.runJob([{ kind: 'decrypt-oaep', label: never, sealed: randomBytes(256), hash: 'sha1' }]),
        makeDataKey: () => hsm.makeDataKey(wrapping),
        writeData: () => hsm.writeData(never, bytes('x')),
        destroyKey: () => hsm.destroyKey(label),
      };
      for (const [method, attempt] of Object.entries(attempts)) {
        await rejects(attempt(), refusedWith('hsm-unavailable'), method);
      }
      equal(hsm.describe().state, 'recovering');
      await tested.giveBack();
      equal(hsm.describe().state, 'ready');
      deepEqual(await hsm.listKeys(''), before);
      equal((await hsm.decrypt(token(label), sealed, bytes('y'))).length, 1);
      equal((await hsm.decrypt(data, sealedByData, bytes('y'))).length, 1);
    });
  });
}
