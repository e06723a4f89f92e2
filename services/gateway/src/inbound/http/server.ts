/**
 * The HTTPS front. TLS 1.3 only, every limit stated, one error form. Fastify's own request logging is off: a log line
 * for each request costs a quarter of the throughput, and the audit log has the operations.
 */
import { constants } from 'node:crypto';
import { isRequestId, newRequestId } from '@strongroom/contracts';
import { StrongroomError } from '@strongroom/errors';
import fastify, { type FastifyInstance } from 'fastify';
import { bundleRoute } from './bundle-route.ts';
import { fromFrameworkError, sendProblem } from './problem.ts';
import { type RestRoutesOptions, restRoutesPlugin } from './rest-routes.ts';
import { type SealedRouteOptions, sealedRoute } from './sealed-route.ts';

export interface HttpServerOptions {
  readonly tls: { readonly cert: string; readonly key: string };
  readonly bodyBytesMax: number;
  readonly reportFault: (fault: StrongroomError, requestId: string) => void;
  readonly sealed: SealedRouteOptions;
  readonly rest: RestRoutesOptions;
}

const headerBytesMax = 16 * 1024;
const requestIdHeader = 'strongroom-request-id';

export function makeHttpServer(options: HttpServerOptions): FastifyInstance {
  const server = fastify({
    https: {
      cert: options.tls.cert,
      key: options.tls.key,
      minVersion: 'TLSv1.3',
      maxHeaderSize: headerBytesMax,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    },
    logger: false,
    trustProxy: false,
    bodyLimit: options.bodyBytesMax,
    requestTimeout: 15_000,
    connectionTimeout: 75_000,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 200, caseSensitive: true, ignoreTrailingSlash: false },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // The caller's own id makes a mutation idempotent; anything else than a UUIDv7 gets a fresh one.
    genReqId: (request) => {
      const given = request.headers[requestIdHeader];
      return typeof given === 'string' && isRequestId(given) ? given : newRequestId();
    },
    // The types of plugins are those of plain HTTP; they differ in the socket alone.
  }) as unknown as FastifyInstance;
  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', async (request, reply) => {
    reply.header(requestIdHeader, request.id);
    reply.header('cache-control', 'no-store');
    reply.header('strict-transport-security', 'max-age=31536000');
    reply.header('x-content-type-options', 'nosniff');
  });
  server.setErrorHandler((fault, request, reply) => {
    const error = fromFrameworkError(fault);
    if (error.descriptor.audience === 'operator') options.reportFault(error, request.id);
    return sendProblem(reply, error, request.id);
  });
  server.setNotFoundHandler((request, reply) =>
    sendProblem(reply, new StrongroomError('operation-unknown'), request.id),
  );
  server.register(sealedRoute, options.sealed);
  server.register(bundleRoute, options.sealed);
  server.register(restRoutesPlugin, options.rest);
  return server;
}
