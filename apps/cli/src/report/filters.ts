/** Reports that are one question to the log. */
import type { AuditConditions, AuditFilter } from '@strongroom/contracts';

const byOperation = (...operations: readonly string[]): AuditConditions[] =>
  operations.map((operation) => ({ operation }));

/** What decides who may do what: grants, roles, who may sign on, and the groups and secrets that policies hang on. */
export const accessChanges: AuditFilter = {
  anyOf: [
    ...byOperation('role.create', 'role.disable', 'binding.create', 'binding.delete'),
    ...byOperation('principal.enrol', 'principal.disable', 'cluster.register', 'cluster.disable'),
    ...byOperation(
      'sso.register',
      'sso.disable',
      'group.create',
      'key.update',
      'secret.update',
      'audit.sink-put',
      'audit.sink-remove',
      'audit.retention-set',
    ),
  ],
};

/** Votes as they were handed in, and what waited for them. */
export const approvals: AuditFilter = { anyOf: [{ operation: 'proposal.vote' }, { outcome: 'pending' }] };

/** Everything that was done with the material of a key. */
export function keyUses(key: string): AuditFilter {
  return { key, outcome: 'done', anyOf: byOperation('crypto.*', 'kms.*') };
}
