import { connectBus } from '@strongroom/bus';
import { tlsFiles } from '@strongroom/config';
import { type Composed, ManagementServer, Service } from '@strongroom/lifecycle';
import { createTelemetry, type LogLevel, observeBus, reportTo } from '@strongroom/telemetry';
import { makeCheckRate, makeRunInPlace } from './app/admit.ts';
import { makeRouteEnvelope } from './app/route-envelope.ts';
import { makeSealForCaller } from './app/seal-for-caller.ts';
import type { GatewayConfig } from './config.ts';
import { InFlight } from './domain/in-flight.ts';
import { TokenBuckets } from './domain/token-buckets.ts';
import { makeListener } from './inbound/http/listener.ts';
import { makeHttpServer } from './inbound/http/server.ts';
import { makeWorkerBus } from './outbound/bus/worker-bus.ts';
import { makeRateCounter } from './outbound/redis/rate-counter.ts';
import { makeRedis } from './outbound/redis/redis-connection.ts';
import { makeSealingKeys } from './outbound/sealing-keys.ts';

const nowMs = () => Date.now();
const jsonBytesMax = 128 * 1024;
const callersMax = 10_000;

export async function compose(config: GatewayConfig): Promise<Composed> {
  const { pool, tenant, identityFingerprint } = config;
  const telemetry = createTelemetry({
    service: 'gateway',
    instance: 'gateway',
    version: '0.1.0',
    level: config.logLevel as LogLevel,
    otlpUrl: config.otlpUrl,
  });
  const { logger, metrics } = telemetry;
  const bus = await connectBus({
    url: config.natsUrl,
    tls: tlsFiles('bus', config.natsCaFile, config.natsCertFile, config.natsKeyFile),
    service: 'gateway',
    seed: config.natsSeedFile,
    name: 'gateway',
    observer: observeBus(logger, metrics),
  });
  const redis = makeRedis(
    config.redisUrlFile.use((url) => url),
    tlsFiles('Redis', config.redisCaFile, config.redisCertFile, config.redisKeyFile),
  );
  const redisFailures = metrics.counter(
    'strongroom_rate_counter_failures',
    'reads of the shared rate that failed',
  );
  redis.on('error', () => redisFailures.add(1));

  const inFlight = new InFlight({ crypto: config.inFlightMax, manage: config.manageInFlightMax });
  metrics.gauge('strongroom_in_flight', 'requests under way', () => inFlight.count);
  const checkRate = makeCheckRate({
    inFlight,
    shared: makeRateCounter({ redis, reportFailure: () => redisFailures.add(1), callersMax }),
    local: new TokenBuckets({ perSecond: config.ratePerSecond, burst: config.ratePerSecond, callersMax }),
    perSecondMax: config.ratePerSecond,
    nowMs,
  });
  const workers = makeWorkerBus(bus);
  const routeEnvelope = makeRouteEnvelope({ workers, runInPlace: makeRunInPlace({ inFlight }), pool, nowMs });
  const sealingKeys = makeSealingKeys({ workers, identityFingerprint, pool, tenant, nowMs });
  const server = makeHttpServer({
    tls: { cert: config.tlsCertFile, key: config.tlsKeyFile.use((key) => key) },
    bodyBytesMax: jsonBytesMax,
    reportFault: (fault, requestId) => logger.warn('request-failed', { requestId, code: fault.code }, fault),
    sealed: { checkRate, routeEnvelope, workers, pool },
    rest: {
      checkRate,
      sealForCaller: makeSealForCaller({ sealingKeys, routeEnvelope, pool, tenant, nowMs }),
    },
  });
  const service: Service = new Service({
    name: 'gateway',
    statusFile: config.statusFile,
    report: reportTo(logger),
    components: [
      // Never in the way of the start: without Redis the local limit applies (I8).
      {
        name: 'redis',
        start: () => void redis.connect().catch(() => undefined),
        stop: () => redis.disconnect(),
      },
      {
        name: 'bus',
        start: () => undefined,
        stop: () => bus.drain(),
        unready: () => (bus.state === 'connected' ? undefined : bus.state),
      },
      new ManagementServer({
        host: config.managementHost,
        port: config.managementPort,
        unready: () => service.unready(),
        metrics: metrics.expose,
      }),
      makeListener(server, config.listenHost, config.listenPort),
    ],
  });
  return { service, flush: telemetry.shutdown };
}
