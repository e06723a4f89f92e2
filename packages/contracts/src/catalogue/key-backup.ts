import type { Static } from 'typebox';
import { Bytes, Bytes32, closed, Name } from '../fields.ts';
import { operation } from '../operation.ts';
import { plainDescription } from './key.ts';
import { KeyDescription } from './key-description.ts';

const named = { group: Name, name: Name };
/** Canonical JSON of a `KeyBackup`. */
const Backup = Bytes(49_152, 1);

export const KeyBackupRequest = closed({
  ...named,
  /** SPKI DER of an RSA key of at least 3072 bits, whose private half is kept off the network. */
  recoveryKey: Bytes(800, 1),
});
export type KeyBackupRequest = Static<typeof KeyBackupRequest>;
export const KeyBackupReply = closed({ backup: Backup, recoveryKey: Bytes32 });
export type KeyBackupReply = Static<typeof KeyBackupReply>;
export const KeyRestoreRequest = closed({
  ...named,
  backup: Backup,
  /** Identity key of the deployment that made the backup. */
  identity: Bytes32,
  /** The key of the backup, opened by the recovery key and wrapped to the import key of this deployment. */
  wrappedKey: Bytes(1_024, 1),
  /** The key's policy from now on, whose quorum has to agree to the restoration. */
  policy: Name,
});
export type KeyRestoreRequest = Static<typeof KeyRestoreRequest>;

export interface KeyBackupOperations {
  'key.backup': { request: KeyBackupRequest; reply: KeyBackupReply };
  'key.restore': { request: KeyRestoreRequest; reply: KeyDescription };
}

const object = { kind: 'key', group: 'group', name: 'name' } as const;
const plainNamed = { group: 'plain', name: 'plain' } as const;

export const keyBackupOperations = [
  operation({
    name: 'key.backup',
    summary: 'Gives an exportable key out whole, encrypted to a recovery key; its quorum has to agree.',
    class: 'manage',
    request: KeyBackupRequest,
    reply: KeyBackupReply,
    privilege: 'key.backup',
    object,
    actors: 'any',
    mutates: true,
    guardable: true,
    audit: {
      request: { ...plainNamed, recoveryKey: 'plain' },
      reply: { backup: 'commit', recoveryKey: 'plain' },
    },
    deadlineMs: 30_000,
    requestBytesMax: 4_096,
    rest: { method: 'POST', path: '/v1/keys/{group}/{name}/backup' },
    since: '0.1.0',
  }),
  operation({
    name: 'key.restore',
    summary:
      'Brings a key back from a backup under its own name, where there is none; a quorum has to agree.',
    class: 'manage',
    request: KeyRestoreRequest,
    reply: KeyDescription,
    privilege: 'key.restore',
    object: { ...object, isMade: true, policy: 'policy' },
    actors: 'any',
    mutates: true,
    guardable: true,
    audit: {
      request: { ...plainNamed, backup: 'commit', identity: 'plain', wrappedKey: 'commit', policy: 'plain' },
      reply: plainDescription,
    },
    deadlineMs: 30_000,
    requestBytesMax: 98_304,
    rest: { method: 'PUT', path: '/v1/keys/{group}/{name}/restore' },
    since: '0.1.0',
  }),
] as const;
