/**
 * Makes spans of the steps that a process publishes: one for the request, below it one for each step, from the end of
 * the step before. The trace id is the request id (a UUID has exactly its 128 bits), so the spans of all processes that
 * worked on a request meet in one trace without a header that a carrier could read or forge.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ROOT_CONTEXT, type Span, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { type Step, stepChannelName } from './steps.ts';

export interface StepTracerOptions {
  readonly tracer: Tracer;
  /** The step after which a request is over. */
  readonly lastStep: string;
  /** Of all requests, the share that is traced; every process chooses the same ones. */
  readonly ratio: number;
}

interface OpenTrace {
  readonly span: Span;
  readonly startedAt: number;
  stepAt: number;
}

/** Requests that never reach their last step would stay for ever otherwise. */
const openMax = 2_048;
const requestIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Runs until the returned function is called. */
export function traceSteps({ tracer, lastStep, ratio }: StepTracerOptions): () => void {
  const open = new Map<string, OpenTrace>();

  const begin = (requestId: string, now: number, operation: string | undefined): OpenTrace => {
    const hex = requestId.replaceAll('-', '');
    const parent = { traceId: hex, spanId: hex.slice(16), traceFlags: TraceFlags.SAMPLED, isRemote: true };
    const context = trace.setSpanContext(ROOT_CONTEXT, parent);
    const span = tracer.startSpan(operation ?? 'request', { startTime: now }, context);
    const begun = { span, startedAt: now, stepAt: now };
    if (open.size >= openMax) forgetOldest();
    open.set(requestId, begun);
    return begun;
  };

  const forgetOldest = () => {
    for (const [requestId, { span, stepAt }] of open) {
      span.setAttribute('strongroom.abandoned', true).end(stepAt);
      open.delete(requestId);
      return;
    }
  };

  const listen = (message: unknown) => {
    const { name, requestId, operation } = message as Step;
    if (requestId === undefined || !requestIdPattern.test(requestId) || !isChosen(requestId, ratio)) return;
    const now = Date.now();
    const current = open.get(requestId) ?? begin(requestId, now, operation);
    if (operation !== undefined) current.span.updateName(operation);
    const below = trace.setSpan(ROOT_CONTEXT, current.span);
    tracer.startSpan(name, { startTime: current.stepAt }, below).end(now);
    current.stepAt = now;
    if (name !== lastStep) return;
    current.span.end(now);
    open.delete(requestId);
  };

  subscribe(stepChannelName, listen);
  return () => {
    unsubscribe(stepChannelName, listen);
    while (open.size > 0) forgetOldest();
  };
}

/** By the last 16 bits of the id, which are random in version 7. */
function isChosen(requestId: string, ratio: number): boolean {
  return Number.parseInt(requestId.slice(-4), 16) < ratio * 65_536;
}
