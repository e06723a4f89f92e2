/**
 * The numbers of PKCS#11 that the adapter uses (OASIS PKCS#11 v3.1, header pkcs11t.h). They are written down here because
 * the binding has no names for the Edwards-curve ones and because templates must be testable without a module; a test
 * compares the rest with the binding's.
 */

export const ckf = Object.freeze({
  rwSession: 0x2,
  serialSession: 0x4,
  osLockingOk: 0x2,
  userPinFinalTry: 0x20000,
  userPinLocked: 0x40000,
});

export const cku = Object.freeze({ user: 1 });

export const cko = Object.freeze({ data: 0, publicKey: 2, privateKey: 3, secretKey: 4 });

export const ckk = Object.freeze({ rsa: 0x0, ec: 0x3, genericSecret: 0x10, aes: 0x1f, ecEdwards: 0x40 });

export const cka = Object.freeze({
  class: 0x0,
  token: 0x1,
  private: 0x2,
  label: 0x3,
  application: 0x10,
  value: 0x11,
  checkValue: 0x90,
  keyType: 0x100,
  id: 0x102,
  sensitive: 0x103,
  encrypt: 0x104,
  decrypt: 0x105,
  wrap: 0x106,
  unwrap: 0x107,
  sign: 0x108,
  verify: 0x10a,
  derive: 0x10c,
  modulus: 0x120,
  modulusBits: 0x121,
  publicExponent: 0x122,
  valueLength: 0x161,
  extractable: 0x162,
  local: 0x163,
  neverExtractable: 0x164,
  alwaysSensitive: 0x165,
  modifiable: 0x170,
  ecParams: 0x180,
  ecPoint: 0x181,
});

export const ckm = Object.freeze({
  rsaKeyPairGen: 0x0,
  rsaPkcs: 0x1,
  rsaOaep: 0x9,
  rsaPss: 0xd,
  sha1: 0x220,
  sha256: 0x250,
  sha256Hmac: 0x251,
  sha384: 0x260,
  sha384Hmac: 0x261,
  sha512: 0x270,
  sha512Hmac: 0x271,
  genericSecretKeyGen: 0x350,
  ecKeyPairGen: 0x1040,
  ecdsa: 0x1041,
  ecEdwardsKeyPairGen: 0x1055,
  eddsa: 0x1057,
  aesKeyGen: 0x1080,
  aesEcb: 0x1081,
  aesGcm: 0x1087,
  /** RFC 3394. */
  aesKeyWrap: 0x2109,
  /** RFC 5649 in SoftHSM and most devices of the v2.40 years. */
  aesKeyWrapPad: 0x210a,
  /** RFC 5649 by its v3.0 name. */
  aesKeyWrapKwp: 0x210b,
});

/** CKG_MGF1_…: the mask generation functions of RSA. */
export const ckg = Object.freeze({ mgf1Sha1: 1, mgf1Sha256: 2, mgf1Sha384: 3, mgf1Sha512: 4 });

const mechanismNames = new Map<number, string>([
  [ckm.rsaKeyPairGen, 'CKM_RSA_PKCS_KEY_PAIR_GEN'],
  [ckm.rsaPkcs, 'CKM_RSA_PKCS'],
  [ckm.rsaOaep, 'CKM_RSA_PKCS_OAEP'],
  [ckm.rsaPss, 'CKM_RSA_PKCS_PSS'],
  [ckm.sha256Hmac, 'CKM_SHA256_HMAC'],
  [ckm.sha384Hmac, 'CKM_SHA384_HMAC'],
  [ckm.sha512Hmac, 'CKM_SHA512_HMAC'],
  [ckm.genericSecretKeyGen, 'CKM_GENERIC_SECRET_KEY_GEN'],
  [ckm.ecKeyPairGen, 'CKM_EC_KEY_PAIR_GEN'],
  [ckm.ecdsa, 'CKM_ECDSA'],
  [ckm.ecEdwardsKeyPairGen, 'CKM_EC_EDWARDS_KEY_PAIR_GEN'],
  [ckm.eddsa, 'CKM_EDDSA'],
  [ckm.aesKeyGen, 'CKM_AES_KEY_GEN'],
  [ckm.aesEcb, 'CKM_AES_ECB'],
  [ckm.aesGcm, 'CKM_AES_GCM'],
  [ckm.aesKeyWrap, 'CKM_AES_KEY_WRAP'],
  [ckm.aesKeyWrapPad, 'CKM_AES_KEY_WRAP_PAD'],
  [ckm.aesKeyWrapKwp, 'CKM_AES_KEY_WRAP_KWP'],
]);

/** As an operator finds it in the vendor's manual. */
export function mechanismName(mechanism: number): string {
  return mechanismNames.get(mechanism) ?? `0x${mechanism.toString(16)}`;
}

/** The binding's tags for parameters: CK_GCM_PARAMS with `ulIvBits` (the published header's), OAEP and PSS of RSA. */
export const gcmParametersTag = 7;
export const oaepParametersTag = 4;
export const pssParametersTag = 5;
