/** Signatures and MACs, checked by node:crypto and by the openssl command. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeBytes, encodeBytes } from '@strongroom/canonical';
import type { CryptoSignRequest, SignatureMechanism } from '@strongroom/contracts';
import { CryptoScene, group } from '../../testing/crypto-scene.ts';

const message = Buffer.from('pay 100 to bob');
const input = encodeBytes(message);

const scene = await CryptoScene.set({
  ed: { purpose: 'signing', type: 'ed25519' },
  p256: { purpose: 'signing', type: 'ec-p256' },
  p384: { purpose: 'signing', type: 'ec-p384' },
  rsa: { purpose: 'signing', type: 'rsa-2048' },
  mac: { purpose: 'mac', type: 'hmac-sha256' },
  mac512: { purpose: 'mac', type: 'hmac-sha512' },
  data: { purpose: 'data' },
});

async function publicKeyOf(name: string): Promise<KeyObject> {
  const record = await scene.scene.deployment.registry.read('key', `${group}/${name}`);
  const spki = record?.value.versions.at(-1)?.publicKey ?? '';
  return createPublicKey({ key: Buffer.from(decodeBytes(spki)), format: 'der', type: 'spki' });
}

const hashOf = (mechanism: SignatureMechanism) => mechanism.slice(-6);
const isPss = (mechanism: SignatureMechanism) => mechanism.startsWith('rsa-pss');

function nodeVerifies(
  key: KeyObject,
  mechanism: SignatureMechanism,
  encoding: string | undefined,
  made: string,
) {
  const algorithm = mechanism === 'ed25519' ? null : hashOf(mechanism);
  const options = {
    key,
    dsaEncoding: encoding === 'der' ? ('der' as const) : ('ieee-p1363' as const),
    ...(isPss(mechanism)
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {}),
  };
  return verify(algorithm, message, options, decodeBytes(made));
}

function opensslVerifies(key: KeyObject, mechanism: SignatureMechanism, made: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-signature-'));
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  try {
    const pem = file('key.pem', key.export({ format: 'pem', type: 'spki' }) as string);
    const [signature, text] = [file('signature', decodeBytes(made)), file('message', message)];
    const pss = isPss(mechanism)
      ? ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest']
      : [];
    const args =
      mechanism === 'ed25519'
        ? ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', pem, '-sigfile', signature, '-in', text]
        : ['dgst', `-${hashOf(mechanism)}`, ...pss, '-verify', pem, '-signature', signature, text];
    return /Verified OK|Signature Verified Successfully/.test(execFileSync('openssl', args).toString());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Case = readonly [key: string, mechanism: SignatureMechanism, encoding?: 'jose' | 'der'];
const cases: readonly Case[] = [
  ['ed', 'ed25519'],
  ['p256', 'ecdsa-sha256', 'jose'],
  ['p256', 'ecdsa-sha256', 'der'],
  ['p384', 'ecdsa-sha384', 'jose'],
  ['p384', 'ecdsa-sha384', 'der'],
  ...(['sha256', 'sha384', 'sha512'] as const).flatMap((hash): Case[] => [
    ['rsa', `rsa-pss-${hash}`],
    ['rsa', `rsa-pkcs1-${hash}`],
  ]),
];

for (const [key, mechanism, encoding] of cases) {
  const form = encoding === undefined ? {} : { encoding };
  const asked = { group, key, mechanism, ...form };

  test(`${mechanism} ${encoding ?? ''}: others verify it, and it verifies itself and nothing else`, async () => {
    const publicKey = await publicKeyOf(key);
    const signed = { ...asked, input, inputType: 'message' } as const;
    const { signature, version, protection } = await scene.carryOut('crypto.sign', signed);
    assert.deepEqual({ version, protection }, { version: 1, protection: 'hsm' });
    assert.ok(nodeVerifies(publicKey, mechanism, encoding, signature));
    if (encoding !== 'jose') assert.ok(opensslVerifies(publicKey, mechanism, signature));
    const verdict = async (change: Partial<CryptoSignRequest & { signature: string; version: number }>) =>
      (await scene.carryOut('crypto.verify', { ...signed, signature, ...change })).valid;
    assert.equal(await verdict({}), true);
    assert.equal(await verdict({ version: 1 }), true);
    assert.equal(await verdict({ input: encodeBytes(Buffer.from('pay 900 to eve')) }), false);
    const bytes = decodeBytes(signature);
    for (const at of [0, 1, 4, bytes.length >> 1, bytes.length - 1]) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] as number) ^ 1;
      assert.equal(await verdict({ signature: encodeBytes(flipped) }), false, `octet ${at}`);
    }
    assert.equal(await verdict({ signature: encodeBytes(bytes.subarray(1)) }), false);
    assert.equal(await verdict({ signature: encodeBytes(Buffer.concat([bytes, Buffer.of(0)])) }), false);
  });

  if (mechanism !== 'ed25519')
    test(`${mechanism} ${encoding ?? ''}: a digest is signed as its message is`, async () => {
      const digest = encodeBytes(createHash(hashOf(mechanism)).update(message).digest());
      const prehashed = { ...asked, input: digest, inputType: 'digest' } as const;
      const { signature } = await scene.carryOut('crypto.sign', prehashed);
      assert.ok(nodeVerifies(await publicKeyOf(key), mechanism, encoding, signature));
      assert.ok((await scene.carryOut('crypto.verify', { ...prehashed, signature })).valid);
      const short = { ...prehashed, input: encodeBytes(decodeBytes(digest).subarray(1)) };
      assert.equal(await scene.codeOf('crypto.sign', short), 'request-invalid');
    });
}

test('the refusal says what the key is for, and what it can do', async () => {
  const signed = { group, input, inputType: 'message', mechanism: 'ed25519' } as const;
  const detail = async (key: string) => {
    const answer = await scene.ask('crypto.sign', { ...signed, key });
    return answer.status === 'refused' ? answer.error.detail : answer.status;
  };
  assert.equal(await detail('mac'), 'the key is for mac');
  assert.equal(await detail('p256'), '/mechanism: ec-p256 for signing has ecdsa-sha256');
});

test('a mechanism that the key has not, a form that it has not, and Ed25519 of a digest are refused', async () => {
  const signed = { group, input, inputType: 'message' } as const;
  const code = (
    change: Omit<CryptoSignRequest, 'group' | 'input' | 'inputType'> & Partial<CryptoSignRequest>,
  ) => scene.codeOf('crypto.sign', { ...signed, ...change });
  assert.equal(await code({ key: 'ed', mechanism: 'rsa-pss-sha256' }), 'key-type-refused');
  assert.equal(await code({ key: 'p256', mechanism: 'ecdsa-sha384', encoding: 'der' }), 'key-type-refused');
  assert.equal(await code({ key: 'p256', mechanism: 'ecdsa-sha256' }), 'request-invalid');
  assert.equal(await code({ key: 'ed', mechanism: 'ed25519', encoding: 'jose' }), 'request-invalid');
  const digest = encodeBytes(createHash('sha512').update(message).digest());
  assert.equal(
    await code({ key: 'ed', mechanism: 'ed25519', input: digest, inputType: 'digest' }),
    'request-invalid',
  );
  assert.equal(await code({ key: 'data', mechanism: 'ed25519' }), 'key-purpose-refused');
  assert.equal(await code({ key: 'mac', mechanism: 'ed25519' }), 'key-purpose-refused');
});

test('a version that was rotated away verifies, and signs no more', async () => {
  const own = await CryptoScene.set({ ed: { purpose: 'signing', type: 'ed25519' } });
  const signed = { group, key: 'ed', mechanism: 'ed25519', input, inputType: 'message' } as const;
  const { signature } = await own.carryOut('crypto.sign', signed);
  await own.scene.ask('key.rotate', { group, name: 'ed' });
  assert.equal((await own.carryOut('crypto.sign', signed)).version, 2);
  assert.equal((await own.carryOut('crypto.verify', { ...signed, signature, version: 1 })).valid, true);
  assert.equal((await own.carryOut('crypto.verify', { ...signed, signature })).valid, false);
  assert.equal(await own.codeOf('crypto.verify', { ...signed, signature, version: 3 }), 'absent');
});

test('a MAC verifies whole, for its message and key only', async () => {
  for (const [key, length] of [
    ['mac', 43],
    ['mac512', 86],
  ] as const) {
    const { mac, protection } = await scene.carryOut('crypto.mac', { group, key, input });
    assert.equal(mac.length, length);
    assert.equal(protection, 'hsm');
    const verdict = async (change: object) =>
      (await scene.carryOut('crypto.verify-mac', { group, key, input, mac, ...change })).valid;
    assert.equal(await verdict({}), true);
    assert.equal(await verdict({ input: encodeBytes(Buffer.from('x')) }), false);
    assert.equal(await verdict({ mac: encodeBytes(decodeBytes(mac).subarray(0, 16)) }), false);
    assert.equal(await verdict({ key: key === 'mac' ? 'mac512' : 'mac' }), false);
  }
  assert.equal(await scene.codeOf('crypto.mac', { group, key: 'ed', input }), 'key-purpose-refused');
});

test('batches of signatures and MACs: each with its own outcome', async () => {
  const items = ['ed', 'data', 'ed'].map((key) => ({
    group,
    key,
    mechanism: 'ed25519' as const,
    input,
    inputType: 'message' as const,
  }));
  const { results } = await scene.carryOut('crypto.sign-many', { items });
  assert.deepEqual(
    results.map((result) => (result.status === 'done' ? 'done' : result.code)),
    ['done', 'key-purpose-refused', 'done'],
  );
  const [first] = results;
  assert.ok(first?.status === 'done' && first.signature === (results[2] as typeof first).signature);
  const checked = await scene.carryOut('crypto.verify-many', {
    items: [0, 2].map((at) => ({ ...(items[at] as (typeof items)[0]), signature: first.signature })),
  });
  assert.deepEqual(checked.outcomes, [{ outcome: 'done', count: 2 }]);
  const macs = await scene.carryOut('crypto.mac-many', {
    items: ['mac', 'mac512'].map((key) => ({ group, key, input })),
  });
  assert.equal(macs.outcomes[0]?.count, 2);
});
