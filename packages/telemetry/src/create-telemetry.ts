import { resourceFromAttributes } from '@opentelemetry/resources';
import { createLogger, type Logger, type LoggerOptions } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createTracing, type Tracing } from './tracing.ts';

export interface TelemetryOptions extends LoggerOptions {
  /** Tells processes of one service apart. */
  readonly instance: string;
  readonly version: string;
  /** Base URL of an OTLP/HTTP collector; absent: nothing leaves the process. */
  readonly otlpUrl?: string | undefined;
  /** The step after which a request is over in this process; absent: no spans are made of steps. */
  readonly lastStep?: string;
  /** Share of the requests that is traced; 1 unless said otherwise. */
  readonly traceRatio?: number;
}

export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** Flushes within 2 s. */
  shutdown(): Promise<void>;
}

const flushMsMax = 2_000;

export function createTelemetry(options: TelemetryOptions): Telemetry {
  const { otlpUrl, lastStep, traceRatio: ratio = 1 } = options;
  const resource = resourceFromAttributes({
    'service.name': `strongroom-${options.service}`,
    'service.instance.id': options.instance,
    'service.version': options.version,
  });
  const logger = createLogger(options);
  const metrics = createMetrics(resource, otlpUrl);
  const tracing = createTracing({ resource, otlpUrl, lastStep, ratio });
  metrics.gauge(
    'strongroom_log_fields_dropped',
    'log fields that were not on the allow-list',
    logger.droppedFields,
  );
  return {
    logger,
    metrics,
    tracing,
    shutdown: async () => {
      // A collector that does not answer must not hold the process.
      const flushed = Promise.allSettled([metrics.shutdown(), tracing.shutdown()]);
      await Promise.race([flushed, new Promise((resolve) => setTimeout(resolve, flushMsMax).unref())]);
    },
  };
}
