/** The refusal of a key as its user reads it: a purpose that was taken for another is the commonest mistake, so it is named. */
import { type ErrorCode, StrongroomError } from '@strongroom/errors';
import type { KeyRecord } from '../../domain/record.ts';

export function keyRefused({ purpose }: Pick<KeyRecord, 'purpose'>, code: ErrorCode): StrongroomError {
  return new StrongroomError(
    code,
    code === 'key-purpose-refused' ? { detail: `the key is for ${purpose}` } : {},
  );
}
