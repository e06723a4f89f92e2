/** Canonical bytes from outside to a checked value; whatever else they are becomes one coded refusal. */
import { CanonicalError, type CanonicalValue, parseCanonical } from '@strongroom/canonical';
import type { Checker } from '@strongroom/contracts';
import { type ErrorCode, StrongroomError } from '@strongroom/errors';
import { frameBytesMax } from './frame.ts';

/** `what` and the place of the problem go into the detail of the refusal, never a value. */
export function parseChecked<Value>(
  bytes: Uint8Array,
  checker: Checker<Value>,
  code: ErrorCode,
  what: string,
): Value {
  const value: unknown = parseOr(bytes, code, what);
  if (!checker.check(value)) throw new StrongroomError(code, { detail: `${what} does not fit its schema` });
  return value;
}

function parseOr(bytes: Uint8Array, code: ErrorCode, what: string): CanonicalValue {
  try {
    return parseCanonical(bytes, { bytesMax: frameBytesMax });
  } catch (cause) {
    if (!(cause instanceof CanonicalError)) throw cause;
    throw new StrongroomError(code, { detail: `${what} is not canonical: ${cause.reason}` });
  }
}
