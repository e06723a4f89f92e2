export { createTelemetry, type Telemetry, type TelemetryOptions } from './create-telemetry.ts';
export type { LogFields } from './log-fields.ts';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.ts';
export type { CounterMetric, DurationMetric, MetricLabels, Metrics } from './metrics.ts';
export { type BusWatch, observeBus } from './observe-bus.ts';
export { reportTo } from './report-to.ts';
export { type StepTracerOptions, traceSteps } from './step-tracer.ts';
export { publishStep, type Step, stepChannelName } from './steps.ts';
export type { Tracing } from './tracing.ts';
