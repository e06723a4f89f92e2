import assert from 'node:assert/strict';
import { constants, createDecipheriv, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { test } from 'node:test';
import { encodeBytes } from '@strongroom/canonical';
import { wrapForImport } from './wrap-for-import.ts';

test('who holds the import key unwraps what was wrapped to it, with the hash that it announced and no other', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const spki = encodeBytes(publicKey.export({ format: 'der', type: 'spki' }));
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  for (const [oaepHash, other] of [
    ['sha256', 'sha1'],
    ['sha1', 'sha256'],
  ] as const)
    for (const length of [16, 32, 121, 1_217]) {
      const material = Buffer.alloc(length, length);
      const wrapped = wrapForImport({ publicKey: spki, oaepHash }, material);
      const first = wrapped.subarray(0, 256);
      assert.throws(() => privateDecrypt({ key: privateKey, padding, oaepHash: other }, first));
      const key = privateDecrypt({ key: privateKey, padding, oaepHash }, first);
      assert.equal(key.length, 32);
      const opening = createDecipheriv('id-aes256-wrap-pad', key, Buffer.from('a65959a6', 'hex'));
      const opened = Buffer.concat([opening.update(wrapped.subarray(256)), opening.final()]);
      assert.deepEqual(opened, material);
    }
});
