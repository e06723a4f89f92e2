/**
 * The governance root in force: the stored one, if it is the one that the HSM pins. It is compared when it is first read
 * and whenever the record changes, so a roster that was replaced or set back in the database allows nothing.
 */
import type { GovernanceRoot, SignedGovernanceRoot } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { Governance } from '../../ports/governance.ts';
import type { Hsm } from '../../ports/hsm.ts';
import type { Registry } from '../../ports/registry.ts';
import { findRecord } from '../find-record.ts';

/** The one record of its kind. */
export const governanceRecordId = 'root';

export interface GovernanceParts {
  readonly registry: Pick<Registry, 'read'>;
  readonly hsm: Pick<Hsm, 'readData'>;
  /** Whether the value of the HSM's data object pins exactly this root. */
  readonly isPinned: (signed: SignedGovernanceRoot, pin: Uint8Array) => boolean;
}

export function makeGovernance({ registry, hsm, isPinned }: GovernanceParts): Governance {
  /** Records are frozen, so one that was compared stays what it was. */
  const compared = new WeakSet<SignedGovernanceRoot>();
  return {
    async root(): Promise<GovernanceRoot> {
      const { value } = await findRecord(registry, 'governance', governanceRecordId);
      if (compared.has(value)) return value.root;
      const pin = await hsm.readData(hsmLabel.governance);
      if (pin === undefined || !isPinned(value, pin)) throw new StrongroomError('governance-tampered');
      compared.add(value);
      return value.root;
    },
  };
}
