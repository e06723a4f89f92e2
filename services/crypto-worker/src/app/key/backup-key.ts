/**
 * A backup is made by a key of its own that lives for one operation: generated, brought into the token to wrap the versions, encrypted
 * to the recovery key, and destroyed. The worker sees it for that long; the versions it never sees.
 */
import { constants, createHash, createPublicKey, type KeyObject, publicEncrypt } from 'node:crypto';
import { type CanonicalValue, canonicalBytes, decodeBytes, digest, encodeBytes } from '@strongroom/canonical';
import { digestDomain, type KeyBackup, type KeyBackupContent } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { KeyRecord, KeyVersionRecord } from '../../domain/record.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import type { CarryOut } from '../use-case.ts';
import { leavingLabel } from './export-key.ts';
import { findKeyVersion } from './find-version.ts';

export interface BackupKeyPorts {
  readonly tenant: string;
  /** Raw public identity key. */
  readonly identity: Uint8Array;
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'random' | 'wrapBytes' | 'importKey' | 'exportKey' | 'destroyKey' | 'sign'>;
}

const keyBytes = 32;
const modulusBitsMin = 3_072;
const backupBytesMax = 49_152;

export function makeBackupKey(ports: BackupKeyPorts): CarryOut<'key.backup'> {
  const { tenant, hsm, registry } = ports;
  return async ({ params, requestId, at }) => {
    const { key, found } = await findKeyVersion(registry, params);
    leavingLabel(key, found);
    const recovery = recoveryKeyOf(params.recoveryKey);
    const recoveryKey = encodeBytes(createHash('sha256').update(decodeBytes(params.recoveryKey)).digest());
    const made = await wrapVersions(hsm, key, requestId, recovery);
    const content: KeyBackupContent = {
      type: 'strongroom.key-backup/1',
      tenant,
      ...contentOf(key),
      ...{ madeAt: at, recoveryKey, ...made },
    };
    const signature = await hsm.sign(hsmLabel.identity, backupDigest(content));
    const backup: KeyBackup = {
      content,
      identity: encodeBytes(ports.identity),
      signature: encodeBytes(signature),
    };
    const bytes = canonicalBytes(backup as unknown as CanonicalValue);
    if (bytes.length > backupBytesMax) throw new StrongroomError('message-too-large', { detail: 'versions' });
    return { result: { backup: encodeBytes(bytes), recoveryKey }, version: key.currentVersion };
  };
}

export function backupDigest(content: KeyBackupContent): Uint8Array {
  return digest(digestDomain.keyBackup, content as unknown as CanonicalValue);
}

function recoveryKeyOf(text: string): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(decodeBytes(text)), format: 'der', type: 'spki' });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (key.asymmetricKeyType === 'rsa' && bits >= modulusBitsMin) return key;
  } catch {
    // Whatever is wrong with it, it is no recovery key.
  }
  throw new StrongroomError('request-invalid', { detail: '/recoveryKey' });
}

function contentOf(key: KeyRecord) {
  const { group, name, id: keyId, purpose, type: keyType, state, currentVersion, minimumVersion } = key;
  const { labels, usage, policy, createdAt } = key;
  if (policy === undefined) throw new StrongroomError('quorum-required');
  return {
    ...{ group, name, keyId, purpose, keyType, state, currentVersion, minimumVersion },
    ...{ labels: { ...labels }, usage, policy, createdAt },
  };
}

async function wrapVersions(
  hsm: BackupKeyPorts['hsm'],
  key: KeyRecord,
  requestId: string,
  recovery: KeyObject,
): Promise<Pick<KeyBackupContent, 'encryptedKey' | 'versions'>> {
  const octets = await hsm.random(keyBytes);
  // As the key of an operation ends with its request id: what a crash leaves is found as an orphan.
  const label = hsmLabel.keyVersion('backup', 1, requestId);
  try {
    const wrapped = await hsm.wrapBytes(hsmLabel.wrap, 'aes-kwp', octets);
    const spec = { type: 'aes-256', use: 'wrap' } as const;
    await hsm.importKey(label, spec, { scheme: 'aes-kwp', wrappedBy: hsmLabel.wrap, wrapped });
    const versions = [];
    for (const version of key.versions) {
      if (version.material.kind === 'token')
        versions.push(await backedUp(hsm, version, version.material.label, label));
    }
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const encryptedKey = publicEncrypt({ key: recovery, padding, oaepHash: 'sha256' }, octets);
    return { encryptedKey: encodeBytes(encryptedKey), versions };
  } finally {
    octets.fill(0);
    await hsm.destroyKey(label);
  }
}

async function backedUp(
  hsm: BackupKeyPorts['hsm'],
  { version, state, createdAt, publicKey }: KeyVersionRecord,
  label: string,
  wrappingLabel: string,
): Promise<KeyBackupContent['versions'][number]> {
  const wrapped = encodeBytes(await hsm.exportKey(label, wrappingLabel));
  return { version, state, createdAt, wrapped, ...(publicKey === undefined ? {} : { publicKey }) };
}
