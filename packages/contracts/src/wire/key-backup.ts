/**
 * A key outside of its deployment: every version that has material, under a key of this backup alone, which only the holder of the
 * recovery key can open. The identity key signs SHA-256("strongroom/key-backup/1" 0x00 canonical(content)).
 */
import { type Static, Type } from 'typebox';
import { Bytes, Bytes32, closed, Name, Signature, Text, Timestamp, Version } from '../fields.ts';
import { KeyPurpose, KeyState, KeyType } from '../key-type.ts';
import { KeyUsage, Labels } from '../key-usage.ts';

const BackedUpVersion = closed({
  version: Version,
  state: KeyState,
  createdAt: Timestamp,
  /** AES-KWP under the key of the backup. */
  wrapped: Bytes(4_096),
  /** SPKI DER. */
  publicKey: Type.Optional(Bytes(800)),
});

export const KeyBackupContent = closed({
  type: Type.Literal('strongroom.key-backup/1'),
  tenant: Name,
  group: Name,
  name: Name,
  keyId: Text(36),
  purpose: KeyPurpose,
  keyType: KeyType,
  state: KeyState,
  currentVersion: Version,
  minimumVersion: Version,
  labels: Labels,
  usage: KeyUsage,
  policy: Name,
  createdAt: Timestamp,
  madeAt: Timestamp,
  /** SHA-256 of the SPKI of the recovery key. */
  recoveryKey: Bytes32,
  /** AES-256 key of this backup, by RSA-OAEP with SHA-256 to the recovery key. */
  encryptedKey: Bytes(512),
  versions: Type.Array(BackedUpVersion, { minItems: 1, maxItems: 100 }),
});
export type KeyBackupContent = Static<typeof KeyBackupContent>;

export const KeyBackup = closed({ content: KeyBackupContent, identity: Bytes32, signature: Signature });
export interface KeyBackup {
  readonly content: KeyBackupContent;
  readonly identity: string;
  readonly signature: string;
}
