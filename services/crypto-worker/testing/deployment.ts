/** A deployment after its ceremony, and everything that outlives a worker: token, database, log, approvals, people. */
import type { GovernanceRoot, QuorumPolicy, SignedGovernanceRoot } from '@strongroom/contracts';
import { signGovernanceRoot } from '@strongroom/sealed';
import { FakeClock, MemoryHsm } from '@strongroom/testing';
import { createDeploymentKeys } from '../src/app/ceremony/deployment-keys.ts';
import { governancePin } from '../src/domain/governance.ts';
import { hsmLabel } from '../src/domain/hsm-label.ts';
import { KeyHolder } from './key-holder.ts';
import { MemoryApprovals } from './memory-approvals.ts';
import { MemoryAuditLog } from './memory-audit-log.ts';
import { MemoryIssuers } from './memory-issuers.ts';
import { MemoryRegistry } from './memory-registry.ts';

export const tenant = 'default';
export const pool = 'default';
export const policy = 'two-of-three';

/** Beside `policy`, of the same approvers or some of them. */
export type MorePolicy = Pick<QuorumPolicy, 'name' | 'threshold' | 'approvers'> & Partial<QuorumPolicy>;

export class Deployment {
  readonly clock = new FakeClock();
  readonly hsm = new MemoryHsm();
  readonly registry = new MemoryRegistry(this.clock);
  readonly auditLog = new MemoryAuditLog();
  readonly approvals = new MemoryApprovals();
  readonly issuers = new MemoryIssuers();
  readonly alice = new KeyHolder('user:alice');
  readonly approvers = ['bob', 'carol', 'dave'].map((name) => new KeyHolder(`user:${name}`));
  readonly auditService = new KeyHolder('app:audit');
  readonly signed: SignedGovernanceRoot;

  private constructor(more: readonly MorePolicy[]) {
    this.signed = signGovernanceRoot(this.#root(more), [this.alice, ...this.approvers]);
  }

  static async found(more: readonly MorePolicy[] = []): Promise<Deployment> {
    const deployment = new Deployment(more);
    await createDeploymentKeys(deployment.hsm);
    await deployment.hsm.writeData(hsmLabel.governance, governancePin(deployment.signed.root));
    return deployment;
  }

  #root(more: readonly MorePolicy[]): GovernanceRoot {
    const clocks = { pendingSeconds: 86_400, executeWithinSeconds: 3_600 };
    return {
      type: 'strongroom.governance-root/1',
      version: 1,
      deployment: 'test',
      tenant,
      operators: [this.alice.holding],
      approvers: this.approvers.map(({ holding }) => holding),
      auditService: this.auditService.holding.publicKey,
      policies: [
        {
          name: policy,
          version: 1,
          threshold: 2,
          approvers: this.approvers.map(({ principal }) => principal),
          ...clocks,
        },
        ...more.map((each) => ({ version: 1, ...clocks, ...each })),
      ],
    };
  }
}
