/**
 * The one way to a version of a key for every use case that uses one: the nature of the key, its states, its usage policy and
 * the rate of the caller, in this order. What is refused here has touched neither the HSM nor material.
 */
import { type KeyMechanism, type KeyPurpose, type KeyUse, keyFit } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import { versionFor } from '../../domain/key.ts';
import type { KeyRecord, KeyVersionRecord } from '../../domain/record.ts';
import { usageRefusal } from '../../domain/usage-policy.ts';
import type { Clock } from '../../ports/clock.ts';
import { keyRefused } from './key-refused.ts';
import { UseRates } from './use-rates.ts';

export interface AskedUse {
  readonly principal: string;
  readonly purpose: KeyPurpose;
  readonly use: KeyUse;
  /** Absent: the only one that the key has. */
  readonly mechanism?: KeyMechanism;
  /** Absent: the current version. */
  readonly version?: number;
  /** Base64url, as it travels. Items of a batch with different data are asked about one by one. */
  readonly associatedData?: string | undefined;
  /** How many items of a batch this is for; absent: one. */
  readonly items?: number;
}

/**
 * Throws `key-purpose-refused`, `key-type-refused` for a mechanism that the key has not, the code of the state, `absent` for a
 * version that there is not, `key-version-withheld`, the codes of the usage policy, `rate-limited`.
 */
export type UseKey = (key: KeyRecord, asked: AskedUse) => KeyVersionRecord;

export interface UseKeyParts {
  readonly clock: Clock;
}

const retryAfterMs = 1_000;

export function makeUseKey({ clock }: UseKeyParts): UseKey {
  const rates = new UseRates();
  return (key, asked) => {
    const { principal, purpose, use, version, associatedData, items = 1 } = asked;
    const found = versionFor(key, purpose, use, version);
    if (found.status === 'refused') throw keyRefused(key, found.code);
    const mechanism = mechanismOf(key, asked.mechanism);
    const nowMs = clock.nowMs();
    const refusal = usageRefusal(key.usage, { use, mechanism, atMs: nowMs, associatedData });
    if (refusal !== undefined) throw new StrongroomError(refusal.code, { detail: refusal.detail });
    const { ratePerMinute } = key.usage;
    if (ratePerMinute !== undefined && !rates.take(key.id, principal, ratePerMinute, items, nowMs))
      throw new StrongroomError('rate-limited', { detail: 'ratePerMinute', retryAfterMs });
    return found.version;
  };
}

function mechanismOf({ type, purpose }: KeyRecord, asked: KeyMechanism | undefined): KeyMechanism {
  const mechanisms = keyFit(type, purpose)?.mechanisms ?? [];
  const mechanism = asked ?? (mechanisms.length === 1 ? mechanisms[0] : undefined);
  if (mechanism === undefined || !mechanisms.includes(mechanism))
    throw new StrongroomError('key-type-refused', {
      detail: `/mechanism: ${type} for ${purpose} has ${mechanisms.join(', ')}`,
    });
  return mechanism;
}
