/** What a token says about ceremonies: its pin, and the note of one under way. */
import { isStrongroomError } from '@strongroom/errors';
import { hsmLabel } from '../../domain/hsm-label.ts';
import type { Hsm } from '../../ports/hsm.ts';
import { type CeremonyIntent, ceremonyLabel, decodeCeremonyIntent } from './ceremony-intent.ts';

/** `torn`: an object is there and holds no whole value, as a crash in its very first write leaves it. */
export interface CeremonyState {
  readonly pin: Uint8Array | 'torn' | undefined;
  readonly intent: CeremonyIntent | 'torn' | undefined;
}

export async function readCeremonyState(hsm: Pick<Hsm, 'readData'>): Promise<CeremonyState> {
  const note = await readOrTorn(hsm, ceremonyLabel);
  return {
    pin: await readOrTorn(hsm, hsmLabel.governance),
    intent: note instanceof Uint8Array ? decodeCeremonyIntent(note) : note,
  };
}

async function readOrTorn(
  hsm: Pick<Hsm, 'readData'>,
  label: string,
): Promise<Uint8Array | 'torn' | undefined> {
  try {
    return await hsm.readData(label);
  } catch (error) {
    if (isStrongroomError(error) && error.code === 'hsm-inconsistent') return 'torn';
    throw error;
  }
}
