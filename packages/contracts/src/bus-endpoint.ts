/**
 * Who asks whom on the bus. Subjects of operations derive from the classes in the catalogue; NATS permissions derive
 * from this table, as allow-lists only (deny rules were bypassed several times: CVE-2022-29946, NATS notes 2026-17, -18).
 */
import { operationCatalogue } from './catalogue.ts';
import type { OperationClass } from './operation.ts';
import { type EventName, eventNames } from './wire/event.ts';

export const services = ['gateway', 'crypto-worker', 'approvals', 'audit'] as const;
export type ServiceName = (typeof services)[number];

export interface BusEndpoint {
  readonly name: string;
  /** `*` stands for the pool, or for one process of the responder. */
  readonly subject: string;
  readonly requesters: readonly ServiceName[];
  readonly responder: ServiceName;
}

const endpoint = (
  name: string,
  subject: string,
  requesters: readonly ServiceName[],
  responder: ServiceName,
): BusEndpoint => Object.freeze({ name, subject, requesters, responder });

const operationClasses = [...new Set([...operationCatalogue.values()].map((row) => row.class))].sort();

export const busEndpoints: readonly BusEndpoint[] = Object.freeze([
  ...operationClasses.map((name) =>
    endpoint(`operation.${name}`, `sr.v1.${name}.*`, ['gateway'], 'crypto-worker'),
  ),
  ...operationClasses.map((name) =>
    endpoint(`last-resort.${name}`, `sr.v1.last-resort.${name}.*`, ['gateway'], 'crypto-worker'),
  ),
  endpoint('sealing-keys', 'sr.v1.sealing-keys.*', ['gateway'], 'crypto-worker'),
  endpoint('approval.execute', 'sr.v1.execute.*', ['approvals'], 'crypto-worker'),
  endpoint('registry.look', 'sr.v1.registry.look.*', ['crypto-worker'], 'crypto-worker'),
  endpoint('witness.certify', 'sr.v1.witness.certify', ['audit'], 'crypto-worker'),
  endpoint('witness.checkpoint', 'sr.v1.witness.checkpoint', ['audit'], 'crypto-worker'),
  endpoint('witness.sinks', 'sr.v1.witness.sinks', ['audit'], 'crypto-worker'),
  endpoint('audit.append', 'sr.v1.audit.append', ['crypto-worker'], 'audit'),
  endpoint('audit.query', 'sr.v1.audit.query', ['crypto-worker'], 'audit'),
  endpoint('audit.count', 'sr.v1.audit.count', ['crypto-worker'], 'audit'),
  endpoint('audit.export', 'sr.v1.audit.export', ['crypto-worker'], 'audit'),
  endpoint('audit.retention', 'sr.v1.audit.retention', ['crypto-worker'], 'audit'),
  endpoint('approvals.propose', 'sr.v1.approvals.propose', ['crypto-worker'], 'approvals'),
  endpoint('approvals.vote', 'sr.v1.approvals.vote', ['crypto-worker'], 'approvals'),
  endpoint('approvals.show', 'sr.v1.approvals.show', ['crypto-worker'], 'approvals'),
  endpoint('approvals.list', 'sr.v1.approvals.list', ['crypto-worker'], 'approvals'),
]);

export const subjects = Object.freeze({
  operation: (operationClass: OperationClass, pool: string) => `sr.v1.${operationClass}.${pool}`,
  /** For operations of a pool whose workers are all without their token. */
  lastResort: (operationClass: OperationClass, pool: string) => `sr.v1.last-resort.${operationClass}.${pool}`,
  sealingKeys: (pool: string) => `sr.v1.sealing-keys.${pool}`,
  execute: (pool: string) => `sr.v1.execute.${pool}`,
  registryLook: (reader: string) => `sr.v1.registry.look.${reader}`,
  witnessCertify: 'sr.v1.witness.certify',
  witnessCheckpoint: 'sr.v1.witness.checkpoint',
  witnessSinks: 'sr.v1.witness.sinks',
  auditAppend: 'sr.v1.audit.append',
  auditQuery: 'sr.v1.audit.query',
  auditCount: 'sr.v1.audit.count',
  auditExport: 'sr.v1.audit.export',
  auditRetention: 'sr.v1.audit.retention',
  approvalsPropose: 'sr.v1.approvals.propose',
  approvalsVote: 'sr.v1.approvals.vote',
  approvalsShow: 'sr.v1.approvals.show',
  approvalsList: 'sr.v1.approvals.list',
  event: (name: string) => `sr.v1.event.${name}`,
});

/** Stream with every domain event; `sr.v1.event.>`. */
export const eventStream = 'SR_EVENTS';

/** Who tells an event: the one that makes what it tells of happen. Nobody else may publish its subject. */
export const eventPublishers: Readonly<Record<EventName, ServiceName>> = Object.freeze({
  'key.version.created': 'crypto-worker',
  'key.state.changed': 'crypto-worker',
  'key.record.changed': 'crypto-worker',
  'secret.version.written': 'crypto-worker',
  'secret.version.deleted': 'crypto-worker',
  'secret.version.undeleted': 'crypto-worker',
  'secret.version.destroyed': 'crypto-worker',
  'secret.version.expired': 'crypto-worker',
  'secret.settings.changed': 'crypto-worker',
  'secret.expiry.announced': 'crypto-worker',
  'secret.rotation.announced': 'crypto-worker',
  'group.record.created': 'crypto-worker',
  'group.kek.rotated': 'crypto-worker',
  'group.kek.destroyed': 'crypto-worker',
  'group.values.reencrypted': 'crypto-worker',
  'principal.record.changed': 'crypto-worker',
  'binding.record.changed': 'crypto-worker',
  'cluster.record.changed': 'crypto-worker',
  'proposal.quorum.opened': 'approvals',
  'proposal.vote.recorded': 'approvals',
  'proposal.quorum.decided': 'approvals',
  'operation.outcome.unknown': 'crypto-worker',
});

export interface BusPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Every subscription to replies is below a prefix of the service's own. */
export const inboxPrefix = (service: ServiceName): string => `_INBOX_${service}`;

export function busPermissions(service: ServiceName): BusPermissions {
  const publish = busEndpoints.filter((row) => row.requesters.includes(service)).map((row) => row.subject);
  const subscribe = busEndpoints.filter((row) => row.responder === service).map((row) => row.subject);
  const told = eventNames.filter((name) => eventPublishers[name] === service);
  publish.push(...told.map(subjects.event));
  return { publish: publish.sort(), subscribe: [...subscribe, `${inboxPrefix(service)}.>`].sort() };
}
