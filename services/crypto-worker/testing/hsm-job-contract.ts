/** Part of the HSM contract: a job answers for each task what the single call would have answered. */
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { constants, createPublicKey, publicEncrypt, randomBytes, verify } from 'node:crypto';
import { it } from 'node:test';
import type { HsmTask, HsmTaskOutcome } from '../src/ports/hsm.ts';
import { can, type HsmSubject, newLabel } from './hsm-subject.ts';
import { refusedWith } from './refused-with.ts';

const context = Buffer.from('context');
const nothing = new Uint8Array(0);

function bytesOf(outcome: HsmTaskOutcome | undefined): Buffer {
  ok(outcome?.status === 'done', `an item was ${JSON.stringify(outcome)}`);
  return Buffer.from(outcome.bytes);
}

const codeOf = (outcome: HsmTaskOutcome | undefined) =>
  outcome?.status === 'refused' ? outcome.code : 'done';

export function describeHsmJobs(subject: HsmSubject): void {
  it('seals and opens 512 values in one job, in order, under several keys', async () => {
    const hsm = subject();
    const [label, wrappedBy] = [newLabel(), newLabel()];
    await hsm.createKey(label, { type: 'aes-256', use: 'encrypt' });
    await hsm.createKey(wrappedBy, { type: 'aes-256', use: 'wrap' });
    const data = { kind: 'data', wrappedBy, wrapped: await hsm.makeDataKey(wrappedBy) } as const;
    const keys = [{ kind: 'token', label } as const, data];
    const items = Array.from({ length: 512 }, (_, index) => ({
      kind: 'encrypt' as const,
      key: keys[index % 2] as (typeof keys)[0],
      plaintext: Buffer.from(`value ${index}`),
      associatedData: Buffer.from(`context ${index}`),
    }));
    const before = hsm.encryptions(data);
    const sealed = (await hsm.runJob(items)).map(bytesOf);
    equal(hsm.encryptions(data) - before, 256);
    equal(new Set(sealed.map((each) => each.toString('hex', 0, 12))).size, 512);
    const back = items.map(({ key, associatedData }, index) => ({
      kind: 'decrypt' as const,
      key,
      associatedData,
      sealed: sealed[index] as Buffer,
    }));
    deepEqual(
      (await hsm.runJob(back)).map((each) => bytesOf(each).toString()),
      items.map(({ plaintext }) => plaintext.toString()),
    );
    deepEqual(await hsm.decrypt(data, sealed[1] as Buffer, Buffer.from('context 1')), Buffer.from('value 1'));
  });

  it('refuses single tasks of a job and does the others', async () => {
    const hsm = subject();
    const [aes, mac] = [newLabel(), newLabel()];
    await hsm.createKey(aes, { type: 'aes-256', use: 'encrypt' });
    await hsm.createKey(mac, { type: 'hmac-sha256', use: 'mac' });
    const token = (label: string) => ({ kind: 'token', label }) as const;
    const item = {
      kind: 'encrypt',
      key: token(aes),
      plaintext: Buffer.from('value'),
      associatedData: context,
    } as const;
    const sealing = await hsm.runJob([
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
    const good = {
      kind: 'decrypt',
      key: token(aes),
      sealed: bytesOf(sealing[0]),
      associatedData: context,
    } as const;
    const opening = await hsm.runJob([
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
    const macs = await hsm.runJob(
      [
        { label: mac, data: context },
        { label: mac, data: nothing },
        { label: aes, data: context },
        { label: newLabel(), data: context },
        { label: mac, data: context },
      ].map((each) => ({ kind: 'mac', ...each }) as const),
    );
    deepEqual(macs.map(codeOf), ['done', 'request-invalid', 'key-purpose-refused', 'absent', 'done']);
    deepEqual(bytesOf(macs[4]), Buffer.from(await hsm.mac(mac, context)));
  });

  it('signs in one job with keys of several kinds', async () => {
    const hsm = subject();
    const [edwards, rsa] = [newLabel(), newLabel()];
    await hsm.createKey(edwards, { type: 'ed25519', use: 'sign' });
    const ed25519 = { kind: 'sign', label: edwards, algorithm: 'ed25519', input: 'message' } as const;
    const items = Array.from({ length: 20 }, (_, index) => ({
      ...ed25519,
      data: Buffer.from(`statement ${index}`),
    }));
    const signatures = await hsm.runJob(items);
    const key = publicKeyOf(await hsm.publicKey(edwards));
    for (const [index, { data }] of items.entries()) ok(verify(null, data, key, bytesOf(signatures[index])));
    if (!(await can(hsm, 'mechanisms', 'rsa-pkcs1-sha256'))) return;
    await hsm.createKey(rsa, { type: 'rsa-2048', use: 'sign' });
    const pkcs1 = {
      kind: 'sign',
      label: rsa,
      algorithm: 'rsa-pkcs1-sha256',
      input: 'message',
      data: context,
    } as const;
    const mixed = await hsm.runJob([
      { ...ed25519, data: context },
      pkcs1,
      { ...pkcs1, data: nothing },
      { ...pkcs1, label: newLabel() },
      { ...ed25519, data: context, input: 'digest' },
    ]);
    deepEqual(mixed.map(codeOf), ['done', 'done', 'request-invalid', 'absent', 'request-invalid']);
    ok(verify('sha256', context, publicKeyOf(await hsm.publicKey(rsa)), bytesOf(mixed[1])));
  });

  it('takes jobs of 1 to 512 tasks', async () => {
    const hsm = subject();
    const label = newLabel();
    await hsm.createKey(label, { type: 'hmac-sha256', use: 'mac' });
    const tasks = Array.from({ length: 513 }, () => ({ kind: 'mac', label, data: context }) as const);
    await rejects(hsm.runJob(tasks), refusedWith('request-invalid'));
    await rejects(hsm.runJob([]), refusedWith('request-invalid'));
    equal((await hsm.runJob(tasks.slice(1))).length, 512);
  });

  it('carries out every kind of task in one job, each with its own refusal', async () => {
    const hsm = subject();
    const [aes, wrapping, signer, mac] = [newLabel(), newLabel(), newLabel(), newLabel()];
    await hsm.createKey(aes, { type: 'aes-256', use: 'encrypt' });
    await hsm.createKey(wrapping, { type: 'aes-256', use: 'wrap' });
    await hsm.createKey(signer, { type: 'ec-p256', use: 'sign' });
    await hsm.createKey(mac, { type: 'hmac-sha256', use: 'mac' });
    const key = { kind: 'token', label: aes } as const;
    const material = randomBytes(32);
    const wrapped = await hsm.wrapBytes(wrapping, 'aes-kwp', material);
    const sealed = await hsm.encrypt(key, material, context);
    const signed = { label: signer, data: context, algorithm: 'ecdsa-sha256', input: 'message' } as const;
    const signature = await hsm.sign(signer, context, 'ecdsa-sha256', 'message');
    const wraps = { kind: 'wrap', label: wrapping, algorithm: 'aes-kw' } as const;
    const unwraps = { kind: 'unwrap', label: wrapping, algorithm: 'aes-kwp' } as const;
    const tasks: HsmTask[] = [
      { kind: 'encrypt', key, plaintext: material, associatedData: context },
      { kind: 'decrypt', key, sealed, associatedData: context },
      { kind: 'verify', ...signed, signature },
      { kind: 'verify', ...signed, data: nothing, signature },
      { kind: 'verify', ...signed, signature: randomBytes(64) },
      { ...wraps, plaintext: material },
      { ...wraps, plaintext: Buffer.from('short') },
      { ...unwraps, wrapped },
      { ...unwraps, wrapped: randomBytes(40) },
      { ...unwraps, wrapped: randomBytes(7) },
      { kind: 'mac', label: mac, data: context },
      { kind: 'random', bytes: 48 },
      { kind: 'random', bytes: 1_025 },
      { kind: 'sign', ...signed },
    ];
    const outcomes = await hsm.runJob(tasks);
    deepEqual(outcomes.map(codeOf), [
      'done',
      'done',
      'done',
      'request-invalid',
      'done',
      'done',
      'request-invalid',
      'done',
      'ciphertext-invalid',
      'ciphertext-invalid',
      'done',
      'done',
      'request-invalid',
      'done',
    ]);
    deepEqual([bytesOf(outcomes[2]), bytesOf(outcomes[4])], [Buffer.of(1), Buffer.of(0)]);
    deepEqual(bytesOf(outcomes[1]), material);
    deepEqual(bytesOf(outcomes[5]), Buffer.from(await hsm.wrapBytes(wrapping, 'aes-kw', material)));
    deepEqual(bytesOf(outcomes[7]), material);
    deepEqual(bytesOf(outcomes[10]), Buffer.from(await hsm.mac(mac, context)));
    equal(bytesOf(outcomes[11]).length, 48);
    ok(await hsm.verify(signer, context, bytesOf(outcomes[13]), 'ecdsa-sha256', 'message'));
  });

  it('opens RSA-OAEP in a job where the token can, and else names what it lacks for that task alone', async () => {
    const hsm = subject();
    const [rsa, mac] = [newLabel(), newLabel()];
    const spki = await hsm.createKey(rsa, { type: 'rsa-2048', use: 'encrypt' });
    await hsm.createKey(mac, { type: 'hmac-sha256', use: 'mac' });
    for (const oaepHash of ['sha256', 'sha1'] as const) {
      const padding = constants.RSA_PKCS1_OAEP_PADDING;
      const sealed = publicEncrypt({ key: publicKeyOf(spki ?? nothing), padding, oaepHash }, context);
      const oaep = { kind: 'decrypt-oaep', label: rsa, hash: oaepHash } as const;
      const outcomes = await hsm.runJob([
        { ...oaep, sealed },
        { ...oaep, sealed: randomBytes(256) },
        { kind: 'mac', label: mac, data: context },
      ]);
      if (await can(hsm, 'mechanisms', `rsa-oaep-${oaepHash}`)) {
        deepEqual(outcomes.map(codeOf), ['done', 'ciphertext-invalid', 'done']);
        deepEqual(bytesOf(outcomes[0]), context);
      } else {
        deepEqual(outcomes.map(codeOf), ['mechanism-unsupported', 'mechanism-unsupported', 'done']);
        for (const outcome of outcomes.slice(0, 2))
          match(String(outcome.status === 'refused' && outcome.detail), /^CKM_/);
      }
    }
  });
}

const publicKeyOf = (spki: Uint8Array) =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
