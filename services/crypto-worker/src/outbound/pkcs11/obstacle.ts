/** What stands between the adapter and its token: whether time can mend it, and what it is called. */
import { isStrongroomError, type StrongroomError } from '@strongroom/errors';
import { asFault } from './fault.ts';

/** The settings or the token are wrong for good. */
export function isPermanent(error: unknown): error is StrongroomError {
  return (
    isStrongroomError(error) &&
    (error.code === 'mechanism-unsupported' || error.code === 'configuration-invalid')
  );
}

export function reasonOf(error: unknown): string {
  if (isStrongroomError(error)) return error.detail ?? error.code;
  return asFault(error)?.returnCode.name ?? 'unexpected fault of the HSM adapter';
}
