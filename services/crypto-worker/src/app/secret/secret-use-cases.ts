/** All operations on secrets. One that is missing here does not compile. */
import type {
  SecretGenerationOperations,
  SecretLifecycleOperations,
  SecretValueOperations,
} from '@strongroom/contracts';
import type { Registry } from '../../ports/registry.ts';
import type { UseCases } from '../use-case.ts';
import { makeDeleteVersions, makeDestroyVersions, makeUndeleteVersions } from './change-versions.ts';
import { makeDescribeSecret } from './describe-secret.ts';
import { makeGenerateSecret } from './generate-secret.ts';
import { type InstallCertificatePorts, makeInstallCertificate } from './install-certificate.ts';
import { makeListSecrets } from './list-secrets.ts';
import { makeReadSecret } from './read-secret.ts';
import { groupsOfSecrets, makeReadSecrets } from './read-secrets.ts';
import { makeUpdateSecret, type UpdateSecretPorts } from './update-secret.ts';
import { makeWriteSecret } from './write-secret.ts';

export interface SecretPorts extends InstallCertificatePorts, UpdateSecretPorts {
  readonly registry: Pick<Registry, 'read' | 'list' | 'versionOf'>;
}

type SecretOperations = SecretValueOperations & SecretLifecycleOperations & SecretGenerationOperations;

export function makeSecretUseCases(ports: SecretPorts): Pick<UseCases, keyof SecretOperations> {
  return {
    'secret.write': { carryOut: makeWriteSecret(ports) },
    'secret.read': { carryOut: makeReadSecret(ports) },
    'secret.read-many': { carryOut: makeReadSecrets(ports), groupsOf: groupsOfSecrets },
    'secret.describe': { carryOut: makeDescribeSecret(ports) },
    'secret.list': { carryOut: makeListSecrets(ports) },
    'secret.update': { carryOut: makeUpdateSecret(ports) },
    'secret.delete': { carryOut: makeDeleteVersions(ports) },
    'secret.undelete': { carryOut: makeUndeleteVersions(ports) },
    'secret.destroy': { carryOut: makeDestroyVersions(ports) },
    'secret.generate': { carryOut: makeGenerateSecret(ports) },
    'secret.install-certificate': { carryOut: makeInstallCertificate(ports) },
  };
}
