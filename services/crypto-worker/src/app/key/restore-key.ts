/**
 * A key comes back under its own name, id and version numbers, so that what it protected opens again. How many invocations AES-GCM
 * made under it nobody knows any more: its versions open, and a rotation makes the first one that encrypts.
 */
import { CanonicalError, decodeBytes, parseCanonical } from '@strongroom/canonical';
import { checkers, type KeyBackupContent } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { ed25519Verify } from '@strongroom/sealed';
import { hsmLabel } from '../../domain/hsm-label.ts';
import { describeKey, natureRefusal } from '../../domain/key.ts';
import type { KeyRecord, KeyVersionRecord } from '../../domain/record.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { bytesField } from '../bytes-field.ts';
import { findRecord, requireAbsent } from '../find-record.ts';
import { requirePolicy } from '../governance/require-policy.ts';
import type { Call, CarryOut } from '../use-case.ts';
import { backupDigest } from './backup-key.ts';
import { importHash } from './import-key.ts';
import { tokenMaterial, tokenUse } from './make-material.ts';

export interface RestoreKeyPorts {
  readonly tenant: string;
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'importKey' | 'destroyKey' | 'capabilities'>;
  readonly governance: Governance;
}

export function makeRestoreKey(ports: RestoreKeyPorts): CarryOut<'key.restore'> {
  const { registry, hsm, governance } = ports;
  return async (call) => {
    const { params, requestId } = call;
    const { group, name, policy } = params;
    const content = openBackup(ports.tenant, params);
    await findRecord(registry, 'group', group);
    await requireAbsent(registry, 'key', `${group}/${name}`);
    await requirePolicy(governance, policy);
    const label = hsmLabel.keyVersion('restore', 1, requestId);
    const wrapped = bytesField(params.wrappedKey, 'wrappedKey');
    const oaepHash = await importHash(hsm);
    const arrived = { scheme: 'rsa-aes-kwp', wrappedBy: hsmLabel.importKey, wrapped, oaepHash } as const;
    await hsm.importKey(label, { type: 'aes-256', use: 'wrap' }, arrived);
    const versions: KeyVersionRecord[] = [];
    try {
      for (const each of content.versions) versions.push(await restored(hsm, content, each, label, call));
    } finally {
      await hsm.destroyKey(label);
    }
    const key = recordOf(content, versions, policy);
    return {
      result: describeKey(key),
      version: key.currentVersion,
      changes: [{ kind: 'key', id: `${group}/${name}`, expectedVersion: 0, value: key }],
      events: [{ name: 'key.version.created', object: `key/${group}/${name}`, version: key.currentVersion }],
    };
  };
}

/** Throws `request-invalid` for what is no backup of this key, signed by the identity that the quorum saw. */
function openBackup(
  tenant: string,
  { group, name, backup, identity }: Call<'key.restore'>['params'],
): KeyBackupContent {
  const value = parsed(backup);
  if (!checkers.keyBackup.check(value)) throw invalid('/backup');
  const { content, signature } = value;
  if (value.identity !== identity) throw invalid('/identity');
  if (!ed25519Verify(decodeBytes(identity), backupDigest(content), decodeBytes(signature)))
    throw invalid('/backup');
  const isIt = content.tenant === tenant && content.group === group && content.name === name;
  if (!isIt) throw invalid('/name');
  const nature = {
    purpose: content.purpose,
    type: content.keyType,
    protection: 'hsm',
    exportable: true,
  } as const;
  if (natureRefusal(nature) !== undefined) throw invalid('/backup');
  return content;
}

function parsed(backup: string): unknown {
  try {
    return parseCanonical(decodeBytes(backup));
  } catch (fault) {
    if (fault instanceof CanonicalError) throw invalid('/backup');
    throw fault;
  }
}

const invalid = (detail: string): StrongroomError => new StrongroomError('request-invalid', { detail });

async function restored(
  hsm: RestoreKeyPorts['hsm'],
  { keyId, purpose, keyType }: KeyBackupContent,
  { version, state, createdAt, wrapped, publicKey }: KeyBackupContent['versions'][number],
  wrappedBy: string,
  { requestId }: Call<'key.restore'>,
): Promise<KeyVersionRecord> {
  const label = hsmLabel.keyVersion(keyId, version, requestId);
  const spec = { type: keyType, use: tokenUse[purpose], exportable: true } as const;
  const spki = await hsm.importKey(label, spec, {
    ...{ scheme: 'aes-kwp', wrappedBy, wrapped: decodeBytes(wrapped) },
    ...(publicKey === undefined ? {} : { publicKey: decodeBytes(publicKey) }),
  } as const);
  const isCounted = purpose === 'data' && keyType.startsWith('aes-');
  return {
    version,
    state: isCounted && state === 'active' ? 'deactivated' : state,
    createdAt,
    ...tokenMaterial(label, 'restored', spki),
  };
}

function recordOf(
  content: KeyBackupContent,
  versions: readonly KeyVersionRecord[],
  policy: string,
): KeyRecord {
  const { keyId: id, group, name, purpose, keyType: type, state, currentVersion, minimumVersion } = content;
  const { labels, usage, createdAt } = content;
  return {
    ...{ id, group, name, purpose, type, protection: 'hsm', exportable: true, state },
    ...{
      currentVersion,
      minimumVersion,
      versions,
      labels,
      usage,
      policy,
      providers: [],
      protected: false,
      createdAt,
    },
  } as const;
}
