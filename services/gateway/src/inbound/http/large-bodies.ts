/**
 * Few requests are large: a batch of many items, a secret of a megabyte now and then. A body is in memory before anything is known of
 * who sends it, so only some large ones at a time are read, and the others are told to come again before they send.
 */
import { StrongroomError } from '@strongroom/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const smallBodyBytesMax = 256 * 1024;
export const largeBodiesMax = 32;
const retryAfterMs = 1_000;

/** Of each server its own. A body that does not say how long it is counts as large. */
export function makeAdmitLargeBodies() {
  let reading = 0;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!isLarge(request.headers)) return;
    if (reading >= largeBodiesMax) throw new StrongroomError('overloaded', { retryAfterMs });
    reading += 1;
    reply.raw.once('close', () => {
      reading -= 1;
    });
  };
}

function isLarge(headers: FastifyRequest['headers']): boolean {
  if (headers['transfer-encoding'] !== undefined) return true;
  return Number(headers['content-length'] ?? 0) > smallBodyBytesMax;
}
