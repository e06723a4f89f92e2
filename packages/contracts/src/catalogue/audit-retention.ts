import { type Static, Type } from 'typebox';
import { closed, Name, Timestamp } from '../fields.ts';
import { operation } from '../operation.ts';
import { RetentionDays, RetentionPlanReply, RetentionPlanRequest } from '../wire/retention.ts';

export const AuditRetentionSetRequest = closed({
  /** There is one log. */
  log: Type.Literal('main'),
  days: RetentionDays,
  /** Of a retention that is set, the one that it was set with first. */
  policy: Name,
});
export type AuditRetentionSetRequest = Static<typeof AuditRetentionSetRequest>;
export const RetentionDescription = closed({
  days: RetentionDays,
  /** Whose quorum has to agree to every change of it. */
  policy: Name,
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type RetentionDescription = Static<typeof RetentionDescription>;

export interface AuditRetentionOperations {
  'audit.retention-plan': { request: RetentionPlanRequest; reply: RetentionPlanReply };
  'audit.retention-set': { request: AuditRetentionSetRequest; reply: RetentionDescription };
}

const manage = {
  class: 'manage',
  actors: 'any',
  deadlineMs: 10_000,
  requestBytesMax: 16_384,
  since: '0.1.0',
} as const;

export const auditRetentionOperations = [
  operation({
    ...manage,
    name: 'audit.retention-plan',
    summary:
      'Says what a retention would drop from the database now, and what it would wait for. Drops nothing.',
    request: RetentionPlanRequest,
    reply: RetentionPlanReply,
    privilege: 'audit.retention-plan',
    object: { kind: 'log' },
    mutates: false,
    guardable: false,
    audit: {
      request: { days: 'plain' },
      reply: {
        heldFrom: 'plain',
        wouldHoldFrom: 'plain',
        agedSize: 'plain',
        archivedSize: 'plain',
        cosignedSize: 'plain',
        size: 'plain',
      },
    },
    rest: { method: 'POST', path: '/v1/audit/retention/plan' },
  }),
  operation({
    ...manage,
    name: 'audit.retention-set',
    summary:
      'Sets for how long the database holds entries that are archived. Always under the quorum of its policy.',
    request: AuditRetentionSetRequest,
    reply: RetentionDescription,
    privilege: 'audit.retention-set',
    object: { kind: 'retention', name: 'log', policy: 'policy' },
    mutates: true,
    guardable: true,
    audit: {
      request: { log: 'plain', days: 'plain', policy: 'plain' },
      reply: { days: 'plain', policy: 'plain', createdAt: 'never', updatedAt: 'never' },
    },
    rest: { method: 'PUT', path: '/v1/audit/retention/{log}' },
  }),
] as const;
