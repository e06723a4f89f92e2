/** `MemoryHsm` does everything that the port has a word for. */
const keyTypes = [
  'aes-128',
  'aes-256',
  'hmac-sha256',
  'hmac-sha384',
  'hmac-sha512',
  'rsa-2048',
  'rsa-3072',
  'rsa-4096',
  'ec-p256',
  'ec-p384',
  'ed25519',
] as const;

const mechanisms = [
  'aes-gcm',
  'aes-kw',
  'aes-kwp',
  'ecdsa-sha256',
  'ecdsa-sha384',
  'ed25519',
  'hmac-sha256',
  'hmac-sha384',
  'hmac-sha512',
  'rsa-aes-kwp-sha1',
  'rsa-aes-kwp-sha256',
  'rsa-oaep-sha1',
  'rsa-oaep-sha256',
  'rsa-pkcs1-sha256',
  'rsa-pkcs1-sha384',
  'rsa-pkcs1-sha512',
  'rsa-pss-sha256',
  'rsa-pss-sha384',
  'rsa-pss-sha512',
] as const;

export const memoryCapabilities = Object.freeze({
  keyTypes,
  mechanisms,
  exportable: keyTypes,
  importable: keyTypes,
  lacking: [],
});
