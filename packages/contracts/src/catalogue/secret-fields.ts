/** What messages about secrets are made of. Reference: the semantics of key-value stores with versions (KV version 2). */
import { type Static, Type } from 'typebox';
import { Bytes, Count, closed, closedRecord, Name, Text, Timestamp, Version } from '../fields.ts';

export const SecretKind = Type.Union([
  Type.Literal('password'),
  Type.Literal('pin'),
  Type.Literal('api-key'),
  Type.Literal('ssh-key'),
  Type.Literal('certificate'),
  Type.Literal('key'),
  Type.Literal('opaque'),
  Type.Literal('text'),
  Type.Literal('json'),
]);
export type SecretKind = Static<typeof SecretKind>;

/** Of kind `opaque`; all other kinds take less. */
export const opaqueBytesMax = 1_048_576;
export const secretBytesMax = 65_536;
/** Versions that a secret keeps, at most; also the most that one request names. */
export const secretVersionsMax = 100;

export const named = { group: Name, name: Name };
export const SecretValue = Bytes(opaqueBytesMax, 1);

/** For people and tools; never secret, and in the log only as a commitment. */
export const SecretMetadata = closedRecord('^[\\x20-\\x7e]{1,128}$', Text(512), 64);
export type SecretMetadata = Static<typeof SecretMetadata>;

/** Of a version. It is refused from `expiresAt` on; `rotateBy` only reminds. */
export const dates = {
  expiresAt: Type.Optional(Timestamp),
  rotateBy: Type.Optional(Timestamp),
};

/** Compare-and-swap: the version that the writer saw, 0 for a secret that has none yet. */
export const ExpectedVersion = Type.Optional(Count);

export const SecretVersions = Type.Array(Version, {
  minItems: 1,
  maxItems: secretVersionsMax,
  uniqueItems: true,
});

/** `expired` and `deleted` still hold a value, which nobody can read as they are; `destroyed` holds none. */
export const SecretVersionState = Type.Union([
  Type.Literal('live'),
  Type.Literal('expired'),
  Type.Literal('deleted'),
  Type.Literal('destroyed'),
]);
export type SecretVersionState = Static<typeof SecretVersionState>;

export const SecretVersionDescription = closed({
  version: Version,
  state: SecretVersionState,
  createdAt: Timestamp,
  ...dates,
  /** In the future where the secret deletes its versions by itself. */
  deletedAt: Type.Optional(Timestamp),
  /** A deleted version can be had back until then; absent where a policy guards the secret: then without end. */
  undeleteUntil: Type.Optional(Timestamp),
  destroyedAt: Type.Optional(Timestamp),
});
export type SecretVersionDescription = Static<typeof SecretVersionDescription>;

/** How many versions a secret keeps: an older one is destroyed when one more is written. */
export const VersionsKept = Type.Integer({ minimum: 1, maximum: secretVersionsMax });
/** Versions are deleted after this time, as if somebody had. */
export const VersionLife = Type.Integer({ minimum: 60, maximum: 3_155_760_000 });
