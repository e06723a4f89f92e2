import { operation } from '../operation.ts';
import {
  AuditCountReply,
  AuditCountRequest,
  AuditExportReply,
  AuditExportRequest,
  AuditQueryReply,
  AuditQueryRequest,
  AuditRollCallReply,
  AuditRollCallRequest,
} from '../wire/audit.ts';

export interface AuditOperations {
  'audit.query': { request: AuditQueryRequest; reply: AuditQueryReply };
  'audit.count': { request: AuditCountRequest; reply: AuditCountReply };
  'audit.roll-call': { request: AuditRollCallRequest; reply: AuditRollCallReply };
  'audit.export': { request: AuditExportRequest; reply: AuditExportReply };
}

const read = {
  class: 'manage',
  object: { kind: 'log' },
  actors: 'any',
  mutates: false,
  guardable: false,
  deadlineMs: 10_000,
  requestBytesMax: 16_384,
  since: '0.1.0',
} as const;

export const auditOperations = [
  operation({
    ...read,
    name: 'audit.query',
    summary: 'Searches the log; the answer says whether it is complete and up to which checkpoint.',
    request: AuditQueryRequest,
    reply: AuditQueryReply,
    privilege: 'audit.query',
    audit: {
      request: { filter: 'plain', limit: 'plain', after: 'never', order: 'plain', first: 'plain' },
      reply: {
        entries: 'never',
        next: 'never',
        previous: 'never',
        complete: 'plain',
        size: 'plain',
        checkpointSize: 'plain',
        heldFrom: 'plain',
      },
    },
    rest: { method: 'POST', path: '/v1/audit/query' },
  }),
  operation({
    ...read,
    name: 'audit.count',
    summary: 'Counts entries of the log by actor, operation, outcome, cluster or namespace.',
    request: AuditCountRequest,
    reply: AuditCountReply,
    privilege: 'audit.query',
    audit: {
      request: { filter: 'plain', by: 'plain', limit: 'plain' },
      reply: {
        counts: 'never',
        total: 'plain',
        complete: 'plain',
        first: 'plain',
        size: 'plain',
        checkpointSize: 'plain',
        heldFrom: 'plain',
      },
    },
    rest: { method: 'POST', path: '/v1/audit/count' },
  }),
  operation({
    ...read,
    name: 'audit.roll-call',
    summary:
      'Has the log state the last number of an actor, a key or a secret, so that its entries are provably all.',
    request: AuditRollCallRequest,
    reply: AuditRollCallReply,
    privilege: 'audit.export',
    audit: { request: { subject: 'plain' }, reply: { filter: 'never' } },
    rest: { method: 'POST', path: '/v1/audit/roll-call' },
  }),
  operation({
    ...read,
    name: 'audit.export',
    summary: 'Exports entries with proofs that can be verified with no network.',
    request: AuditExportRequest,
    reply: AuditExportReply,
    privilege: 'audit.export',
    audit: {
      request: { filter: 'plain', limit: 'plain', after: 'never', checkpointSize: 'plain', first: 'plain' },
      reply: {
        checkpoint: 'never',
        cosignatures: 'never',
        checkpointSize: 'plain',
        logKey: 'never',
        entries: 'never',
        appends: 'never',
        next: 'never',
      },
    },
    rest: { method: 'POST', path: '/v1/audit/export' },
  }),
] as const;
