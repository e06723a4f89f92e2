/**
 * Unwraps a seed. API servers have no single flight: at a restart, parallel readers of one unknown seed all ask at once,
 * so equal questions under way share one answer. Nothing is kept once it is answered.
 */
import { StrongroomError } from '@strongroom/errors';
import type { KeyService } from '../ports/key-service.ts';

/** Distinct seeds under way; an API server asks for tens at its start. */
const underWayMax = 1_024;

export function makeUnwrapSeed({ keys }: { keys: KeyService }) {
  const underWay = new Map<string, Promise<Uint8Array>>();
  return (keyId: string, ciphertext: Uint8Array, deadlineMs: number): Promise<Uint8Array> => {
    const question = `${keyId}:${Buffer.from(ciphertext).toString('base64url')}`;
    const same = underWay.get(question);
    if (same !== undefined) return same;
    if (underWay.size >= underWayMax) throw new StrongroomError('overloaded', { retryAfterMs: 1_000 });
    const answer = keys.unwrap(keyId, ciphertext, deadlineMs).finally(() => underWay.delete(question));
    underWay.set(question, answer);
    return answer;
  };
}
