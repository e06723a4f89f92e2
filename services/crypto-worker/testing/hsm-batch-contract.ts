/** Part of the HSM contract: batches answer for each item what the single call would have answered. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { it } from 'node:test';
import type { HsmItemOutcome } from '../src/ports/hsm.ts';
import { can, type HsmSubject, newLabel } from './hsm-subject.ts';
import { refusedWith } from './refused-with.ts';

const context = Buffer.from('context');
const nothing = new Uint8Array(0);

function bytesOf(outcome: HsmItemOutcome | undefined): Buffer {
  ok(outcome?.status === 'done', `an item was ${JSON.stringify(outcome)}`);
  return Buffer.from(outcome.bytes);
}

const codeOf = (outcome: HsmItemOutcome | undefined) =>
  outcome?.status === 'refused' ? outcome.code : 'done';

export function describeHsmBatches(subject: HsmSubject): void {
  it('seals and opens 512 items in one batch, in order, under several keys', async () => {
    const hsm = subject();
    const [label, wrappedBy] = [newLabel(), newLabel()];
    await hsm.createKey(label, { type: 'aes-256', use: 'encrypt' });
    await hsm.createKey(wrappedBy, { type: 'aes-256', use: 'wrap' });
    const data = { kind: 'data', wrappedBy, wrapped: await hsm.makeDataKey(wrappedBy) } as const;
    const keys = [{ kind: 'token', label } as const, data];
    const items = Array.from({ length: 512 }, (_, index) => ({
      key: keys[index % 2] as (typeof keys)[0],
      plaintext: Buffer.from(`value ${index}`),
      associatedData: Buffer.from(`context ${index}`),
    }));
    const before = hsm.encryptions(data);
    const sealed = (await hsm.encryptBatch(items)).map(bytesOf);
    equal(hsm.encryptions(data) - before, 256);
    equal(new Set(sealed.map((each) => each.toString('hex', 0, 12))).size, 512);
    const back = items.map(({ key, associatedData }, index) => ({
      key,
      associatedData,
      sealed: sealed[index] as Buffer,
    }));
    deepEqual(
      (await hsm.decryptBatch(back)).map((each) => bytesOf(each).toString()),
      items.map(({ plaintext }) => plaintext.toString()),
    );
    deepEqual(await hsm.decrypt(data, sealed[1] as Buffer, Buffer.from('context 1')), Buffer.from('value 1'));
  });

  it('refuses single items of a batch and does the others', async () => {
    const hsm = subject();
    const [aes, mac] = [newLabel(), newLabel()];
    await hsm.createKey(aes, { type: 'aes-256', use: 'encrypt' });
    await hsm.createKey(mac, { type: 'hmac-sha256', use: 'mac' });
    const token = (label: string) => ({ kind: 'token', label }) as const;
    const item = { key: token(aes), plaintext: Buffer.from('value'), associatedData: context };
    const sealing = await hsm.encryptBatch([
      item,
      { ...item, key: token(newLabel()) },
      { ...item, plaintext: nothing },
      { ...item, key: token(mac) },
      { ...item, plaintext: new Uint8Array((1 << 20) + 1) },
      item,
    ]);
    deepEqual(sealing.map(codeOf), [
      'done',
      'absent',
      'request-invalid',
      'key-purpose-refused',
      'message-too-large',
      'done',
    ]);
    const good = { key: token(aes), sealed: bytesOf(sealing[0]), associatedData: context };
    const opening = await hsm.decryptBatch([
      { ...good, associatedData: nothing },
      good,
      { ...good, sealed: randomBytes(28) },
      { ...good, sealed: randomBytes(40) },
      good,
    ]);
    deepEqual(opening.map(codeOf), [
      'ciphertext-invalid',
      'done',
      'ciphertext-invalid',
      'ciphertext-invalid',
      'done',
    ]);
    const macs = await hsm.macBatch([
      { label: mac, data: context },
      { label: mac, data: nothing },
      { label: aes, data: context },
      { label: newLabel(), data: context },
      { label: mac, data: context },
    ]);
    deepEqual(macs.map(codeOf), ['done', 'request-invalid', 'key-purpose-refused', 'absent', 'done']);
    deepEqual(bytesOf(macs[4]), Buffer.from(await hsm.mac(mac, context)));
  });

  it('signs a batch with keys of several kinds', async () => {
    const hsm = subject();
    const [edwards, rsa] = [newLabel(), newLabel()];
    await hsm.createKey(edwards, { type: 'ed25519', use: 'sign' });
    const ed25519 = { label: edwards, algorithm: 'ed25519', input: 'message' } as const;
    const items = Array.from({ length: 20 }, (_, index) => ({
      ...ed25519,
      data: Buffer.from(`statement ${index}`),
    }));
    const signatures = await hsm.signBatch(items);
    const key = publicKeyOf(await hsm.publicKey(edwards));
    for (const [index, { data }] of items.entries()) ok(verify(null, data, key, bytesOf(signatures[index])));
    if (!(await can(hsm, 'mechanisms', 'rsa-pkcs1-sha256'))) return;
    await hsm.createKey(rsa, { type: 'rsa-2048', use: 'sign' });
    const pkcs1 = { label: rsa, algorithm: 'rsa-pkcs1-sha256', input: 'message', data: context } as const;
    const mixed = await hsm.signBatch([
      { ...ed25519, data: context },
      pkcs1,
      { ...pkcs1, data: nothing },
      { ...pkcs1, label: newLabel() },
      { ...ed25519, data: context, input: 'digest' },
    ]);
    deepEqual(mixed.map(codeOf), ['done', 'done', 'request-invalid', 'absent', 'request-invalid']);
    ok(verify('sha256', context, publicKeyOf(await hsm.publicKey(rsa)), bytesOf(mixed[1])));
  });

  it('takes batches of 1 to 512 items', async () => {
    const hsm = subject();
    const label = newLabel();
    await hsm.createKey(label, { type: 'hmac-sha256', use: 'mac' });
    const items = Array.from({ length: 513 }, () => ({ label, data: context }));
    await rejects(hsm.macBatch(items), refusedWith('request-invalid'));
    await rejects(hsm.macBatch([]), refusedWith('request-invalid'));
    await rejects(hsm.encryptBatch([]), refusedWith('request-invalid'));
    await rejects(hsm.decryptBatch([]), refusedWith('request-invalid'));
    await rejects(hsm.signBatch([]), refusedWith('request-invalid'));
    equal((await hsm.macBatch(items.slice(1))).length, 512);
  });
}

const publicKeyOf = (spki: Uint8Array) =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
