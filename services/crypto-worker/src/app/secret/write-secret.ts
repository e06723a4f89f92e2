import { StrongroomError } from '@strongroom/errors';
import { SecretBytes } from '@strongroom/secret';
import type { SecretRecord } from '../../domain/record.ts';
import { hasRoomForVersion, secretId, secretVersionId, withVersion } from '../../domain/secret-value.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry, RegistryRecord } from '../../ports/registry.ts';
import { bytesField } from '../bytes-field.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { closeSecret } from './secret-box.ts';

export interface WriteSecretPorts {
  readonly tenant: string;
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'random' | 'encrypt'>;
}

export function makeWriteSecret({ tenant, registry, hsm }: WriteSecretPorts): CarryOut<'secret.write'> {
  return async ({ params, at }) => {
    const { group, name, kind, expectedVersion } = params;
    using value = SecretBytes.adopt(bytesField(params.value, 'value'));
    const { value: place } = await findRecord(registry, 'group', group);
    const before = await registry.read('secret', secretId(group, name));
    requireWritable(before, kind, expectedVersion);
    const version = (before?.value.currentVersion ?? 0) + 1;
    const context = { tenant, group, name, version, kind };
    const sealed = await closeSecret(hsm, place.kekLabel, context, value);
    const secret = withVersion(before?.value, context, at);
    return {
      result: { group, name, kind, version },
      version,
      changes: [
        {
          kind: 'secret',
          id: secretId(group, name),
          expectedVersion: before?.version ?? 0,
          value: secret,
        },
        {
          kind: 'secret-version',
          id: secretVersionId(group, name, version),
          expectedVersion: 0,
          value: sealed,
        },
      ],
      events: [{ name: 'secret.version.written', object: `secret/${group}/${name}`, version }],
    };
  };
}

function requireWritable(
  before: RegistryRecord<'secret'> | undefined,
  kind: SecretRecord['kind'],
  expectedVersion: number | undefined,
): void {
  if (expectedVersion !== undefined && expectedVersion !== (before?.value.currentVersion ?? 0))
    throw new StrongroomError('version-conflict');
  if (before === undefined) return;
  if (before.value.kind !== kind) throw new StrongroomError('already-exists', { detail: 'of another kind' });
  if (!hasRoomForVersion(before.value))
    throw new StrongroomError('version-conflict', { detail: 'too many versions' });
}
