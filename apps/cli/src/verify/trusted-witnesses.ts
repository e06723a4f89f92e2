/** Whose cosignatures a person who verifies wants to see, from what is written on the command line. */
import { StrongroomError } from '@strongroom/errors';
import { parseCosignatureKey } from '@strongroom/merkle';
import type { TrustedWitnesses } from './open-manifest.ts';

/** Throws `request-invalid`. `undefined` where none are named. */
export function trustedWitnesses(
  keys: readonly string[],
  needed: string | undefined,
): TrustedWitnesses | undefined {
  if (keys.length === 0 && needed === undefined) return undefined;
  const parsed = new Map(
    keys.map((text) => {
      const key = parseCosignatureKey(text);
      if (key === undefined) throw invalid('--witness: not the key of a witness');
      return [text, key];
    }),
  );
  const count = needed === undefined ? parsed.size : Number(needed);
  if (!Number.isSafeInteger(count) || count < 1 || count > parsed.size)
    throw invalid(`--witnesses-needed: a number from 1 to ${parsed.size}`);
  return { keys: [...parsed.values()], needed: count };
}

const invalid = (detail: string): StrongroomError => new StrongroomError('request-invalid', { detail });
