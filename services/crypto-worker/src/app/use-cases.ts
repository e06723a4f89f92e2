/** Every operation of the catalogue and the use case that carries it out. A row without one does not compile. */

import type { Approvals } from '../ports/approvals.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { Hsm } from '../ports/hsm.ts';
import type { Registry } from '../ports/registry.ts';
import { makeCreateBinding, makePermitBinding } from './binding/create-binding.ts';
import { makeDeleteBinding, makePermitUnbinding } from './binding/delete-binding.ts';
import { makeListBindings } from './binding/list-bindings.ts';
import { makeDisableCluster } from './cluster/disable-cluster.ts';
import { makeRegisterCluster } from './cluster/register-cluster.ts';
import { makeDescribeCluster, makeListClusters } from './cluster/show-clusters.ts';
import { type CryptoPorts, makeCryptoUseCases } from './crypto/crypto-use-cases.ts';
import { type GroupPorts, makeGroupUseCases } from './group/group-use-cases.ts';
import { makeAttestKey } from './key/attest-key.ts';
import { makeBackupKey } from './key/backup-key.ts';
import { makeChangeKeyState, makeScheduleDestruction } from './key/change-key-state.ts';
import { makeShowCheckValue } from './key/check-value.ts';
import { type CreateKeyPorts, makeCreateExportableKey, makeCreateKey } from './key/create-key.ts';
import { makeDescribeKey } from './key/describe-key.ts';
import { makeExportKey } from './key/export-key.ts';
import type { GcmInvocations } from './key/gcm-invocations.ts';
import { makeImportKey, makeShowImportKey } from './key/import-key.ts';
import { makeImportVersion } from './key/import-version.ts';
import { makeListKeys } from './key/list-keys.ts';
import { makeListVersions } from './key/list-versions.ts';
import { makeRestoreKey } from './key/restore-key.ts';
import { makeRotateKey } from './key/rotate-key.ts';
import { makeShowPublicKey } from './key/show-public-key.ts';
import { makeUpdateKey } from './key/update-key.ts';
import type { UseKey } from './key/use-key.ts';
import { makeDescribeProvider } from './kms/describe-provider.ts';
import { makeUnwrapSeed } from './kms/unwrap-seed.ts';
import { makeWrapSeed } from './kms/wrap-seed.ts';
import {
  makeCallRoll,
  makeCountLog,
  makeExportLog,
  makePlanRetention,
  makeQueryLog,
} from './log/read-log.ts';
import { makeSetRetention } from './log/set-retention.ts';
import { makeDescribePrincipal } from './principal/describe-principal.ts';
import { makeDisablePrincipal } from './principal/disable-principal.ts';
import { type EnrolPrincipalPorts, makeEnrolPrincipal } from './principal/enrol-principal.ts';
import { makeErasePrincipal } from './principal/erase-principal.ts';
import { makeListPrincipals } from './principal/list-principals.ts';
import { makeHandInVote, makePermitVote } from './proposal/hand-in-vote.ts';
import { makeListProposals, makeShowProposal } from './proposal/show-proposals.ts';
import { makeCreateRole, permitRole } from './role/create-role.ts';
import { makeDisableRole } from './role/disable-role.ts';
import { makeListRoles } from './role/list-roles.ts';
import { makeSecretUseCases, type SecretPorts } from './secret/secret-use-cases.ts';
import { makeListSinks } from './sink/list-sinks.ts';
import { makePutSink } from './sink/put-sink.ts';
import { makeRemoveSink } from './sink/remove-sink.ts';
import { makeDisableSsoProvider } from './sso/disable-sso-provider.ts';
import { makeRegisterSsoProvider } from './sso/register-sso-provider.ts';
import { makeDescribeSsoProvider, makeListSsoProviders } from './sso/show-sso-providers.ts';
import { makeShowStatus, type StatusPorts } from './system/show-status.ts';
import type { UseCases } from './use-case.ts';

export interface UseCasePorts
  extends CreateKeyPorts,
    CryptoPorts,
    EnrolPrincipalPorts,
    GroupPorts,
    SecretPorts,
    StatusPorts {
  readonly registry: Registry;
  readonly hsm: Hsm;
  readonly pool: string;
  readonly identity: Uint8Array;
  readonly useKey: UseKey;
  readonly invocations: GcmInvocations;
  readonly approvals: Approvals;
  readonly auditLog: AuditLog;
}

export function makeUseCases(ports: UseCasePorts): UseCases {
  return {
    'kms.describe': { carryOut: makeDescribeProvider(ports) },
    'kms.wrap': { carryOut: makeWrapSeed(ports) },
    'kms.unwrap': { carryOut: makeUnwrapSeed(ports) },
    'key.create': { carryOut: makeCreateKey(ports) },
    'key.describe': { carryOut: makeDescribeKey(ports) },
    'key.list': { carryOut: makeListKeys(ports) },
    'key.rotate': { carryOut: makeRotateKey(ports) },
    'key.create-exportable': { carryOut: makeCreateExportableKey(ports) },
    'key.public-key': { carryOut: makeShowPublicKey(ports) },
    'key.attest': { carryOut: makeAttestKey(ports) },
    'key.check-value': { carryOut: makeShowCheckValue(ports) },
    'key.import-key': { carryOut: makeShowImportKey(ports) },
    'key.import': { carryOut: makeImportKey(ports) },
    'key.import-version': { carryOut: makeImportVersion(ports) },
    'key.export': { carryOut: makeExportKey(ports) },
    'key.backup': { carryOut: makeBackupKey(ports) },
    'key.restore': { carryOut: makeRestoreKey(ports) },
    'key.list-versions': { carryOut: makeListVersions(ports) },
    'key.update': { carryOut: makeUpdateKey(ports) },
    'key.activate': { carryOut: makeChangeKeyState(ports, 'activate') },
    'key.suspend': { carryOut: makeChangeKeyState(ports, 'suspend') },
    'key.resume': { carryOut: makeChangeKeyState(ports, 'resume') },
    'key.deactivate': { carryOut: makeChangeKeyState(ports, 'deactivate') },
    'key.mark-compromised': { carryOut: makeChangeKeyState(ports, 'mark-compromised') },
    'key.schedule-destruction': { carryOut: makeScheduleDestruction(ports) },
    'key.cancel-destruction': { carryOut: makeChangeKeyState(ports, 'cancel-destruction') },
    ...makeCryptoUseCases(ports),
    ...makeSecretUseCases(ports),
    ...makeGroupUseCases(ports),
    'principal.enrol': { carryOut: makeEnrolPrincipal(ports) },
    'principal.describe': { carryOut: makeDescribePrincipal(ports) },
    'principal.list': { carryOut: makeListPrincipals(ports) },
    'principal.erase': makeErasePrincipal(ports),
    'principal.disable': { carryOut: makeDisablePrincipal(ports) },
    'role.list': { carryOut: makeListRoles(ports) },
    'role.create': { carryOut: makeCreateRole(ports), permit: permitRole },
    'role.disable': { carryOut: makeDisableRole(ports) },
    'binding.create': { carryOut: makeCreateBinding(ports), permit: makePermitBinding(ports) },
    'binding.delete': { carryOut: makeDeleteBinding(ports), permit: makePermitUnbinding(ports) },
    'binding.list': { carryOut: makeListBindings(ports) },
    'cluster.register': { carryOut: makeRegisterCluster(ports) },
    'cluster.describe': { carryOut: makeDescribeCluster(ports) },
    'cluster.list': { carryOut: makeListClusters(ports) },
    'cluster.disable': { carryOut: makeDisableCluster(ports) },
    'sso.register': { carryOut: makeRegisterSsoProvider(ports) },
    'sso.describe': { carryOut: makeDescribeSsoProvider(ports) },
    'sso.list': { carryOut: makeListSsoProviders(ports) },
    'sso.disable': { carryOut: makeDisableSsoProvider(ports) },
    'proposal.list': { carryOut: makeListProposals(ports) },
    'proposal.show': { carryOut: makeShowProposal(ports) },
    'proposal.vote': { carryOut: makeHandInVote(ports), permit: makePermitVote(ports) },
    'audit.query': { carryOut: makeQueryLog(ports) },
    'audit.retention-plan': { carryOut: makePlanRetention(ports) },
    'audit.retention-set': makeSetRetention(ports),
    'audit.sink-put': makePutSink(ports),
    'audit.sink-list': { carryOut: makeListSinks(ports) },
    'audit.sink-remove': { carryOut: makeRemoveSink(ports) },
    'audit.count': { carryOut: makeCountLog(ports) },
    'audit.roll-call': { carryOut: makeCallRoll() },
    'audit.export': { carryOut: makeExportLog(ports) },
    'system.status': { carryOut: makeShowStatus(ports) },
  };
}
