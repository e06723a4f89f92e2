import { type Static, Type } from 'typebox';
import { Bytes, Bytes32, closed, Name, Version } from '../fields.ts';
import { operation } from '../operation.ts';

const provider = {
  group: Name,
  /** The KEK. */
  key: Name,
  /** Name of the KMS provider in the cluster's EncryptionConfiguration; bound to every ciphertext. */
  provider: Name,
};

/**
 * Opaque id of a KEK version for one provider (KMS v2 `key_id`): never reused, even when an old KEK is reinstated,
 * because reuse can make a storage migration skip objects (KEP-3299).
 */
const KmsKeyId = Bytes32;

export const KmsDescribeRequest = closed(provider);
export type KmsDescribeRequest = Static<typeof KmsDescribeRequest>;
export const KmsDescribeReply = closed({ keyId: KmsKeyId, version: Version });
export type KmsDescribeReply = Static<typeof KmsDescribeReply>;

export const KmsWrapRequest = closed({
  ...provider,
  /** The KEK version to wrap under, so that `Encrypt` and `Status` agree across a rotation; absent: the current one. */
  keyId: Type.Optional(KmsKeyId),
  plaintext: Bytes(4096, 1),
});
export type KmsWrapRequest = Static<typeof KmsWrapRequest>;
export const KmsWrapReply = closed({ keyId: KmsKeyId, version: Version, ciphertext: Bytes(4160) });
export type KmsWrapReply = Static<typeof KmsWrapReply>;

export const KmsUnwrapRequest = closed({ ...provider, keyId: KmsKeyId, ciphertext: Bytes(4160, 1) });
export type KmsUnwrapRequest = Static<typeof KmsUnwrapRequest>;
export const KmsUnwrapReply = closed({ plaintext: Bytes(4096) });
export type KmsUnwrapReply = Static<typeof KmsUnwrapReply>;

export interface KmsOperations {
  'kms.describe': { request: KmsDescribeRequest; reply: KmsDescribeReply };
  'kms.wrap': { request: KmsWrapRequest; reply: KmsWrapReply };
  'kms.unwrap': { request: KmsUnwrapRequest; reply: KmsUnwrapReply };
}

const object = { kind: 'key', group: 'group', name: 'key' } as const;
const plainProvider = { group: 'plain', key: 'plain', provider: 'plain' } as const;

export const kmsOperations = [
  operation({
    name: 'kms.describe',
    summary: 'Tells a KMS provider which KEK version wraps now, and its opaque key_id.',
    class: 'crypto',
    request: KmsDescribeRequest,
    reply: KmsDescribeReply,
    privilege: 'kms.describe',
    object,
    actors: 'machines',
    mutates: false,
    guardable: false,
    audit: { request: plainProvider, reply: { keyId: 'plain', version: 'plain' } },
    deadlineMs: 3_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/kms/describe' },
    since: '0.1.0',
  }),
  operation({
    name: 'kms.wrap',
    summary: 'Wraps a seed of a Kubernetes API server under the current KEK version.',
    class: 'crypto',
    request: KmsWrapRequest,
    reply: KmsWrapReply,
    privilege: 'kms.wrap',
    object,
    actors: 'machines',
    mutates: false,
    guardable: false,
    audit: {
      request: { ...plainProvider, keyId: 'plain', plaintext: 'never' },
      reply: { keyId: 'plain', version: 'plain', ciphertext: 'never' },
    },
    deadlineMs: 3_000,
    requestBytesMax: 8_192,
    rest: { method: 'POST', path: '/v1/kms/wrap' },
    since: '0.1.0',
  }),
  operation({
    name: 'kms.unwrap',
    summary: 'Unwraps a seed of a Kubernetes API server.',
    class: 'crypto',
    request: KmsUnwrapRequest,
    reply: KmsUnwrapReply,
    privilege: 'kms.unwrap',
    object,
    actors: 'machines',
    mutates: false,
    guardable: false,
    audit: {
      request: { ...plainProvider, keyId: 'plain', ciphertext: 'never' },
      reply: { plaintext: 'never' },
    },
    deadlineMs: 3_000,
    requestBytesMax: 8_192,
    rest: { method: 'POST', path: '/v1/kms/unwrap' },
    since: '0.1.0',
  }),
] as const;
