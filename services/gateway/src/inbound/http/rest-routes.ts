/** One route for each row of the operation catalogue; a route that is not in it does not exist. */
import { type OperationName, type ReplyMessage, restRoutes } from '@strongroom/contracts';
import { isErrorCode, StrongroomError } from '@strongroom/errors';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { makeCheckRate } from '../../app/admit.ts';
import type { makeSealForCaller } from '../../app/seal-for-caller.ts';
import { readRestProof } from './rest-proof.ts';

export interface RestRoutesOptions {
  readonly checkRate: ReturnType<typeof makeCheckRate>;
  readonly sealForCaller: ReturnType<typeof makeSealForCaller>;
}

export async function restRoutesPlugin(server: FastifyInstance, options: RestRoutesOptions): Promise<void> {
  const { checkRate, sealForCaller } = options;
  for (const route of restRoutes) {
    server.route({
      method: route.method,
      url: route.url,
      handler: async (request, reply) => {
        checkRate(request.ip);
        const params = joinParams(readBody(request.body), request.params as Record<string, string>);
        const answer = await sealForCaller({
          operation: route.operation as OperationName,
          params,
          proof: readRestProof(request.headers),
          requestId: request.id,
        });
        return sendReply(reply, answer);
      },
    });
  }
}

function readBody(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body))
    throw new StrongroomError('request-invalid', { detail: 'body' });
  return body as Record<string, unknown>;
}

/** A field is either in the path or in the body: with one in both, proxies and the gateway could read two requests. */
function joinParams(body: Record<string, unknown>, path: Record<string, string>): Record<string, unknown> {
  const twice = Object.keys(path).find((field) => Object.hasOwn(body, field));
  if (twice !== undefined)
    throw new StrongroomError('request-invalid', { detail: `${twice} is in path and body` });
  return { ...body, ...path };
}

function sendReply(reply: FastifyReply, answer: ReplyMessage): FastifyReply {
  if (answer.entry !== undefined) reply.header('strongroom-log-entry', String(answer.entry));
  if (answer.status === 'done') return reply.type('application/json').send(JSON.stringify(answer.result));
  if (answer.status === 'pending') return reply.code(202).send(answer.approval);
  const { code, detail, retryAfterMs } = answer.error;
  throw new StrongroomError(isErrorCode(code) ? code : 'internal', {
    ...(detail === undefined ? {} : { detail }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
