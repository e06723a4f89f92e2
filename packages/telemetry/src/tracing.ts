/** Traces go to a collector over OTLP. Without one nothing is recorded, and nobody listens to the steps. */
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { traceSteps } from './step-tracer.ts';

export interface TracingOptions {
  readonly resource: Resource;
  /** Base URL of an OTLP/HTTP collector. */
  readonly otlpUrl: string | undefined;
  /** The step after which a request is over in this process. Absent: no spans are made of steps. */
  readonly lastStep: string | undefined;
  readonly ratio: number;
}

export interface Tracing {
  readonly tracer: Tracer;
  shutdown(): Promise<void>;
}

const exportMsMax = 2_000;

export function createTracing({ resource, otlpUrl, lastStep, ratio }: TracingOptions): Tracing {
  if (otlpUrl === undefined) {
    const provider = new TracerProvider({ resource, spanProcessors: [] });
    return { tracer: provider.getTracer('strongroom'), shutdown: () => provider.shutdown() };
  }
  const exporter = new OTLPTraceExporter({ url: `${otlpUrl}/v1/traces`, timeoutMillis: exportMsMax });
  const provider = new TracerProvider({ resource, spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('strongroom');
  const stopSteps = lastStep === undefined ? () => undefined : traceSteps({ tracer, lastStep, ratio });
  return {
    tracer,
    async shutdown() {
      stopSteps();
      await provider.shutdown();
    },
  };
}
