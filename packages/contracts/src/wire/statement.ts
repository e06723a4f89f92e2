/**
 * Statements of the deployment's HSM identity key: the one kind of certificate in the platform. The signature is
 * Ed25519 over SHA-256("strongroom/statement/1" 0x00 canonical(statement)). Callers pin the fingerprint of the identity
 * key: `SHA256:` and base64url of the SHA-256 of its 32 raw bytes.
 */
import { type Static, Type } from 'typebox';
import { Bytes, Bytes32, Count, closed, Name, Signature, Text, Timestamp, Version } from '../fields.ts';
import { KeyPurpose, KeyState, KeyType, ProtectionLevel } from '../key-type.ts';

const validity = { notBefore: Timestamp, notAfter: Timestamp };

/** X25519 key that callers seal to. `keyId` is the first octet of the RFC 9458 key configuration: epoch modulo 256. */
export const SealingKeyStatement = closed({
  type: Type.Literal('strongroom.sealing-key/1'),
  tenant: Name,
  pool: Name,
  epoch: Version,
  keyId: Type.Integer({ minimum: 0, maximum: 255 }),
  publicKey: Bytes32,
  ...validity,
});
export type SealingKeyStatement = Static<typeof SealingKeyStatement>;

/** Ed25519 key that signs the receipts of one fenced writer. A higher epoch ends all lower ones. */
export const ReceiptKeyStatement = closed({
  type: Type.Literal('strongroom.receipt-key/1'),
  epoch: Version,
  publicKey: Bytes32,
  ...validity,
});
export type ReceiptKeyStatement = Static<typeof ReceiptKeyStatement>;

/** Ed25519 key of one crypto worker process; signs what it appends to the log. */
export const WorkerKeyStatement = closed({
  type: Type.Literal('strongroom.worker-key/1'),
  worker: Text(64),
  pool: Name,
  publicKey: Bytes32,
  ...validity,
});
export type WorkerKeyStatement = Static<typeof WorkerKeyStatement>;

/** Ed25519 HSM key that signs checkpoints; `origin` is the first line of the C2SP checkpoint. */
export const LogKeyStatement = closed({
  type: Type.Literal('strongroom.log-key/1'),
  origin: Text(128),
  publicKey: Bytes32,
  notBefore: Timestamp,
});
export type LogKeyStatement = Static<typeof LogKeyStatement>;

/** What the token says of the object itself (PKCS#11 v2.40 section 4), asked at the moment of the attestation. */
export const AttestedAttributes = closed({
  sensitive: Type.Boolean(),
  extractable: Type.Boolean(),
  alwaysSensitive: Type.Boolean(),
  neverExtractable: Type.Boolean(),
  /** Generated in this token. */
  local: Type.Boolean(),
  usages: Type.Array(Text(16), { maxItems: 8 }),
});

/**
 * Where and how a version of a key is held. `token`: as an object of the token, whose attributes are shown. `wrapped`: under an
 * HSM key, used inside the token. `software`: under an HSM key, used in the memory of a worker.
 */
export const KeyAttestationStatement = closed({
  type: Type.Literal('strongroom.key-attestation/1'),
  tenant: Name,
  group: Name,
  name: Name,
  keyId: Text(36),
  version: Version,
  keyType: KeyType,
  purpose: KeyPurpose,
  protection: ProtectionLevel,
  exportable: Type.Boolean(),
  origin: Text(16),
  state: KeyState,
  held: Type.Union([Type.Literal('token'), Type.Literal('wrapped'), Type.Literal('software')]),
  attributes: Type.Optional(AttestedAttributes),
  /** SPKI DER. */
  publicKey: Type.Optional(Bytes(800)),
  token: closed({ label: Text(64), model: Text(64), serial: Text(64) }),
  /** When the token was asked. */
  notBefore: Timestamp,
});
export type KeyAttestationStatement = Static<typeof KeyAttestationStatement>;

/** RSA key of the deployment to which callers wrap keys that they bring; its private half never leaves the token. */
export const ImportKeyStatement = closed({
  type: Type.Literal('strongroom.import-key/1'),
  tenant: Name,
  pool: Name,
  /** SPKI DER. */
  publicKey: Bytes(800, 1),
  /** `CKM_RSA_AES_KEY_WRAP`: RSA-OAEP of a fresh AES-256 key, then the key under it by AES-KWP (RFC 5649). */
  scheme: Type.Literal('rsa-aes-kwp'),
  /** Hash of OAEP and its mask: what the token has. */
  oaepHash: Type.Union([Type.Literal('sha256'), Type.Literal('sha1')]),
  notBefore: Timestamp,
});
export type ImportKeyStatement = Static<typeof ImportKeyStatement>;

export const Statement = Type.Union([
  SealingKeyStatement,
  ReceiptKeyStatement,
  WorkerKeyStatement,
  LogKeyStatement,
  KeyAttestationStatement,
  ImportKeyStatement,
]);
export type Statement = Static<typeof Statement>;
export const SignedStatement = closed({ statement: Statement, signature: Signature });
export type SignedStatement = Static<typeof SignedStatement>;

/** What a caller fetches before it can seal. */
export const SealingKeys = closed({
  identity: Bytes32,
  keys: Type.Array(SignedStatement, { minItems: 1, maxItems: 4 }),
  /** Registry epoch of the worker that answered; for operators. */
  registrySequence: Count,
});
export type SealingKeys = Static<typeof SealingKeys>;
