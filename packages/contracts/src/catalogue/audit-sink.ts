import { type Static, Type } from 'typebox';
import { Count, closed, Name, Text, Timestamp } from '../fields.ts';
import { operation } from '../operation.ts';
import { SinkTarget, sinksMax } from '../wire/sink.ts';

export const SinkDescription = closed({
  name: Name,
  target: SinkTarget,
  from: Count,
  /** Whose quorum has to agree to every change of it. */
  policy: Name,
  /** `whpk_…` of Standard Webhooks: what a receiver verifies with. Of webhooks only. */
  webhookKey: Type.Optional(Text(64)),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type SinkDescription = Static<typeof SinkDescription>;

export const AuditSinkPutRequest = closed({
  name: Name,
  target: SinkTarget,
  /** First entry that it gets; of a sink that is there, the one that it was made with. */
  from: Count,
  /** Of a sink that is there, the one that it was made with. */
  policy: Name,
});
export type AuditSinkPutRequest = Static<typeof AuditSinkPutRequest>;
export const AuditSinkRemoveRequest = closed({ name: Name });
export type AuditSinkRemoveRequest = Static<typeof AuditSinkRemoveRequest>;
export const AuditSinkListRequest = closed({});
export type AuditSinkListRequest = Static<typeof AuditSinkListRequest>;
export const AuditSinkListReply = closed({ sinks: Type.Array(SinkDescription, { maxItems: sinksMax }) });
export type AuditSinkListReply = Static<typeof AuditSinkListReply>;

export interface AuditSinkOperations {
  'audit.sink-put': { request: AuditSinkPutRequest; reply: SinkDescription };
  'audit.sink-list': { request: AuditSinkListRequest; reply: AuditSinkListReply };
  'audit.sink-remove': { request: AuditSinkRemoveRequest; reply: SinkDescription };
}

const manage = {
  class: 'manage',
  actors: 'any',
  deadlineMs: 5_000,
  requestBytesMax: 16_384,
  since: '0.1.0',
} as const;
const described = {
  name: 'plain',
  target: 'plain',
  from: 'plain',
  policy: 'plain',
  webhookKey: 'never',
  createdAt: 'never',
  updatedAt: 'never',
} as const;

export const auditSinkOperations = [
  operation({
    ...manage,
    name: 'audit.sink-put',
    summary: 'Makes or changes a sink that the log streams to. Always under the quorum of its policy.',
    request: AuditSinkPutRequest,
    reply: SinkDescription,
    privilege: 'audit.sink-put',
    object: { kind: 'sink', name: 'name', policy: 'policy' },
    mutates: true,
    guardable: true,
    audit: { request: { name: 'plain', target: 'plain', from: 'plain', policy: 'plain' }, reply: described },
    rest: { method: 'PUT', path: '/v1/audit/sinks/{name}' },
  }),
  operation({
    ...manage,
    name: 'audit.sink-list',
    summary: 'Lists the sinks of the log.',
    request: AuditSinkListRequest,
    reply: AuditSinkListReply,
    privilege: 'audit.sink-list',
    object: { kind: 'sink' },
    mutates: false,
    guardable: false,
    audit: { request: {}, reply: { sinks: 'never' } },
    rest: { method: 'GET', path: '/v1/audit/sinks' },
  }),
  operation({
    ...manage,
    name: 'audit.sink-remove',
    summary: 'Removes a sink, under its quorum; what it got stays where it is.',
    request: AuditSinkRemoveRequest,
    reply: SinkDescription,
    privilege: 'audit.sink-remove',
    object: { kind: 'sink', name: 'name' },
    mutates: true,
    guardable: true,
    audit: { request: { name: 'plain' }, reply: described },
    rest: { method: 'DELETE', path: '/v1/audit/sinks/{name}' },
  }),
] as const;
