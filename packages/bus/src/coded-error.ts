/** How an error travels as an answer: its code and what may leave the process with it. The cause stays behind. */
import { isErrorCode, StrongroomError, toStrongroomError } from '@strongroom/errors';

const detailCharactersMax = 1_000;
const retryAfterMsMax = 3_600_000;

/** Anything that is not a coded error becomes `internal` without a detail. */
export function encodeError(fault: unknown): Uint8Array {
  const { code, detail, retryAfterMs } = toStrongroomError(fault);
  return Buffer.from(JSON.stringify({ code, detail: detail?.slice(0, detailCharactersMax), retryAfterMs }));
}

/** What the responder said, or `internal` when that is not an error of this catalogue: it may be newer than we are. */
export function decodeError(bytes: Uint8Array): StrongroomError {
  const { code, detail, retryAfterMs } = readObject(bytes);
  if (!isErrorCode(code))
    return new StrongroomError('internal', { detail: 'the answer has an unknown code' });
  const isDelay =
    typeof retryAfterMs === 'number' &&
    Number.isSafeInteger(retryAfterMs) &&
    retryAfterMs >= 0 &&
    retryAfterMs <= retryAfterMsMax;
  return new StrongroomError(code, {
    ...(typeof detail === 'string' && detail.length <= detailCharactersMax ? { detail } : {}),
    ...(isDelay ? { retryAfterMs } : {}),
  });
}

function readObject(bytes: Uint8Array): { code?: unknown; detail?: unknown; retryAfterMs?: unknown } {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
