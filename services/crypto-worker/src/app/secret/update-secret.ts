import { StrongroomError } from '@strongroom/errors';
import { describeSecret } from '../../domain/secret/describe-secret.ts';
import { secretId } from '../../domain/secret/secret-context.ts';
import { newSecret } from '../../domain/secret/secret-history.ts';
import { updated } from '../../domain/secret/secret-settings.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import { requirePolicy } from '../governance/require-policy.ts';
import type { CarryOut } from '../use-case.ts';
import { requireAhead } from './add-version.ts';

export interface UpdateSecretPorts {
  readonly registry: Pick<Registry, 'read'>;
  readonly governance: Governance;
}

/** Also makes a secret that has no version yet, so that its settings are there before its first value. */
export function makeUpdateSecret({ registry, governance }: UpdateSecretPorts): CarryOut<'secret.update'> {
  return async ({ params, at }) => {
    const { group, name, kind, policy, expiresAt, rotateBy } = params;
    for (const [field, date] of Object.entries({ expiresAt, rotateBy })) requireAhead(field, date, at);
    if (policy !== undefined) await requirePolicy(governance, policy);
    const record =
      kind === undefined
        ? await findRecord(registry, 'secret', secretId(group, name))
        : await registry.read('secret', secretId(group, name));
    if (record === undefined) await findRecord(registry, 'group', group);
    const before = record?.value ?? newSecret({ group, name, kind: kind ?? 'opaque' }, at);
    if (kind !== undefined && before.kind !== kind)
      throw new StrongroomError('already-exists', { detail: 'of another kind' });
    const update = updated(before, params, at);
    if (update.status === 'refused') throw new StrongroomError(update.code, update);
    const { secret } = update;
    const id = secretId(group, name);
    return {
      result: describeSecret(secret, Date.parse(at)),
      version: secret.currentVersion,
      changes: [{ kind: 'secret', id, expectedVersion: record?.version ?? 0, value: secret }],
      events: [{ name: 'secret.settings.changed', object: `secret/${group}/${name}` }],
    };
  };
}
