/** Deleting, having back and destroying versions: which of them, and what of their values goes. */
import type { DomainEvent } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import type { SecretRecord } from '../../domain/record.ts';
import { describeSecret } from '../../domain/secret/describe-secret.ts';
import { secretId } from '../../domain/secret/secret-context.ts';
import { type Changed, deleted, destroyed, undeleted } from '../../domain/secret/secret-history.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import type { CarryOut } from '../use-case.ts';
import { removeValues } from './remove-values.ts';

interface Ports {
  readonly registry: Pick<Registry, 'read' | 'versionOf'>;
}

type Operation = 'secret.delete' | 'secret.undelete' | 'secret.destroy';

interface Change {
  readonly apply: (secret: SecretRecord, versions: readonly number[] | undefined, at: string) => Changed;
  readonly event: DomainEvent['name'];
  readonly removesValues: boolean;
}

export function makeDeleteVersions(ports: Ports): CarryOut<'secret.delete'> {
  return changeVersions(ports, { apply: deleted, event: 'secret.version.deleted', removesValues: false });
}

export function makeUndeleteVersions(ports: Ports): CarryOut<'secret.undelete'> {
  return changeVersions(ports, { apply: undeleted, event: 'secret.version.undeleted', removesValues: false });
}

export function makeDestroyVersions(ports: Ports): CarryOut<'secret.destroy'> {
  const apply: Change['apply'] = (secret, versions = [], at) => destroyed(secret, versions, at);
  return changeVersions(ports, { apply, event: 'secret.version.destroyed', removesValues: true });
}

function changeVersions<Name extends Operation>(
  { registry }: Ports,
  { apply, event, removesValues }: Change,
): CarryOut<Name> {
  return async ({ params, at }) => {
    const { group, name } = params;
    const record = await findRecord(registry, 'secret', secretId(group, name));
    const change = apply(record.value, params.versions, at);
    if (change.status === 'refused') throw new StrongroomError(change.code, { detail: 'version' });
    const { secret, versions } = change;
    const result = describeSecret(secret, Date.parse(at));
    if (versions.length === 0) return { result };
    return {
      result,
      // An entry names at most 64 objects; of more versions it names the secret, and the request those that were asked for.
      ...(versions.length > 64
        ? {}
        : { objects: versions.map((version) => ({ kind: 'secret', group, name, version })) }),
      changes: [
        { kind: 'secret', id: record.id, expectedVersion: record.version, value: secret },
        ...(removesValues ? await removeValues(registry, secret, versions) : []),
      ],
      events: versions.map((version) => ({ name: event, object: `secret/${group}/${name}`, version })),
    };
  };
}
