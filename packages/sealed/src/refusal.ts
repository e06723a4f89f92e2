/**
 * Refusals that are not sealed: whoever answers could not open the request, or is a carrier. Nothing vouches for them, so a
 * caller may take one as "not done by this answer" and as a hint what to try, never as a fact about an object (I7): a
 * forged `absent` could make a sidecar delete files, a forged `ciphertext-invalid` an API server drop data.
 */
import { type CanonicalValue, canonicalBytes } from '@strongroom/canonical';
import { ErrorReply, makeChecker, RoutingHeader, SealingKeys } from '@strongroom/contracts';
import { type ErrorCode, isErrorCode, isStrongroomError, StrongroomError } from '@strongroom/errors';
import { Type } from 'typebox';
import { decodeFrame, encodeFrame, type Frame, frameKind } from './frame.ts';
import { parseChecked } from './schema.ts';

export interface Refusal {
  /** Absent where not even the header could be read. */
  readonly requestId?: string;
  readonly code: string;
  readonly detail?: string;
  readonly retryAfterMs?: number;
  /**
   * With `sealing-key-unknown`: what is in force, so that the caller need not ask again. The statements in it are signed by
   * the identity key; whoever uses them verifies them like those that it fetched.
   */
  readonly sealingKeys?: SealingKeys;
}

const refusalBody = makeChecker(
  Type.Object(
    {
      ...ErrorReply.properties,
      requestId: Type.Optional(RoutingHeader.properties.requestId),
      sealingKeys: Type.Optional(SealingKeys),
    },
    { additionalProperties: false },
  ),
);

/** All that someone who could not open the request can know. The rest is for sealed replies only. */
const hints: ReadonlySet<ErrorCode> = new Set([
  'request-invalid',
  'message-malformed',
  'message-too-large',
  'media-type-unsupported',
  'operation-unknown',
  'request-expired',
  'request-replayed',
  'sealing-key-unknown',
  'session-ended',
  'proof-missing',
  'proof-invalid',
  'proof-expired',
  'denied',
  'rate-limited',
  'overloaded',
  'deadline-exceeded',
  'worker-silent',
  'outcome-unknown',
  'hsm-unavailable',
  'audit-unavailable',
  'database-unavailable',
  'approvals-unavailable',
  'worker-unavailable',
  'bus-unavailable',
  'state-stale',
  'stopping',
  'internal',
]);

const detailCharactersMax = 200;

/** A code that an unauthenticated answer may carry, or `reply-invalid` in its place. */
export function hintedCode(code: unknown): ErrorCode {
  return isErrorCode(code) && hints.has(code) ? code : 'reply-invalid';
}

export function encodeRefusal(
  { code, detail, retryAfterMs }: StrongroomError,
  { requestId, sealingKeys }: Pick<Refusal, 'requestId' | 'sealingKeys'> = {},
): Uint8Array {
  const body = { code, detail, requestId, retryAfterMs, sealingKeys } as unknown as CanonicalValue;
  return encodeFrame(frameKind.refusal, '', canonicalBytes(body));
}

/** Throws `reply-invalid`. */
export function decodeRefusal(frame: Frame): Refusal & { readonly code: ErrorCode } {
  const refusal = parseChecked(frame.body, refusalBody, 'reply-invalid', 'refusal');
  return { ...refusal, code: hintedCode(refusal.code) };
}

/** The keys that a worker has instead of the one that it refused; `undefined` where the answer is no such refusal. */
export function sealingKeysInstead(answer: Uint8Array): SealingKeys | undefined {
  try {
    const frame = decodeFrame(answer);
    return frame.kind === frameKind.refusal ? decodeRefusal(frame).sealingKeys : undefined;
  } catch (fault) {
    if (isStrongroomError(fault)) return undefined;
    throw fault;
  }
}

/**
 * The error that a caller meets. Says that nobody vouches for it, and takes no text from the refusal but printable ASCII: it
 * may end up on a terminal.
 */
export function refusalError({ code, detail, retryAfterMs }: Omit<Refusal, 'requestId'>): StrongroomError {
  const told =
    detail === undefined ? '' : `: ${detail.replaceAll(/[^ -~]/g, '?').slice(0, detailCharactersMax)}`;
  return new StrongroomError(hintedCode(code), {
    detail: `told by a carrier, not authenticated${told}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
