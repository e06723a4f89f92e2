/** What people may know of a secret who may not read it: never the value, its length or a hash of it. */
import type { SecretDescription, SecretSummary, SecretVersionDescription } from '@strongroom/contracts';
import type { SecretRecord, SecretVersionEntry } from '../record.ts';
import { type Guard, stateOf, undeleteUntil } from './version-state.ts';

export function describeSecret(secret: SecretRecord, nowMs: number): SecretDescription {
  const { versions, labels, metadata, ...rest } = secret;
  return {
    ...rest,
    labels: { ...labels },
    metadata: { ...metadata },
    versions: versions.map((entry) => describeVersion(entry, secret, nowMs)),
  };
}

function describeVersion(entry: SecretVersionEntry, guard: Guard, nowMs: number): SecretVersionDescription {
  const { version, createdAt, expiresAt, rotateBy, destroyedAt } = entry;
  const deletedAt = entry.deletedAt ?? entry.deleteAt;
  const until = destroyedAt === undefined ? undeleteUntil(entry, guard) : undefined;
  return {
    version,
    state: stateOf(entry, guard, nowMs),
    createdAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(rotateBy === undefined ? {} : { rotateBy }),
    ...(deletedAt === undefined ? {} : { deletedAt }),
    ...(until === undefined ? {} : { undeleteUntil: until }),
    ...(destroyedAt === undefined ? {} : { destroyedAt }),
  };
}

export function summariseSecret(secret: SecretRecord, nowMs: number): SecretSummary {
  const { group, name, kind, currentVersion, labels, updatedAt } = secret;
  const entry = secret.versions.find(({ version }) => version === currentVersion);
  const { expiresAt, rotateBy } = entry ?? {};
  return {
    group,
    name,
    kind,
    currentVersion,
    state: entry === undefined ? 'empty' : stateOf(entry, secret, nowMs),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(rotateBy === undefined ? {} : { rotateBy }),
    labels: { ...labels },
    updatedAt,
  };
}
