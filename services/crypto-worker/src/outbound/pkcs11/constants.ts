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

export const ckk = Object.freeze({ genericSecret: 0x10, aes: 0x1f, ecEdwards: 0x40 });

export const cka = Object.freeze({
  class: 0x0,
  token: 0x1,
  private: 0x2,
  label: 0x3,
  application: 0x10,
  value: 0x11,
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
  sha256Hmac: 0x251,
  genericSecretKeyGen: 0x350,
  ecEdwardsKeyPairGen: 0x1055,
  eddsa: 0x1057,
  aesKeyGen: 0x1080,
  aesGcm: 0x1087,
  /** RFC 5649 in SoftHSM and most devices of the v2.40 years. */
  aesKeyWrapPad: 0x210a,
  /** RFC 5649 by its v3.0 name. */
  aesKeyWrapKwp: 0x210b,
});

/** The binding's tag for CK_GCM_PARAMS with `ulIvBits`, the layout of the published header. */
export const gcmParametersTag = 7;
