import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { test } from 'node:test';
import { isStrongroomError } from '@strongroom/errors';
import type { HsmCapabilities } from '../../ports/hsm.ts';
import { oaepEncrypt } from './oaep-encrypt.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const spki = publicKey.export({ format: 'der', type: 'spki' });
const tokenWith = (change: Partial<HsmCapabilities>) => ({
  capabilities: async (): Promise<HsmCapabilities> => ({
    ...{ keyTypes: [], mechanisms: [], exportable: [], importable: [], lacking: [] },
    ...change,
  }),
});
const able = tokenWith({ mechanisms: ['rsa-oaep-sha256'] });

test('the private half opens it, as node:crypto does', async () => {
  const plaintext = Buffer.alloc(190, 3);
  const sealed = await oaepEncrypt(able, spki, plaintext);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  assert.deepEqual(privateDecrypt({ key: privateKey, padding, oaepHash: 'sha256' }, sealed), plaintext);
});

test('nothing is encrypted that the token could not open again, nor what is too long', async () => {
  const refusedAs = (code: string, detail: RegExp) => (fault: unknown) =>
    isStrongroomError(fault) && fault.code === code && detail.test(fault.detail ?? '');
  const lacking = [{ name: 'rsa-oaep-sha256', mechanism: 'CKM_RSA_PKCS_OAEP with SHA-256' }];
  await assert.rejects(
    oaepEncrypt(tokenWith({ lacking }), spki, Buffer.alloc(1)),
    refusedAs('mechanism-unsupported', /^CKM_RSA_PKCS_OAEP/),
  );
  await assert.rejects(oaepEncrypt(able, spki, Buffer.alloc(191)), refusedAs('request-invalid', /190/));
});
