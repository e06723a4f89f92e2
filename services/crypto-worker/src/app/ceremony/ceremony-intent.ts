/**
 * What the HSM remembers of a ceremony under way: for which root, and held by whom. It is written before the first key
 * and destroyed after the pin, so keys without a pin are either of a ceremony that was interrupted, with this beside
 * them, or a damaged token, without.
 */
import {
  CanonicalError,
  canonicalBytes,
  decodeBytes,
  encodeBytes,
  equalBytes,
  parseCanonical,
} from '@strongroom/canonical';
import { StrongroomError } from '@strongroom/errors';
import type { Hsm } from '../../ports/hsm.ts';

export const ceremonyLabel = 'strongroom/ceremony';

export interface CeremonyIntent {
  /** The pin that the ceremony is going to write. */
  readonly pin: Uint8Array;
  /** Random; of one run of the ceremony. */
  readonly holder: Uint8Array;
}

/** Throws `hsm-inconsistent`. */
export async function readCeremonyIntent(hsm: Pick<Hsm, 'readData'>): Promise<CeremonyIntent | undefined> {
  const bytes = await hsm.readData(ceremonyLabel);
  return bytes === undefined ? undefined : decode(bytes);
}

export function writeCeremonyIntent(hsm: Pick<Hsm, 'writeData'>, intent: CeremonyIntent): Promise<void> {
  const value = { v: 1, pin: encodeBytes(intent.pin), holder: encodeBytes(intent.holder) };
  return hsm.writeData(ceremonyLabel, canonicalBytes(value));
}

/** Throws `version-conflict` where another run of the ceremony has taken over. */
export async function requireHolding(hsm: Pick<Hsm, 'readData'>, { holder }: CeremonyIntent): Promise<void> {
  const current = await readCeremonyIntent(hsm);
  if (current !== undefined && equalBytes(current.holder, holder)) return;
  throw new StrongroomError('version-conflict', { detail: 'another ceremony is held on this token' });
}

function decode(bytes: Uint8Array): CeremonyIntent {
  try {
    const { v, pin, holder } = parseCanonical(bytes) as Record<string, unknown>;
    if (v === 1 && typeof pin === 'string' && typeof holder === 'string') {
      return { pin: decodeBytes(pin), holder: decodeBytes(holder) };
    }
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error;
  }
  throw new StrongroomError('hsm-inconsistent', { detail: `data object ${ceremonyLabel} can not be read` });
}
