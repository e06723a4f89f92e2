import { StrongroomError } from '@strongroom/errors';
import type { Governance } from '../../ports/governance.ts';

/** What nobody could ever change again is not made. Throws `request-invalid` for a policy that the root does not hold. */
export async function requirePolicy(governance: Governance, name: string): Promise<void> {
  const { policies } = await governance.root();
  if (!policies.some((policy) => policy.name === name))
    throw new StrongroomError('request-invalid', { detail: '/policy' });
}
