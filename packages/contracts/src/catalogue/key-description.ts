/** What there is to say about a key. Never material, never labels of the token. */
import { type Static, Type } from 'typebox';
import { Bytes32, closed, Name, Timestamp, Version } from '../fields.ts';
import { KeyPurpose, KeyState, KeyType, ProtectionLevel } from '../key-type.ts';
import { KeyUsage, Labels } from '../key-usage.ts';

export const KeyOrigin = Type.Union([
  Type.Literal('generated'),
  Type.Literal('imported'),
  Type.Literal('restored'),
]);
export type KeyOrigin = Static<typeof KeyOrigin>;

/** Days between two rotations that the platform makes by itself. */
export const RotationDays = Type.Integer({ minimum: 1, maximum: 3_650 });

/** Names of KMS providers as they stand in EncryptionConfigurations. */
export const Providers = Type.Array(Name, { maxItems: 32, uniqueItems: true });

export const KeyVersion = closed({
  version: Version,
  state: KeyState,
  createdAt: Timestamp,
  origin: KeyOrigin,
  /** Of a key pair: SHA-256 of its SPKI. */
  checkValue: Type.Optional(Bytes32),
  /** When the material is destroyed for good; absent: not scheduled. */
  destroyAt: Type.Optional(Timestamp),
});
export type KeyVersion = Static<typeof KeyVersion>;

export const KeyDescription = closed({
  group: Name,
  name: Name,
  id: Type.String({ maxLength: 36 }),
  purpose: KeyPurpose,
  type: KeyType,
  protection: ProtectionLevel,
  /** Whether versions may leave wrapped; decided at creation, for ever. */
  exportable: Type.Boolean(),
  state: KeyState,
  currentVersion: Version,
  /** Versions below it neither decrypt nor unwrap nor verify. */
  minimumVersion: Version,
  labels: Labels,
  usage: KeyUsage,
  /** Policy whose quorum guards changes of the key; absent: no quorum. */
  policy: Type.Optional(Name),
  /** KMS providers that list this KEK; where there are any, no other one is served. */
  providers: Providers,
  rotationDays: Type.Optional(RotationDays),
  rotateAt: Type.Optional(Timestamp),
  /** Its destruction can not be scheduled while this is set. */
  protected: Type.Boolean(),
  destroyAt: Type.Optional(Timestamp),
  createdAt: Timestamp,
});
export type KeyDescription = Static<typeof KeyDescription>;
