import { equal, ok } from 'node:assert/strict';
import { type ErrorCode, isStrongroomError } from '@strongroom/errors';

/** For `rejects` and `throws`: the error has this code. */
export const refusedWith = (code: ErrorCode) => (error: unknown) => {
  ok(isStrongroomError(error), `expected ${code}, got ${error}`);
  equal(error.code, code);
  return true;
};
