/**
 * Metrics by the OpenTelemetry API, exposed as Prometheus text and pushed over OTLP where that is configured. Labels
 * are names from closed sets (operations, codes, components), never ids or values.
 */
import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationType,
  MeterProvider,
  type MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

export interface Metrics {
  readonly meter: Meter;
  counter(name: string, description: string): Counter;
  /** Seconds; buckets from 0.1 ms to 10 s. */
  duration(name: string, description: string): Histogram;
  gauge(name: string, description: string, read: () => number): void;
  /** Prometheus text exposition format. */
  expose(): Promise<string>;
  shutdown(): Promise<void>;
}

const boundaries = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const pushMs = 15_000;

export function createMetrics(resource: Resource, otlpUrl: string | undefined): Metrics {
  const local = new PrometheusExporter({ preventServerStart: true });
  const readers: MetricReader[] = [local];
  if (otlpUrl !== undefined) {
    const exporter = new OTLPMetricExporter({ url: `${otlpUrl}/v1/metrics` });
    readers.push(new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: pushMs }));
  }
  const provider = new MeterProvider({
    resource,
    readers,
    views: [
      {
        instrumentUnit: 's',
        aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries } },
      },
    ],
  });
  const meter = provider.getMeter('strongroom');
  const serializer = new PrometheusSerializer();
  return {
    meter,
    counter: (name, description) => meter.createCounter(name, { description }),
    duration: (name, description) => meter.createHistogram(name, { description, unit: 's' }),
    gauge: (name, description, read) => {
      meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(read()));
    },
    expose: async () => serializer.serialize((await local.collect()).resourceMetrics),
    shutdown: () => provider.shutdown(),
  };
}
