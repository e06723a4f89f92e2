import { equal, ok } from 'node:assert/strict';
import { describe, it } from 'node:test';
import pkcs11js from 'pkcs11js';
import {
  cka,
  ckf,
  ckg,
  ckk,
  ckm,
  cko,
  cku,
  gcmParametersTag,
  mechanismName,
  oaepParametersTag,
  pssParametersTag,
} from './constants.ts';

const binding = pkcs11js as unknown as Record<string, number>;

/** The header's names of attributes that do not follow from ours. */
const attributeNames: Partial<Record<keyof typeof cka, string>> = {
  keyType: 'KEY_TYPE',
  checkValue: 'CHECK_VALUE',
  valueLength: 'VALUE_LEN',
  neverExtractable: 'NEVER_EXTRACTABLE',
  alwaysSensitive: 'ALWAYS_SENSITIVE',
  ecParams: 'EC_PARAMS',
  ecPoint: 'EC_POINT',
  modulusBits: 'MODULUS_BITS',
  publicExponent: 'PUBLIC_EXPONENT',
};

/** Mechanisms that the binding has no name for: the Edwards-curve ones, and RFC 5649 by its v3.0 name. */
const unnamed: readonly number[] = [ckm.ecEdwardsKeyPairGen, ckm.eddsa, ckm.aesKeyWrapKwp];
const hashes = {
  CKM_SHA_1: ckm.sha1,
  CKM_SHA256: ckm.sha256,
  CKM_SHA384: ckm.sha384,
  CKM_SHA512: ckm.sha512,
};

describe('the numbers of PKCS#11', () => {
  it('are those of the binding, where it knows them', () => {
    for (const [name, number] of Object.entries(cka)) {
      const known = attributeNames[name as keyof typeof cka] ?? name.toUpperCase();
      equal(number, binding[`CKA_${known}`], name);
    }
    const pairs: [number, string][] = [
      [ckf.rwSession, 'CKF_RW_SESSION'],
      [ckf.serialSession, 'CKF_SERIAL_SESSION'],
      [ckf.osLockingOk, 'CKF_OS_LOCKING_OK'],
      [ckf.userPinFinalTry, 'CKF_USER_PIN_FINAL_TRY'],
      [ckf.userPinLocked, 'CKF_USER_PIN_LOCKED'],
      [cku.user, 'CKU_USER'],
      [cko.data, 'CKO_DATA'],
      [cko.publicKey, 'CKO_PUBLIC_KEY'],
      [cko.privateKey, 'CKO_PRIVATE_KEY'],
      [cko.secretKey, 'CKO_SECRET_KEY'],
      [ckk.rsa, 'CKK_RSA'],
      [ckk.ec, 'CKK_EC'],
      [ckk.genericSecret, 'CKK_GENERIC_SECRET'],
      [ckk.aes, 'CKK_AES'],
      [ckg.mgf1Sha1, 'CKG_MGF1_SHA1'],
      [ckg.mgf1Sha256, 'CKG_MGF1_SHA256'],
      [ckg.mgf1Sha384, 'CKG_MGF1_SHA384'],
      [ckg.mgf1Sha512, 'CKG_MGF1_SHA512'],
      [gcmParametersTag, 'CK_PARAMS_AES_GCM_v240'],
      [oaepParametersTag, 'CK_PARAMS_RSA_OAEP'],
      [pssParametersTag, 'CK_PARAMS_RSA_PSS'],
    ];
    for (const [number, name] of pairs) equal(number, binding[name], name);
  });

  it('have the names that a vendor uses for each mechanism', () => {
    for (const [name, number] of Object.entries(hashes)) equal(number, binding[name], name);
    for (const mechanism of Object.values(ckm)) {
      if ((Object.values(hashes) as number[]).includes(mechanism)) continue;
      const name = mechanismName(mechanism);
      ok(name.startsWith('CKM_'), name);
      if (!unnamed.includes(mechanism)) equal(binding[name], mechanism, name);
    }
  });
});
