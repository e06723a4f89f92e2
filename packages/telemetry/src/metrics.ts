/**
 * Metrics by the OpenTelemetry SDK, exposed as Prometheus text and pushed over OTLP where that is configured. Labels are
 * a closed list of names whose values come from closed sets (operations, codes, components): never an id, a principal
 * or a value, which would tell what the log may not and grow without bound.
 */
import type { Attributes } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationType,
  MeterProvider,
  type MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

const labelNames = [
  'call',
  'class',
  'code',
  'component',
  'kind',
  'operation',
  'outcome',
  'pool',
  'reason',
  /** Names that a quorum agreed to, at most 16. */
  'sink',
  'state',
  'step',
  'task',
  /** Named in the configuration, at most 16. */
  'witness',
] as const;
export type MetricLabels = { readonly [Name in (typeof labelNames)[number]]?: string | undefined };

export interface CounterMetric {
  add(count: number, labels?: MetricLabels): void;
}

export interface LabelledValue {
  readonly value: number;
  readonly labels: MetricLabels;
}

export interface DurationMetric {
  record(seconds: number, labels?: MetricLabels): void;
}

export interface Metrics {
  counter(name: string, description: string): CounterMetric;
  /** Seconds; buckets from 0.1 ms to 10 s. */
  duration(name: string, description: string): DurationMetric;
  gauge(name: string, description: string, read: () => number): void;
  /** One value for each set of labels that there is now. */
  gauges(name: string, description: string, read: () => readonly LabelledValue[]): void;
  /** Prometheus text exposition format. */
  expose(): Promise<string>;
  shutdown(): Promise<void>;
}

const boundaries = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];
const pushMs = 15_000;
const exportMsMax = 2_000;
const valuePattern = /^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$/;
/** Witnesses are named as C2SP does it: a domain and a path. */
const witnessPattern = /^[a-z0-9][a-z0-9._/-]{0,126}$/;

/** Values that are no names from a closed set are told as `other`. */
function permitted(labels: MetricLabels | undefined): Attributes {
  const attributes: Attributes = {};
  if (labels === undefined) return attributes;
  for (const name of labelNames) {
    const value: unknown = labels[name];
    const pattern = name === 'witness' ? witnessPattern : valuePattern;
    if (value !== undefined)
      attributes[name] = typeof value === 'string' && pattern.test(value) ? value : 'other';
  }
  return attributes;
}

export function createMetrics(resource: Resource, otlpUrl: string | undefined): Metrics {
  const local = new PrometheusExporter({ preventServerStart: true });
  const readers: MetricReader[] = [local];
  if (otlpUrl !== undefined) {
    const exporter = new OTLPMetricExporter({ url: `${otlpUrl}/v1/metrics`, timeoutMillis: exportMsMax });
    readers.push(
      new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: pushMs,
        exportTimeoutMillis: exportMsMax,
      }),
    );
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
    counter(name, description) {
      const counter = meter.createCounter(name, { description });
      return { add: (count, labels) => counter.add(count, permitted(labels)) };
    },
    duration(name, description) {
      const histogram = meter.createHistogram(name, { description, unit: 's' });
      return { record: (seconds, labels) => histogram.record(seconds, permitted(labels)) };
    },
    gauge: (name, description, read) => {
      meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(read()));
    },
    gauges: (name, description, read) => {
      meter.createObservableGauge(name, { description }).addCallback((result) => {
        for (const { value, labels } of read()) result.observe(value, permitted(labels));
      });
    },
    expose: async () => serializer.serialize((await local.collect()).resourceMetrics),
    shutdown: () => provider.shutdown(),
  };
}
