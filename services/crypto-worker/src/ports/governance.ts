import type { GovernanceRoot } from '@strongroom/contracts';

/** The governance root in force: the one that is stored, if it is the one that the HSM pins. */
export interface Governance {
  /** Throws `governance-tampered`; `absent` before the first start has stored one. */
  root(): Promise<GovernanceRoot>;
}
