/** Traces: a span for each operation with its steps as events. Without a collector nothing is recorded. */
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

export interface Tracing {
  readonly tracer: Tracer;
  shutdown(): Promise<void>;
}

export function createTracing(resource: Resource, otlpUrl: string | undefined): Tracing {
  const spanProcessors =
    otlpUrl === undefined
      ? []
      : [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${otlpUrl}/v1/traces` }) })];
  const provider = new TracerProvider({ resource, spanProcessors });
  return { tracer: provider.getTracer('strongroom'), shutdown: () => provider.shutdown() };
}
