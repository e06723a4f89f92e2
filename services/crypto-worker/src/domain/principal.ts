import type { PrincipalDescription } from '@strongroom/contracts';
import type { PrincipalRecord } from './record.ts';

/** Never the credential itself. */
export function describePrincipal(
  principal: string,
  { state, credential, createdAt }: PrincipalRecord,
): PrincipalDescription {
  return { principal, state, credential: credential.kind, createdAt };
}
