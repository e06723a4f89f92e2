/**
 * One more version of a secret, whoever made its value: checked as what its kind says, encrypted under a DEK of its own, and
 * with it what retention takes. Two writers that saw the same version: the registry lets one commit, the other is told so.
 */
import type { SecretKind } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { SecretBytes } from '@strongroom/secret';
import { secretId, secretVersionId } from '../../domain/secret/secret-context.ts';
import {
  newSecret,
  obstacleToWrite,
  type VersionDates,
  withVersion,
} from '../../domain/secret/secret-history.ts';
import { valueRules } from '../../domain/secret-kind/check-value.ts';
import type { RecordChange, Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { Effect } from '../use-case.ts';
import { removeValues } from './remove-values.ts';
import { type CloseSecretPorts, closeSecret } from './secret-box.ts';

export interface AddVersionPorts extends CloseSecretPorts {
  readonly tenant: string;
  readonly registry: Pick<Registry, 'read' | 'versionOf'>;
}

export interface NewVersion {
  readonly group: string;
  readonly name: string;
  readonly kind: SecretKind;
  readonly expectedVersion?: number;
  readonly expiresAt?: string;
  readonly rotateBy?: string;
}

export interface AddedVersion extends Required<Pick<Effect, 'version' | 'changes' | 'events'>> {
  readonly written: Pick<NewVersion, 'group' | 'name' | 'kind'> & { readonly version: number };
}

export async function addVersion(
  ports: AddVersionPorts,
  wanted: NewVersion,
  at: string,
  makeValue: () => SecretBytes | Promise<SecretBytes>,
): Promise<AddedVersion> {
  const { tenant, registry } = ports;
  const { group, name, kind, expectedVersion } = wanted;
  const { value: place } = await findRecord(registry, 'group', group);
  const record = await registry.read('secret', secretId(group, name));
  const before = record?.value ?? newSecret(wanted, at);
  const obstacle = obstacleToWrite(before, kind, expectedVersion);
  if (obstacle !== undefined) throw new StrongroomError(obstacle.code, obstacle);
  using value = await makeValue();
  const dates = datesOf(wanted, at, value);
  const { secret, destroyed } = withVersion(before, { kind, dates, at });
  const version = secret.currentVersion;
  const sealed = await closeSecret(ports, place, { tenant, group, name, version, kind }, value);
  const changes: RecordChange[] = [
    { kind: 'secret', id: secretId(group, name), expectedVersion: record?.version ?? 0, value: secret },
    {
      kind: 'secret-version',
      id: secretVersionId(group, name, version),
      expectedVersion: 0,
      value: sealed,
    },
    ...(await removeValues(registry, secret, destroyed)),
  ];
  const object = `secret/${group}/${name}`;
  return {
    written: { group, name, kind, version },
    version,
    changes,
    events: [
      { name: 'secret.version.written', object, version },
      ...destroyed.map((each) => ({ name: 'secret.version.destroyed', object, version: each }) as const),
    ],
  };
}

/** Throws `value-invalid`, `message-too-large`; `request-invalid` for a date that is past. */
function datesOf(wanted: NewVersion, at: string, value: SecretBytes): VersionDates {
  const { kind, expiresAt, rotateBy } = wanted;
  for (const [field, date] of Object.entries({ expiresAt, rotateBy })) requireAhead(field, date, at);
  const { bytesMax, check } = valueRules[kind];
  const verdict = value.use((bytes) => {
    if (bytes.length > bytesMax) throw new StrongroomError('message-too-large', { detail: `kind ${kind}` });
    return check(bytes, Date.parse(at));
  });
  if (verdict.status === 'invalid') throw new StrongroomError('value-invalid', { detail: verdict.reason });
  const [first] = [expiresAt, verdict.expiresAt].filter((each) => each !== undefined).sort();
  return {
    ...(first === undefined ? {} : { expiresAt: first }),
    ...(rotateBy === undefined ? {} : { rotateBy }),
  };
}

/** Also refuses what looks like a date and is none, the 31st of February for instance. */
export function requireAhead(field: string, date: string | undefined, at: string): void {
  if (date === undefined) return;
  const ms = Date.parse(date);
  if (!(ms > Date.parse(at)) || new Date(ms).toISOString() !== date)
    throw new StrongroomError('request-invalid', { detail: `/${field}` });
}
