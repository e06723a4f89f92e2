/** `POST /v1/sealed`: envelopes in, envelopes out. Also hands out what a caller needs to seal. */
import { StrongroomError } from '@strongroom/errors';
import { frameBytesMax, readRoutingHeader, sealedMediaType } from '@strongroom/sealed';
import type { FastifyInstance } from 'fastify';
import type { makeCheckRate } from '../../app/admit.ts';
import type { makeRouteEnvelope } from '../../app/route-envelope.ts';
import type { WorkerBus } from '../../ports/worker-bus.ts';
import { makeAdmitLargeBodies } from './large-bodies.ts';

const sealingKeysDeadlineMs = 2_000;

export interface SealedRouteOptions {
  readonly checkRate: ReturnType<typeof makeCheckRate>;
  readonly routeEnvelope: ReturnType<typeof makeRouteEnvelope>;
  readonly workers: WorkerBus;
  readonly pool: string;
}

export async function sealedRoute(server: FastifyInstance, options: SealedRouteOptions): Promise<void> {
  const { checkRate, routeEnvelope, workers, pool } = options;
  server.addHook('onRequest', makeAdmitLargeBodies());
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    sealedMediaType,
    { parseAs: 'buffer', bodyLimit: frameBytesMax },
    (_request, body, done) => done(null, body),
  );

  server.post('/v1/sealed', { bodyLimit: frameBytesMax }, async (request, reply) => {
    checkRate(request.ip);
    const frame = request.body;
    if (!(frame instanceof Uint8Array)) throw new StrongroomError('media-type-unsupported');
    const answer = await routeEnvelope(readRoutingHeader(frame), frame);
    return reply.type(sealedMediaType).send(answer);
  });

  server.get('/v1/sealing-keys', async (request, reply) => {
    checkRate(request.ip);
    const answer = await workers.sealingKeys(pool, sealingKeysDeadlineMs);
    return reply.type('application/json').send(Buffer.from(answer));
  });
}
