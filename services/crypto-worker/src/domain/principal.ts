import type { PrincipalDescription } from '@strongroom/contracts';
import type { PrincipalRecord } from './principal-record.ts';

/** Never the credential itself. */
export function describePrincipal(
  principal: string,
  { state, credential, createdAt, erasedAt }: PrincipalRecord,
): PrincipalDescription {
  const described = { principal, state, credential: credential.kind, createdAt };
  return erasedAt === undefined ? described : { ...described, erasedAt };
}
