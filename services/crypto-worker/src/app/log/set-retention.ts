import { StrongroomError } from '@strongroom/errors';
import type { Governance } from '../../ports/governance.ts';
import type { Registry } from '../../ports/registry.ts';
import { requirePolicy } from '../governance/require-policy.ts';
import type { Call, UseCase } from '../use-case.ts';

interface Ports {
  readonly registry: Pick<Registry, 'read'>;
  readonly governance: Governance;
}

/**
 * How long rows of the log stay is set by a quorum, the one that it was set under first: a request can not name other people for
 * it. The audit service learns it with the sinks, in a statement of the identity key.
 */
export function makeSetRetention({ registry, governance }: Ports): UseCase<'audit.retention-set'> {
  return {
    async permit({ params: { log, policy } }: Call<'audit.retention-set'>) {
      await requirePolicy(governance, policy);
      const record = await registry.read('retention', log);
      if (record !== undefined && record.value.policy !== policy)
        throw new StrongroomError('request-invalid', { detail: '/policy' });
    },
    async carryOut({ params: { log, days, policy }, at }) {
      const record = await registry.read('retention', log);
      const value = { days, policy, createdAt: record?.value.createdAt ?? at, updatedAt: at };
      return {
        result: value,
        ...(record === undefined ? {} : { version: record.version + 1 }),
        changes: [{ kind: 'retention', id: log, expectedVersion: record?.version ?? 0, value }],
      };
    },
  };
}
