/** What leaves of a key and what comes in: public halves, attestations, wrapped material. Plaintext does neither. */
import { type Static, Type } from 'typebox';
import { Bytes, closed, Name, Text, Version } from '../fields.ts';
import { KeyPurpose, KeyType } from '../key-type.ts';
import { operation } from '../operation.ts';
import { SignedStatement } from '../wire/statement.ts';
import { keySettings, plainDescription } from './key.ts';
import { KeyDescription } from './key-description.ts';

const named = { group: Name, name: Name };

/** Absent version: the current one. */
export const KeyVersionRequest = closed({ ...named, version: Type.Optional(Version) });
export type KeyVersionRequest = Static<typeof KeyVersionRequest>;

/** RFC 7517, with the members of the kinds of key that there are (RFC 7518 section 6, RFC 8037 section 2). */
export const PublicJwk = closed({
  kty: Type.Union([Type.Literal('RSA'), Type.Literal('EC'), Type.Literal('OKP')]),
  /** `<key id>.<version>`. */
  kid: Text(48),
  use: Type.Union([Type.Literal('sig'), Type.Literal('enc')]),
  n: Type.Optional(Bytes(512)),
  e: Type.Optional(Bytes(8)),
  crv: Type.Optional(Text(16)),
  x: Type.Optional(Bytes(48)),
  y: Type.Optional(Bytes(48)),
});
export type PublicJwk = Static<typeof PublicJwk>;
export const KeyPublicKeyReply = closed({
  version: Version,
  type: KeyType,
  /** SubjectPublicKeyInfo (RFC 5280), PEM (RFC 7468). */
  pem: Text(1_200),
  jwk: PublicJwk,
});
export type KeyPublicKeyReply = Static<typeof KeyPublicKeyReply>;

export const KeyAttestReply = closed({ attestation: SignedStatement });
export type KeyAttestReply = Static<typeof KeyAttestReply>;

export const KeyImportKeyRequest = closed({});
export type KeyImportKeyRequest = Static<typeof KeyImportKeyRequest>;
export const KeyImportKeyReply = closed({ importKey: SignedStatement });
export type KeyImportKeyReply = Static<typeof KeyImportKeyReply>;

const arrivingMaterial = {
  /** A wrapping key of the same group under which the material arrives by AES-KWP; absent: the import key, by RSA-AES-KWP. */
  wrappedBy: Type.Optional(Name),
  /** Octets of a secret key, or the PKCS#8 of a private one. */
  wrapped: Bytes(4_096, 16),
  /** SPKI DER; needed for a private key. */
  publicKey: Type.Optional(Bytes(800, 1)),
};
const arrivingAudit = { wrappedBy: 'plain', wrapped: 'commit', publicKey: 'commit' } as const;

export const KeyImportRequest = closed({
  ...named,
  purpose: KeyPurpose,
  type: KeyType,
  ...keySettings,
  policy: Type.Optional(Name),
  ...arrivingMaterial,
});
export type KeyImportRequest = Static<typeof KeyImportRequest>;

export const KeyImportVersionRequest = closed({ ...named, ...arrivingMaterial });
export type KeyImportVersionRequest = Static<typeof KeyImportVersionRequest>;

export const KeyExportRequest = closed({
  ...named,
  version: Type.Optional(Version),
  /** A wrapping key of the same group; who holds it outside can unwrap (RFC 5649). */
  wrappingKey: Name,
});
export type KeyExportRequest = Static<typeof KeyExportRequest>;
export const KeyExportReply = closed({
  version: Version,
  type: KeyType,
  wrappingVersion: Version,
  /** AES-KWP of the octets of a secret key, or of the PKCS#8 of a private one. */
  wrapped: Bytes(4_096),
});
export type KeyExportReply = Static<typeof KeyExportReply>;

export const KeyCheckValueReply = closed({
  version: Version,
  type: KeyType,
  /** AES: first octets of the all-zero block encrypted. HMAC: of the key's SHA-1. A pair: SHA-256 of its SPKI. */
  method: Type.Union([Type.Literal('aes-zero-block'), Type.Literal('sha1'), Type.Literal('spki-sha256')]),
  /** Three octets of a secret key; 32 of a pair. */
  checkValue: Bytes(32, 3),
});
export type KeyCheckValueReply = Static<typeof KeyCheckValueReply>;

export interface KeyTransportOperations {
  'key.public-key': { request: KeyVersionRequest; reply: KeyPublicKeyReply };
  'key.attest': { request: KeyVersionRequest; reply: KeyAttestReply };
  'key.check-value': { request: KeyVersionRequest; reply: KeyCheckValueReply };
  'key.import-key': { request: KeyImportKeyRequest; reply: KeyImportKeyReply };
  'key.import': { request: KeyImportRequest; reply: KeyDescription };
  'key.import-version': { request: KeyImportVersionRequest; reply: KeyDescription };
  'key.export': { request: KeyExportRequest; reply: KeyExportReply };
}

const object = { kind: 'key', group: 'group', name: 'name' } as const;
const plainVersion = { group: 'plain', name: 'plain', version: 'plain' } as const;

const arrival = {
  class: 'manage',
  reply: KeyDescription,
  actors: 'any',
  mutates: true,
  guardable: true,
  deadlineMs: 30_000,
  requestBytesMax: 24_576,
  since: '0.1.0',
} as const;

export const keyTransportOperations = [
  operation({
    name: 'key.public-key',
    summary: 'Shows the public half of a version as PEM and JWK.',
    class: 'manage',
    request: KeyVersionRequest,
    reply: KeyPublicKeyReply,
    privilege: 'key.describe',
    object,
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: {
      request: plainVersion,
      reply: { version: 'plain', type: 'plain', pem: 'never', jwk: 'never' },
    },
    deadlineMs: 5_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/keys/{group}/{name}/public-key' },
    since: '0.1.0',
  }),
  operation({
    name: 'key.attest',
    summary: 'Says where and how a version is held, signed by the identity key of the HSM.',
    class: 'manage',
    request: KeyVersionRequest,
    reply: KeyAttestReply,
    privilege: 'key.attest',
    object,
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: { request: plainVersion, reply: { attestation: 'never' } },
    deadlineMs: 10_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/keys/{group}/{name}/attest' },
    since: '0.1.0',
  }),
  operation({
    name: 'key.check-value',
    summary: 'Tells the check value of a version, by which people see that two tokens hold the same key.',
    class: 'manage',
    request: KeyVersionRequest,
    reply: KeyCheckValueReply,
    privilege: 'key.check-value',
    object,
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: {
      request: plainVersion,
      reply: { version: 'plain', type: 'plain', method: 'plain', checkValue: 'never' },
    },
    deadlineMs: 10_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/keys/{group}/{name}/check-value' },
    since: '0.1.0',
  }),
  operation({
    name: 'key.import-key',
    summary: 'Shows the RSA key to wrap keys to that are brought in, signed by the identity key of the HSM.',
    class: 'manage',
    request: KeyImportKeyRequest,
    reply: KeyImportKeyReply,
    privilege: 'key.import-key',
    object: { kind: 'system' },
    actors: 'any',
    mutates: false,
    guardable: false,
    audit: { request: {}, reply: { importKey: 'never' } },
    deadlineMs: 10_000,
    requestBytesMax: 4_096,
    rest: { method: 'GET', path: '/v1/import-key' },
    since: '0.1.0',
  }),
  operation({
    ...arrival,
    name: 'key.import',
    summary: 'Brings a key in that was made elsewhere, wrapped; it is never exportable, and never a KEK.',
    request: KeyImportRequest,
    privilege: 'key.import',
    object: { ...object, isMade: true },
    audit: {
      request: {
        group: 'plain',
        name: 'plain',
        purpose: 'plain',
        type: 'plain',
        labels: 'plain',
        usage: 'plain',
        rotationDays: 'plain',
        policy: 'plain',
        ...arrivingAudit,
      },
      reply: plainDescription,
    },
    rest: { method: 'PUT', path: '/v1/keys/{group}/{name}/import' },
  }),
  operation({
    ...arrival,
    name: 'key.import-version',
    summary:
      'Brings a version in that was made elsewhere, wrapped; it is the current one of its key from then on.',
    request: KeyImportVersionRequest,
    privilege: 'key.import-version',
    object,
    audit: { request: { group: 'plain', name: 'plain', ...arrivingAudit }, reply: plainDescription },
    rest: { method: 'POST', path: '/v1/keys/{group}/{name}/import-version' },
  }),
  operation({
    name: 'key.export',
    summary: 'Gives a version of an exportable key out, wrapped by a wrapping key; its quorum has to agree.',
    class: 'manage',
    request: KeyExportRequest,
    reply: KeyExportReply,
    privilege: 'key.export',
    object,
    actors: 'any',
    mutates: true,
    guardable: true,
    audit: {
      request: { ...plainVersion, wrappingKey: 'plain' },
      reply: { version: 'plain', type: 'plain', wrappingVersion: 'plain', wrapped: 'commit' },
    },
    deadlineMs: 10_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/keys/{group}/{name}/export' },
    since: '0.1.0',
  }),
] as const;
