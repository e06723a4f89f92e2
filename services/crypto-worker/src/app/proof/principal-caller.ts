import { StrongroomError } from '@strongroom/errors';
import type { Caller } from '../../domain/caller.ts';
import type { PrincipalRecord } from '../../domain/principal-record.ts';
import type { RegistryRecord } from '../../ports/registry.ts';

/** Only after the proof verified: before, it would tell anybody who is disabled. */
export function requireEnabled({ state }: PrincipalRecord): void {
  if (state !== 'enabled') throw new StrongroomError('denied', { detail: 'the principal is disabled' });
}

export function principalCaller(
  { id, version }: RegistryRecord<'principal'>,
  proof: 'key' | 'api-key' | 'session',
  proofExpiresAtMs: number,
): Caller {
  return {
    principal: id,
    proof,
    actor: { id, proof },
    voucher: { kind: 'principal', id, version },
    proofExpiresAtMs,
  };
}
