/** The roles that every tenant has. Own roles are records; a name of these cannot be taken. */
import { privileges as allPrivileges, type Standing } from '@strongroom/contracts';

export interface Role {
  readonly summary: string;
  readonly privileges: readonly string[];
  /** A disabled role allows nothing. It still denies: taking a role away must give nobody anything. */
  readonly state: Standing;
}

const matching = (pattern: RegExp) => allPrivileges.filter((privilege) => pattern.test(privilege));
const role = (summary: string, privileges: readonly string[]): Role =>
  Object.freeze({ summary, privileges, state: 'enabled' });

export const builtInRoles: ReadonlyMap<string, Role> = new Map([
  [
    'operator',
    role('Runs the deployment. Holds every privilege, so that it can grant every role.', allPrivileges),
  ],
  [
    'approver',
    role('Votes on guarded operations.', [
      ...matching(/^proposal\./),
      'key.describe',
      'key.list',
      'system.status',
    ]),
  ],
  [
    'auditor',
    role(
      'Reads the log and every description; changes nothing.',
      matching(/^audit\.(?!sink-(put|remove)$)|\.(describe|list|show|status)$/),
    ),
  ],
  ['kms-provider', role('Wraps and unwraps seeds of a Kubernetes API server.', matching(/^kms\./))],
  ['crypto-user', role('Encrypts and decrypts data.', matching(/^crypto\./))],
  ['secret-reader', role('Reads secret values.', ['secret.describe', 'secret.read'])],
  [
    'secret-writer',
    role('Writes secret values without reading them.', ['secret.describe', 'secret.list', 'secret.write']),
  ],
  [
    'secret-generator',
    role('Has values made that nobody sees, and installs certificates for them.', [
      'secret.describe',
      'secret.generate',
    ]),
  ],
  [
    'secret-manager',
    role('Manages secrets without knowing their values; destroys nothing.', [
      'secret.delete',
      'secret.describe',
      'secret.list',
      'secret.undelete',
      'secret.update',
    ]),
  ],
]);
