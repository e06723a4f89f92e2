/** A signed governance root with its key holders, for tests. */
import type { GovernanceRoot, SignedGovernanceRoot } from '@strongroom/contracts';
import { generateKeyFile, type NewKeyFile, signGovernanceRoot } from '@strongroom/sealed';

export interface GovernanceFixture {
  readonly signed: SignedGovernanceRoot;
  readonly operator: NewKeyFile;
  readonly approvers: readonly NewKeyFile[];
  readonly auditService: NewKeyFile;
}

/** One operator, three approvers, one policy of two of three; signed by all four. */
export function makeGovernance(change: Partial<GovernanceRoot> = {}): GovernanceFixture {
  const operator = generateKeyFile('user:operator');
  const approvers = ['user:ann', 'user:bob', 'user:cid'].map((name) => generateKeyFile(name));
  const auditService = generateKeyFile('app:audit');
  const holder = ({ principal, publicKey }: NewKeyFile) => ({ principal, publicKey });
  const root: GovernanceRoot = {
    type: 'strongroom.governance-root/1',
    version: 1,
    deployment: 'test',
    tenant: 'default',
    operators: [holder(operator)],
    approvers: approvers.map(holder),
    auditService: auditService.publicKey,
    policies: [
      {
        name: 'rotation',
        version: 1,
        threshold: 2,
        approvers: approvers.map(({ principal }) => principal),
        pendingSeconds: 86_400,
        executeWithinSeconds: 3_600,
      },
    ],
    ...change,
  };
  return { signed: signGovernanceRoot(root, [operator, ...approvers]), operator, approvers, auditService };
}
