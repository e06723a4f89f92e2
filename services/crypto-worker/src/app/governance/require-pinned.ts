import type { SignedGovernanceRoot } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { isPinned } from '../../domain/governance.ts';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { Hsm } from '../../ports/hsm.ts';

/** Refuses to start on another governance root than the one that the ceremony pinned. */
export async function requirePinned(hsm: Pick<Hsm, 'readData'>, signed: SignedGovernanceRoot): Promise<void> {
  const pin = await hsm.readData(hsmLabel.governance);
  if (pin === undefined || !isPinned(signed, pin))
    throw new StrongroomError('governance-tampered', { detail: 'the file is not what the ceremony pinned' });
}
