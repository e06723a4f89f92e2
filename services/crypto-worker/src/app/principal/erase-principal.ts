import { StrongroomError } from '@strongroom/errors';
import { describePrincipal } from '../../domain/principal.ts';
import type { Governance } from '../../ports/governance.ts';
import type { RecordChange, Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';
import { requirePolicy } from '../governance/require-policy.ts';
import type { UseCase } from '../use-case.ts';

export interface ErasePrincipalPorts {
  readonly registry: Pick<Registry, 'read' | 'versionOf'>;
  readonly governance: Governance;
}

/**
 * Forgets a person. What goes: credential, and the salt without which nobody can try values against the commitments of the
 * log. What stays: the id, which is never given to another, and every entry with its proofs. The entries of this very
 * operation are the redaction entry: who asked, on what ground, and who agreed.
 */
export function makeErasePrincipal({
  registry,
  governance,
}: ErasePrincipalPorts): UseCase<'principal.erase'> {
  return {
    async permit({ params: { principal, policy } }) {
      await requirePolicy(governance, policy);
      const { value } = await findRecord(registry, 'principal', principal);
      if (value.state !== 'disabled')
        throw new StrongroomError('request-invalid', { detail: '/principal is enabled' });
    },
    async carryOut({ params: { principal }, at }) {
      const { value, version } = await findRecord(registry, 'principal', principal);
      const { credential, createdAt, erasedAt = at } = value;
      const erased = { state: 'disabled', credential: { kind: 'erased' }, createdAt, erasedAt } as const;
      const result = describePrincipal(principal, erased);
      if (credential.kind === 'erased') return { result, version };
      const changes: RecordChange[] = [
        { kind: 'principal', id: principal, expectedVersion: version, value: erased },
      ];
      if (credential.kind === 'api-key') {
        const { keyId: id } = credential;
        const expectedVersion = await registry.versionOf('api-key', id);
        if (expectedVersion > 0) changes.push({ kind: 'api-key', id, expectedVersion, value: undefined });
      }
      return {
        result,
        version: version + 1,
        changes,
        events: [
          { name: 'principal.record.changed', object: `principal/${principal}`, version: version + 1 },
        ],
      };
    },
  };
}
