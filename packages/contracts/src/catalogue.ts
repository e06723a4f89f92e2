/**
 * The operation catalogue: one frozen table of everything the platform can be asked to do. Bus subjects and
 * permissions, REST routes, OpenAPI, privileges, audit schema, CLI verbs and reference pages derive from it.
 */
import { type AuditOperations, auditOperations } from './catalogue/audit.ts';
import { type AuditRetentionOperations, auditRetentionOperations } from './catalogue/audit-retention.ts';
import { type AuditSinkOperations, auditSinkOperations } from './catalogue/audit-sink.ts';
import { type BindingOperations, bindingOperations } from './catalogue/binding.ts';
import { type ClusterOperations, clusterOperations } from './catalogue/cluster.ts';
import { type CryptoOperations, cryptoOperations } from './catalogue/crypto.ts';
import { type GroupOperations, groupOperations } from './catalogue/group.ts';
import { type KeyOperations, keyOperations } from './catalogue/key.ts';
import { type KeyBackupOperations, keyBackupOperations } from './catalogue/key-backup.ts';
import { type KeyLifeOperations, keyLifeOperations } from './catalogue/key-life.ts';
import { type KeyTransportOperations, keyTransportOperations } from './catalogue/key-transport.ts';
import { type KmsOperations, kmsOperations } from './catalogue/kms.ts';
import { type PrincipalOperations, principalOperations } from './catalogue/principal.ts';
import { type ProposalOperations, proposalOperations } from './catalogue/proposal.ts';
import { type RoleOperations, roleOperations } from './catalogue/role.ts';
import { type SecretValueOperations, secretOperations } from './catalogue/secret.ts';
import {
  type SecretGenerationOperations,
  secretGenerationOperations,
} from './catalogue/secret-generation.ts';
import { type SecretLifecycleOperations, secretLifecycleOperations } from './catalogue/secret-lifecycle.ts';
import { type SsoOperations, ssoOperations } from './catalogue/sso.ts';
import { type SystemOperations, systemOperations } from './catalogue/system.ts';
import type { OperationDescriptor } from './operation.ts';

/** Operation name → request and reply types. Interfaces, so that a lookup costs the compiler nothing. */
export interface Operations
  extends KmsOperations,
    KeyOperations,
    KeyLifeOperations,
    KeyTransportOperations,
    KeyBackupOperations,
    CryptoOperations,
    SecretValueOperations,
    SecretLifecycleOperations,
    SecretGenerationOperations,
    GroupOperations,
    PrincipalOperations,
    RoleOperations,
    BindingOperations,
    ClusterOperations,
    SsoOperations,
    ProposalOperations,
    AuditOperations,
    AuditSinkOperations,
    AuditRetentionOperations,
    SystemOperations {}

export type OperationName = keyof Operations;
export type OperationRequest<Name extends OperationName> = Operations[Name]['request'];
export type OperationReply<Name extends OperationName> = Operations[Name]['reply'];

const rows: readonly OperationDescriptor[] = [
  ...kmsOperations,
  ...keyOperations,
  ...keyLifeOperations,
  ...keyTransportOperations,
  ...keyBackupOperations,
  ...cryptoOperations,
  ...secretOperations,
  ...secretLifecycleOperations,
  ...secretGenerationOperations,
  ...groupOperations,
  ...principalOperations,
  ...roleOperations,
  ...bindingOperations,
  ...clusterOperations,
  ...ssoOperations,
  ...proposalOperations,
  ...auditOperations,
  ...auditSinkOperations,
  ...auditRetentionOperations,
  ...systemOperations,
] as unknown as readonly OperationDescriptor[];

export const operationCatalogue: ReadonlyMap<OperationName, OperationDescriptor> = new Map(
  rows.map((row) => [row.name as OperationName, row]),
);

/** The row of an operation, or `undefined`: names come from outside. */
export function findOperation(name: string): OperationDescriptor | undefined {
  return operationCatalogue.get(name as OperationName);
}

export function describeOperation(name: OperationName): OperationDescriptor {
  const row = operationCatalogue.get(name);
  if (row === undefined) throw new TypeError(`no such operation: ${name}`);
  return row;
}
