import { connectStrongroom, keyFileCredential, patientClient } from '@strongroom/client';
import { type Composed, ManagementServer, Service } from '@strongroom/lifecycle';
import { createTelemetry, type LogLevel, reportTo } from '@strongroom/telemetry';
import { makeRefreshStatus } from './app/refresh-status.ts';
import { makeUnwrapSeed } from './app/unwrap-seed.ts';
import { makeWrapSeed } from './app/wrap-seed.ts';
import type { KmsPluginConfig } from './config.ts';
import { ProviderStatus } from './domain/provider-status.ts';
import { makeGrpcServer } from './inbound/grpc-server.ts';
import { loadKmsV2Definition, makeKmsV2Handlers } from './inbound/kms-v2.ts';
import { makeRefresher } from './inbound/refresher.ts';
import { makeStrongroomKeys } from './outbound/strongroom-keys.ts';

/** kube-apiserver's own default time-out of a call. */
const deadlineMsMax = 3_000;
const nowMs = () => Date.now();

export async function compose(config: KmsPluginConfig): Promise<Composed> {
  const telemetry = createTelemetry({
    service: 'kms-plugin',
    instance: config.provider,
    version: '0.1.0',
    level: config.logLevel as LogLevel,
    otlpUrl: config.otlpUrl,
  });
  const { logger, metrics } = telemetry;
  const client = await connectStrongroom({
    gatewayUrl: config.gatewayUrl,
    ca: config.caFile,
    identityFingerprint: config.identityFingerprint,
    pool: config.pool,
    tenant: config.tenant,
    credential: await keyFileCredential(config.keyFile),
  });
  const keys = makeStrongroomKeys(patientClient(client), {
    group: config.group,
    key: config.key,
    provider: config.provider,
  });
  const status = new ProviderStatus(config.graceSeconds * 1_000);
  const failures = metrics.counter('strongroom_kms_failures', 'calls and refreshes that failed, by code');
  let lastFailure: string | undefined;
  const refresher = makeRefresher({
    refresh: makeRefreshStatus({ keys, status, deadlineMs: deadlineMsMax, nowMs }),
    status,
    everyMs: config.refreshMs,
    nowMs,
    report: (failure) => {
      if (failure !== undefined) failures.add(1, { call: 'refresh', code: failure.code });
      // One line for each change of state, not for each try.
      if (failure?.code === lastFailure) return;
      lastFailure = failure?.code;
      if (failure === undefined) logger.info('kek-proven', { state: 'healthy' });
      else logger.warn('kek-not-proven', { code: failure.code }, failure);
    },
  });
  const handlers = makeKmsV2Handlers({
    status,
    wrapSeed: makeWrapSeed({ keys, status }),
    unwrapSeed: makeUnwrapSeed({ keys }),
    deadlineMsMax,
    nowMs,
    reportFault: (call, error) => {
      failures.add(1, { call, code: error.code });
      logger.warn('kms-call-failed', { operation: call, code: error.code });
    },
  });
  const service: Service = new Service({
    name: 'kms-plugin',
    statusFile: config.statusFile,
    report: reportTo(logger),
    components: [
      { name: 'client', start: () => undefined, stop: () => client.close() },
      refresher,
      makeGrpcServer(config.socket, loadKmsV2Definition(), handlers),
      new ManagementServer({
        host: config.managementHost,
        port: config.managementPort,
        unready: () => service.unready(),
        metrics: metrics.expose,
      }),
    ],
  });
  return { service, flush: telemetry.shutdown };
}
